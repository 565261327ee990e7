//! `faceauth eval` on recordings whose truth the test knows.

use std::fs;
use std::process::Output;

use faceauth_domain::challenge::Action;
use faceauth_test_support::clips::{self, Codec};
use faceauth_test_support::head::{Head, Person};
use faceauth_test_support::{performance, photos};

use crate::server::{Folder, faceauth};

/// Frames a second of the clips.
const FPS: u32 = 4;

fn eval_pad(arguments: &[String]) -> (Output, String) {
    let output = faceauth().args(["eval", "pad"]).args(arguments).output().expect("run");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output, text)
}

#[test]
fn pad_errors_are_counted_by_medium_and_species() {
    let folder = Folder::new("eval-pad");
    let (people, stills) = (folder.0.join("people"), folder.0.join("stills"));
    for dir in [&people, &stills] {
        fs::create_dir_all(dir).expect("a folder");
    }
    let moments = performance::perform(&[Action::TurnLeft, Action::LookUp], 1);
    let head = Head::of(Person::Obama);
    let frames: Vec<_> =
        moments.iter().take(20).map(|moment| head.render(&moment.view, 640, 480)).collect();
    fs::write(people.join("turns.webm"), clips::encode(&frames, FPS, 2_000, Codec::Vp8))
        .expect("write");
    let still = vec![frames[0].clone(); 20];
    fs::write(stills.join("still.mp4"), clips::encode(&still, FPS, 2_000, Codec::H264))
        .expect("write");
    for (name, photo) in [("a.jpg", photos::OBAMA), ("four.jpg", photos::GROUP_OF_FOUR)] {
        fs::write(people.join(name), photos::bytes(photo)).expect("write");
    }
    fs::write(people.join("broken.png"), b"no picture").expect("write");
    fs::write(people.join("notes.txt"), b"not looked at").expect("write");

    let people = format!("--bonafide={}", people.display());
    let attack = format!("--attack=still={}", stills.display());
    let (output, text) = eval_pad(&[people.clone(), attack]);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaints}");
    for line in [
        "| picture | bona fide | 2 | 2 | 1 | BPCER 0.0 % (0.0 to 79.3) | 1 of 2 |",
        "| picture | bona fide | `multiple_faces` 1 |",
        "| clip | bona fide | 1 | 1 | 0 | BPCER 0.0 % (0.0 to 79.3) | 1 of 1 |",
        "| clip | still | 1 | 1 | 0 | APCER 0.0 % (0.0 to 79.3) | 0 of 1 |",
        "| clip | still | `frozen_frames` 1",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(complaints.contains("left out") && complaints.contains("broken.png"), "{complaints}");
    assert!(!complaints.contains("notes.txt"), "{complaints}");

    // A wrong path must not look like a perfect score.
    let (output, _) = eval_pad(&[people, format!("--attack=print={}/none", folder.0.display())]);
    assert!(!output.status.success());
}
