//! `faceauth eval` on recordings whose truth the test knows.

use std::fs;
use std::path::Path;
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

/// The frames of these moments, drawn of one person up to frame `from` and of another one after it.
fn performed(first: Person, from: usize, then: Person) -> Vec<(u32, image::RgbImage)> {
    let heads = [Head::of(first), Head::of(then)];
    let moments = performance::perform(&[Action::TurnLeft, Action::LookUp], 1);
    moments
        .iter()
        .enumerate()
        .map(|(index, moment)| {
            let head = &heads[usize::from(index >= from)];
            (moment.t_ms, head.render(&moment.view, 640, 480))
        })
        .collect()
}

/// The most numbers that stand in one list of a report, however deep.
fn longest_list_of_numbers(value: &serde_json::Value) -> usize {
    match value {
        serde_json::Value::Array(items) => {
            let numbers = items.iter().filter(|item| item.is_number()).count();
            items.iter().map(longest_list_of_numbers).max().unwrap_or(0).max(numbers)
        }
        serde_json::Value::Object(fields) => {
            fields.values().map(longest_list_of_numbers).max().unwrap_or(0)
        }
        _ => 0,
    }
}

#[test]
fn liveness_is_explained_frame_by_frame() {
    let folder = Folder::new("eval-liveness");
    let captures = folder.0.join("captures");
    let two = captures.join("two");
    fs::create_dir_all(&two).expect("a folder");
    let frames: Vec<_> =
        performed(Person::Obama, 99, Person::Obama).into_iter().map(|(_, frame)| frame).collect();
    fs::write(captures.join("turns.webm"), clips::encode(&frames, FPS, 2_000, Codec::Vp8))
        .expect("write");
    let nobody = clips::test_picture((320, 240), 10, 3.0, 200, Codec::Vp8);
    fs::write(captures.join("nobody.webm"), &nobody).expect("write");
    let broken = [&b"\0\0\0\x20ftypisom"[..], &[7; 4_096]].concat();
    fs::write(captures.join("<broken>.mp4"), broken).expect("write");
    for (t_ms, frame) in performed(Person::Obama, 5, Person::Collins) {
        fs::write(two.join(format!("{t_ms:05}.jpg")), photos::jpeg(&frame, 90)).expect("write");
    }
    let (json, html) = (folder.0.join("report.json"), folder.0.join("report.html"));
    let run = |captures: &Path| {
        let output = faceauth()
            .args(["eval", "liveness"])
            .arg(captures)
            .arg("--json")
            .arg(&json)
            .arg("--html")
            .arg(&html)
            .output()
            .expect("run");
        let (said, text) = (String::from_utf8_lossy(&output.stderr), output.stdout);
        (output.status.success(), said.into_owned(), String::from_utf8_lossy(&text).into_owned())
    };
    let (ok, said, text) = run(&captures);
    assert!(ok && said.contains("left out") && said.contains("cannot be decoded"), "{said}");
    let report: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&json).expect("a report")).expect("JSON");
    let of = |name: &str| {
        let all = report["captures"].as_array().expect("captures");
        all.iter().find(|capture| capture["name"] == name).expect("the capture").clone()
    };
    assert!(of("<broken>.mp4")["problem"].is_string());

    let turns = of("turns.webm");
    let frames = turns["frames"].as_array().expect("frames");
    let most = |pointer: &str| {
        let values = frames.iter().filter_map(|frame| frame.pointer(pointer)?.as_f64());
        values.fold(f64::MIN, f64::max)
    };
    assert!(most("/pose/yaw") > 18.0 && most("/pose/pitch") > 12.0, "{turns}");
    assert!(most("/relief/depth") > 0.05, "{turns}");
    let least = |pointer: &str| {
        let values = frames.iter().filter_map(|frame| frame.pointer(pointer)?.as_f64());
        values.fold(f64::MAX, f64::min)
    };
    assert!(least("/score/whole") > 0.4 && least("/score/first_stage") > 0.3, "{turns}");
    assert_eq!(turns["transitions"].as_array().map(Vec::len), Some(frames.len() - 1));
    // In some frames the detector may take the pattern for a bad face.
    assert_eq!(of("nobody.webm")["reasons"][0], "no_face");
    let reasons = of("two")["reasons"].to_string();
    assert!(reasons.contains("identity_changed"), "{reasons}");
    assert!(text.contains("- refused, `identity_changed`: The frames"), "{text}");
    assert!(text.contains("| mean PAD score, 0 to 1 |"), "{text}");
    assert!(text.contains("Not looked at"), "{text}");

    // Figures and names alone.
    let page = fs::read_to_string(&html).expect("a page");
    assert!(
        page.contains("&lt;broken&gt;.mp4") && page.contains("<b>Refused, <code>no_face"),
        "{page}"
    );
    assert!(page.matches("<polyline").count() > 8, "curves");
    for foreign in ["http", "<img", "<image", "data:", "base64", "<script"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    assert_eq!(longest_list_of_numbers(&report), 0, "no list of numbers is an embedding");
    assert!(!report.to_string().contains("embedding"), "{report}");

    // Nothing to look at says what to do, and nothing that could be looked at is an error.
    let empty = folder.0.join("empty");
    fs::create_dir(&empty).expect("a folder");
    let (ok, said, _) = run(&empty);
    assert!(!ok && said.contains("put clips (MP4, WebM) into it"), "{said}");
    fs::write(empty.join("a.mp4"), b"no clip").expect("write");
    let (ok, said, text) = run(&empty);
    assert!(!ok && said.contains("none of 1 captures could be looked at"), "{said}");
    assert!(text.contains("## a.mp4"), "{text}");
    assert!(!run(&folder.0.join("none")).0);
}
