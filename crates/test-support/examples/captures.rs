//! Draws captures for `bench/liveness.py`: one person who answers each challenge that is drawn by
//! default. `cargo run -p faceauth-test-support --example captures -- FOLDER`.
//!
//! Writes `straight.jpg`, to enrol with, and for each challenge a folder named by its steps, such as
//! `turn_left-look_up-turn_right`, with frames named by their time in milliseconds.

use std::fs;
use std::path::{Path, PathBuf};

use faceauth_test_support::head::{Head, Person, View};
use faceauth_test_support::{performance, photos};

/// What a webcam sends.
const SIZE: (u32, u32) = (640, 480);

/// JPEG quality of the frames, as cameras and browsers encode them.
const QUALITY: u8 = 90;

/// Frames of a capture.
const FRAMES: usize = 12;

fn main() {
    let folder = std::env::args_os().nth(1).map(PathBuf::from).expect("name a folder");
    let head = Head::of(Person::Obama);
    fs::create_dir_all(&folder).expect("make the folder");
    write(&head, &View::default(), &folder.join("straight.jpg"));
    for (challenge, seed) in performance::challenges().iter().zip(0..) {
        let steps: Vec<&str> = challenge.steps().iter().map(|step| step.as_str()).collect();
        let capture = folder.join(steps.join("-"));
        fs::create_dir_all(&capture).expect("make the folder");
        let moments = performance::perform(challenge.steps(), seed);
        // Evenly chosen, the first and the last among them.
        let chosen = |index: usize| &moments[index * (moments.len() - 1) / (FRAMES - 1)];
        for moment in (0..FRAMES.min(moments.len())).map(chosen) {
            write(&head, &moment.view, &capture.join(format!("{:05}.jpg", moment.t_ms)));
        }
    }
}

fn write(head: &Head, view: &View, file: &Path) {
    let picture = head.render(view, SIZE.0, SIZE.1);
    fs::write(file, photos::jpeg(&picture, QUALITY)).expect("write the picture");
}
