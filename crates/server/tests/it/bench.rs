//! `faceauth bench` on a service and in a process of its own.

use std::fs;

use faceauth_domain::challenge::Action;
use faceauth_test_support::head::{Head, Person};
use faceauth_test_support::{performance, photos};
use serde_json::Value;

use crate::server::{Folder, Server, faceauth};

fn report(path: &std::path::Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).expect("a report")).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_of_a_service_are_measured_and_nobody_stays_behind() {
    let server = Server::start("bench").await;
    let folder = Folder::new("bench-report");
    let (json, html) = (folder.0.join("bench.json"), folder.0.join("bench.html"));
    let photo = folder.0.join("face.jpg");
    fs::write(&photo, photos::bytes(photos::OBAMA_OTHER_DAY)).expect("write");
    let pid = server.pid().to_string();
    let output = faceauth()
        .args(["bench", "--url", server.base(), "--pid", &pid, "--seconds", "1", "--rate", "4"])
        .arg("--image")
        .arg(&photo)
        .arg("--json")
        .arg(&json)
        .arg("--html")
        .arg(&html)
        .output()
        .expect("run");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("| 4 a second |"), "{text}");
    let report = report(&json);
    let runs = report["runs"].as_array().expect("runs");
    assert_eq!(runs.len(), 2);
    for run in runs {
        assert!(run["done"].as_u64().expect("a count") > 0, "{report}");
        assert!(run["cpu_ms"].as_f64().expect("a cost") > 0.0, "{report}");
        assert!(run["peak_mb"].as_f64().expect("memory") > 50.0, "{report}");
        assert_eq!(run["failed"], serde_json::json!({}), "{report}");
    }
    assert!(fs::read_to_string(&html).expect("a page").contains("<svg"));
    let stats = server.operator(&["users", "--model-stats"]).output().expect("run");
    let stats = String::from_utf8_lossy(&stats.stdout).into_owned();
    assert!(!stats.contains("current"), "nobody is left: {stats}");

    // What the service refuses is said, and nothing is measured.
    fs::write(&photo, photos::bytes("coffee.png")).expect("write");
    let refused = faceauth()
        .args(["bench", "--url", server.base(), "--image"])
        .arg(&photo)
        .output()
        .expect("run");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("no_face"), "{said}");
}

#[test]
fn the_analysis_is_measured_stage_by_stage() {
    let folder = Folder::new("bench-in-process");
    let json = folder.0.join("bench.json");
    let photo = folder.0.join("face.jpg");
    let (portrait, somebody) = (folder.0.join("portrait.jpg"), folder.0.join("somebody.jpg"));
    for (file, picture) in
        [(&photo, photos::OBAMA_OTHER_DAY), (&portrait, photos::OBAMA), (&somebody, photos::BIDEN)]
    {
        fs::write(file, photos::bytes(picture)).expect("write");
    }
    let output = faceauth()
        .args(["bench", "--seconds", "1", "--rate", "3", "--image"])
        .arg(&photo)
        .arg("--enrolled")
        .arg(&portrait)
        .arg("--json")
        .arg(&json)
        .output()
        .expect("run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report = report(&json);
    let stages: Vec<&str> = report["stages_ms"]
        .as_array()
        .expect("stages")
        .iter()
        .map(|stage| stage["stage"].as_str().expect("a name"))
        .collect();
    let expected = ["decode", "detect", "landmarks", "align", "pose and quality"];
    assert_eq!(stages[..5], expected);
    assert_eq!(stages[5..].len(), 4, "{stages:?}");
    assert!(report["runs"][1]["offered_a_second"] == 3.0, "{report}");

    // Somebody else does not sign in, and nothing is measured.
    let refused = faceauth()
        .args(["bench", "--image"])
        .arg(&photo)
        .arg("--enrolled")
        .arg(&somebody)
        .output()
        .expect("run");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("NonMatch"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_liveness_capture_is_measured_in_process_and_on_a_service() {
    let folder = Folder::new("bench-liveness");
    let (json, capture) = (folder.0.join("bench.json"), folder.0.join("capture"));
    fs::create_dir(&capture).expect("a folder");
    let head = Head::of(Person::Obama);
    for moment in performance::perform(&[Action::TurnLeft, Action::LookUp], 1) {
        let picture = photos::jpeg(&head.render(&moment.view, 640, 480), 90);
        fs::write(capture.join(format!("{:04}.jpg", moment.t_ms)), picture).expect("write");
    }
    let bench = |steps: &str| {
        let mut command = faceauth();
        command.args(["bench", "--seconds", "1", "--rate", "1", "--steps", steps]);
        command.arg("--liveness").arg(&capture).arg("--json").arg(&json);
        command.output().expect("run")
    };
    let measured = bench("turn_left,look_up");
    assert!(measured.status.success(), "{}", String::from_utf8_lossy(&measured.stderr));
    let stages = report(&json)["stages_ms"].as_array().expect("stages").len();
    assert_eq!(stages, 7);

    // A capture that answers other steps is no measure of one that passes.
    let refused = bench("turn_right,look_up");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("unexpected_motion"), "{said}");

    let server = Server::start("bench-captures").await;
    let output = faceauth()
        .args(["bench", "--url", server.base(), "--seconds", "1", "--rate", "3", "--liveness"])
        .arg(&capture)
        .arg("--json")
        .arg(&json)
        .output()
        .expect("run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report = report(&json);
    let most = &report["runs"][0];
    assert!(most["done"].as_u64().expect("a count") > 0, "{report}");
    assert_eq!(most["failed"], serde_json::json!({}), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_filled_and_one_with_people_is_left_alone() {
    let server = Server::start("seed").await;
    let seed = |people: &str, more: &[(&str, &str)]| {
        let mut command = server.operator(&["bench", "seed", "--people", people]);
        command.env("FACEAUTH__MODE", "development").envs(more.iter().copied());
        let output = command.output().expect("run");
        let text = [&output.stdout[..], &output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    };
    let (ok, text) = seed("2", &[]);
    assert!(ok && text.contains("2 people are there, 2 of them new"), "{text}");
    let (ok, text) = seed("3", &[]);
    assert!(ok && text.contains("3 people are there, 1 of them new"), "{text}");
    let (ok, text) = seed("3", &[("FACEAUTH__MODE", "production")]);
    assert!(!ok && text.contains("--anyway"), "{text}");
    assert_eq!(server.register("ada", &photos::bytes(photos::OBAMA)).status, 201);
    let (ok, text) = seed("4", &[]);
    assert!(!ok && text.contains("--anyway"), "{text}");
    let output = server.operator(&["bench", "seed", "--people", "4", "--anyway"]).output();
    assert!(output.expect("run").status.success());
}
