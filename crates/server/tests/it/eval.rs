//! `faceauth eval` on recordings whose truth the test knows.

use std::fs;
use std::process::Output;

use faceauth_domain::challenge::Action;
use faceauth_test_support::clips::{self, Codec};
use faceauth_test_support::head::{Head, Person};
use faceauth_test_support::{hostile, performance, photos};

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
    let (json, html) = (folder.0.join("pad.json"), folder.0.join("pad.html"));
    let (json_to, html_to) =
        (format!("--json={}", json.display()), format!("--html={}", html.display()));
    let (output, text) = eval_pad(&[people.clone(), attack, json_to, html_to]);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaints}");
    for line in [
        "| picture | bona fide | 2 | 2 | 1 | BPCER 0.0 % (0.0 to 79.3) | 1 of 2 |",
        "| picture | bona fide | `multiple_faces` 1 |",
        "- picture without a response, bona fide: `four.jpg`, multiple_faces",
        "| clip | bona fide | 1 | 1 | 0 | BPCER 0.0 % (0.0 to 79.3) | 1 of 1 |",
        "| clip | still | 1 | 1 | 0 | APCER 0.0 % (0.0 to 79.3) | 0 of 1 |",
        "| clip | still | `frozen_frames` 1",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let report: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&json).expect("a report")).expect("JSON");
    assert_eq!(report["tradeoffs"][0]["input"], "clip", "{report}");
    let page = fs::read_to_string(&html).expect("a page");
    assert!(page.contains("<svg") && !page.contains("http"), "self-contained");
    assert!(complaints.contains("left out") && complaints.contains("broken.png"), "{complaints}");
    assert!(!complaints.contains("notes.txt"), "{complaints}");

    // A wrong path must not look like a perfect score.
    let (output, _) = eval_pad(&[people, format!("--attack=print={}/none", folder.0.display())]);
    assert!(!output.status.success());
}

#[test]
fn verification_errors_are_counted_and_reported_in_three_forms() {
    let folder = Folder::new("eval-verification");
    for (person, number, photo) in [
        ("obama", 1, photos::OBAMA),
        ("obama", 2, photos::OBAMA_OTHER_DAY),
        ("biden", 1, photos::BIDEN),
        ("nobody", 1, "coffee.png"),
        ("women", 1, photos::GROUP_OF_FOUR),
    ] {
        let dir = folder.0.join("images").join(person);
        fs::create_dir_all(&dir).expect("a folder");
        // Pictures are told by their content, not by their names.
        fs::write(dir.join(format!("{person}_{number:04}.jpg")), photos::bytes(photo))
            .expect("write");
    }
    let pairs = folder.0.join("pairs.txt");
    fs::write(&pairs, "1 2\nobama 1 2\nobama 1 1\nobama 1 biden 1\nobama 2 nobody 1\n")
        .expect("write");
    let (json, html) = (folder.0.join("report.json"), folder.0.join("report.html"));
    let run_on = |images: &str, arguments: &[&str]| {
        let images = folder.0.join(images);
        let output = faceauth()
            .args(["eval", "verification", "--images"])
            .arg(images)
            .args(arguments)
            .output()
            .expect("run");
        let text = [&output.stdout[..], &output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    };
    let run = |arguments: &[&str]| run_on("images", arguments);
    let path = |path: &std::path::Path| path.to_str().expect("a path").to_owned();
    let (ok, text) =
        run(&["--pairs", &path(&pairs), "--json", &path(&json), "--html", &path(&html)]);
    assert!(ok, "{text}");
    assert!(text.contains("4 pictures of 3 people; 2 mated and 2 non-mated"), "{text}");
    assert!(text.contains("No usable face on 1 pictures"), "{text}");
    assert!(text.contains("- `nobody/nobody_0001.jpg`: no_face"), "{text}");
    let report: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&json).expect("a report")).expect("JSON");
    let configured = &report["thresholds"][0];
    assert_eq!(configured["fnmr"]["errors"], 0, "{report}");
    assert_eq!(configured["fmr"]["errors"], 0, "{report}");
    assert_eq!(configured["fmr"]["comparisons"], 2, "{report}");
    let page = fs::read_to_string(&html).expect("a page");
    assert!(page.contains("<svg") && !page.contains("http"), "self-contained");

    // A picture that is too large and one that is none cost nothing but themselves.
    let large = hostile::png_claiming(5_000, 3_000);
    for (name, bytes) in [("large_0001.jpg", &large[..]), ("text_0001.jpg", b"no picture")] {
        let dir = folder.0.join("odd").join(name.split('_').next().expect("a name"));
        fs::create_dir_all(&dir).expect("a folder");
        fs::write(dir.join(name), bytes).expect("write");
    }
    let (ok, text) = run_on("odd", &[]);
    assert!(text.contains("- `large/large_0001.jpg`: image_dimensions_too_large"), "{ok} {text}");
    assert!(text.contains("- `text/text_0001.jpg`: unsupported_media_type"), "{ok} {text}");

    // Comparisons within a group; the head of the file is none.
    let groups = folder.0.join("groups.csv");
    fs::write(&groups, "person,group\nobama,men\nbiden,men\nnobody,things\n").expect("write");
    let (ok, text) = run(&["--pairs", &path(&pairs), "--groups", &path(&groups)]);
    assert!(ok && text.contains("| men | 2 | 0.0 % (0.0 to 65.8) | 1 | 0.00e0 ("), "{text}");
    assert!(text.contains("| things | 0 | - | 0 | - |") && !text.contains("| group | 0"), "{text}");

    // Everybody with everybody; one of the four women is taken when that is asked for.
    let (ok, text) = run(&[]);
    assert!(ok && text.contains("No usable face on 2 pictures"), "{text}");
    let (ok, text) = run(&["--central"]);
    assert!(ok && text.contains("5 pictures of 4 people; 1 mated and 9 non-mated"), "{text}");
    assert!(text.contains("No usable face on 1 pictures"), "{text}");

    // What was looked at once is not looked at again, and nobody reads it without the keys.
    let keys = folder.0.join("keys");
    let made = faceauth().args(["keys", "init", "--dir"]).arg(&keys).status().expect("run");
    assert!(made.success());
    let cache = folder.0.join("cache.jsonl");
    let cached = |keys: &std::path::Path| {
        let output = faceauth()
            .args(["eval", "verification", "--images"])
            .arg(folder.0.join("images"))
            .arg("--cache")
            .arg(&cache)
            .env("FACEAUTH__KEYS__DIR", keys)
            .output()
            .expect("run");
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (ok, first) = cached(&keys);
    let kept = fs::read_to_string(&cache).expect("a cache");
    assert!(ok && kept.lines().count() == 5 && kept.contains("seal-1"), "{kept}");
    let (ok, second) = cached(&keys);
    assert!(ok && second == first, "{second}");
    assert_eq!(fs::read_to_string(&cache).expect("a cache"), kept);
    assert!(!cached(&folder.0.join("no-keys")).0);

    // Nine strangers cannot show that one in ten thousand passes; they can show one in three.
    let manifest = folder.0.join("manifest.toml");
    let calibrate = |fmr: &str| {
        let output = faceauth()
            .args(["calibrate", "--central", "--fmr", fmr, "--images"])
            .arg(folder.0.join("images"))
            .arg("--out")
            .arg(&manifest)
            .output()
            .expect("run");
        let text = [&output.stdout[..], &output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    };
    let (ok, text) = calibrate("1e-4");
    assert!(!ok && text.contains("at least 30000 are needed"), "{text}");
    assert!(!manifest.exists());
    let (ok, text) = calibrate("0.4");
    assert!(ok && text.contains("FMR 4e-1: cosine"), "{text}");
    let written = fs::read_to_string(&manifest).expect("a manifest");
    assert!(
        written.contains("fmr = 0.4\n") && written.contains("of 9 non-mated pairs"),
        "{written}"
    );
    assert!(written.contains("cosine = 0.3971"), "the others stay");

    fs::write(&pairs, "1 1\nobama 1 9\nobama 1 biden 1\n").expect("write");
    let (ok, text) = run(&["--pairs", &path(&pairs)]);
    assert!(!ok && text.contains("obama_0009.jpg"), "{text}");
}

#[test]
fn the_matcher_alone_is_measured_on_faces_of_any_quality() {
    let folder = Folder::new("eval-any-quality");
    for (person, photo) in [("obama", photos::OBAMA), ("biden", photos::BIDEN)] {
        let dir = folder.0.join(person);
        fs::create_dir_all(&dir).expect("a folder");
        fs::write(dir.join("1.jpg"), photos::bytes(photo)).expect("write");
    }
    let mut night = photos::pixels(photos::OBAMA_OTHER_DAY);
    for value in night.iter_mut() {
        *value /= 10;
    }
    fs::write(folder.0.join("obama/2.jpg"), photos::jpeg(&night, 95)).expect("write");
    let run = |flags: &[&str]| {
        let output = faceauth()
            .args(["eval", "verification", "--images"])
            .arg(&folder.0)
            .args(flags)
            .output()
            .expect("run");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let service = run(&[]);
    assert!(service.contains("No usable face on 1 pictures"), "{service}");
    assert!(service.contains("- `obama/2.jpg`: too_dark"), "{service}");
    assert!(service.contains("| 100.0 % (20.7 to 100.0) | 0.00 % |"), "{service}");
    let matcher = run(&["--quality", "any"]);
    assert!(matcher.contains("No usable face on 0 pictures"), "{matcher}");
    assert!(matcher.contains("| 0.0 % (0.0 to 79.3) | 100.00 % |"), "{matcher}");
}
