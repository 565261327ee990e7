//! Both body forms, and bodies nobody should send.

use std::io::{Read, Write};
use std::net::TcpStream;

use faceauth_test_support::hostile;
use faceauth_test_support::scripted::Shows;
use serde_json::json;

use crate::app::{Answer, App, base64, probe, registration};
use crate::form::{BOUNDARY, send_form};

fn probe_file(app: &App, media_type: &str, bytes: &[u8]) -> Answer {
    send_form(
        app,
        "/verify",
        &[("username", None, b"ada"), ("face_image", Some(media_type), bytes)],
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_and_json_and_data_urls_are_the_same() {
    let app = App::start().await;
    let picture = Shows::Person(0).picture();
    let enrolled = send_form(
        &app,
        "/register",
        &[
            ("username", None, b"ada"),
            ("consent.policy_version", None, b"1"),
            ("consent.granted", None, b"true"),
            ("face_images", Some("image/png"), &picture),
            ("face_images", Some("application/octet-stream"), &picture),
        ],
    );
    assert_eq!(enrolled.status, 201, "{}", enrolled.text());
    assert_eq!(enrolled.json()["faces"].as_array().map(Vec::len), Some(2));
    assert_eq!(probe_file(&app, "image/png", &picture).status, 200);
    assert_eq!(probe_file(&app, "image/jpeg", &Shows::Person(0).jpeg()).status, 200);
    assert_eq!(app.verify("ada", Shows::Person(0)).status, 200);
    let url = format!("data:image/png;base64,{}", base64(&picture));
    assert_eq!(app.post("/verify", &json!({"username": "ada", "face_image": url})).status, 200);
    let found = send_form(&app, "/detect", &[("image", Some("image/png"), &picture)]);
    assert_eq!(
        found.json(),
        json!({
            "image": {"width": 8, "height": 8},
            "faces": [{
                "box": {"x": 1.0, "y": 2.0, "width": 3.0, "height": 4.0},
                "landmarks": {
                    "eye_image_left": {"x": 2.0, "y": 3.0},
                    "eye_image_right": {"x": 2.0, "y": 3.0},
                    "nose": {"x": 2.0, "y": 3.0},
                    "mouth_image_left": {"x": 2.0, "y": 3.0},
                    "mouth_image_right": {"x": 2.0, "y": 3.0},
                },
                "quality": {"acceptable": true, "reasons": []},
            }],
        })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_boolean_of_a_form_counts_in_either_case() {
    let app = App::start().await;
    let picture = Shows::Person(0).picture();
    let cases = [
        ("true", 201, ""),
        ("True", 201, ""),
        ("False", 403, "consent_required"),
        ("yes", 400, "invalid_field"),
        ("None", 400, "invalid_field"),
    ];
    for (number, (granted, status, code)) in cases.into_iter().enumerate() {
        let answer = send_form(
            &app,
            "/register",
            &[
                ("username", None, format!("ada{number}").as_bytes()),
                ("consent.policy_version", None, b"1"),
                ("consent.granted", None, granted.as_bytes()),
                ("face_image", Some("image/png"), &picture),
            ],
        );
        assert_eq!(answer.status, status, "{granted}: {}", answer.text());
        if status != 201 {
            assert_eq!(
                (answer.code().as_str(), answer.pointer().as_str()),
                (code, "/consent/granted")
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_what_their_bytes_are() {
    let app = App::start().await;
    let png = Shows::Person(0).picture();
    let cases: [(&str, &[u8], u16, &str); 4] = [
        ("image/jpeg", b"a text that is named face.jpg", 415, "unsupported_media_type"),
        ("text/html", &png, 415, "image_format_mismatch"),
        ("image/png", &hostile::png_claiming(30_000, 30_000), 413, "image_dimensions_too_large"),
        ("image/png", &[], 415, "unsupported_media_type"),
    ];
    for (media_type, bytes, status, code) in cases {
        let refused = probe_file(&app, media_type, bytes);
        assert_eq!((refused.status, refused.code().as_str()), (status, code));
        assert_eq!(refused.pointer(), "/face_image");
    }
    let url = format!("data:text/html;base64,{}", base64(&png));
    let refused = app.post("/verify", &json!({"username": "ada", "face_image": url}));
    assert_eq!(refused.code(), "image_format_mismatch");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_large_is_readable_however_it_is_sent() {
    let app = App::start().await;
    let big = vec![b'x'; 11 * 1024 * 1024];
    let json = app.send("POST", "/verify", &[("content-type", "application/json")], &big);
    assert_eq!(json.code(), "payload_too_large");
    assert_eq!(probe_file(&app, "image/jpeg", &big).code(), "payload_too_large");
    // Refused for another reason, before the body is looked at.
    let text = app.send("POST", "/verify", &[("content-type", "text/plain")], &big[..9 << 20]);
    assert_eq!(text.code(), "unsupported_media_type");
    assert!(chunked(&app, &big).starts_with("HTTP/1.1 413"), "a chunked body");
}

/// Sends everything in chunks, without a Content-Length, before reading.
fn chunked(app: &App, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(app.base.trim_start_matches("http://")).expect("connect");
    let head = "POST /verify HTTP/1.1\r\nHost: faceauth.test\r\nConnection: close\r\n\
                Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).expect("send");
    for chunk in body.chunks(64 * 1024) {
        stream.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).expect("send");
        stream.write_all(chunk).expect("send");
        stream.write_all(b"\r\n").expect("send");
    }
    stream.write_all(b"0\r\n\r\n").expect("send");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_fields_are_named() {
    let app = App::start().await;
    let good = probe("ada", Shows::Person(0));
    let with = |field: &str, value: serde_json::Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    let refused = |body: &serde_json::Value| {
        let answer = app.post("/verify", body);
        (answer.code(), answer.pointer())
    };
    let pair = |code: &str, pointer: &str| (code.to_owned(), pointer.to_owned());
    assert_eq!(refused(&json!({"face_image": "aGk="})), pair("missing_field", "/username"));
    assert_eq!(refused(&json!({"username": "ada"})), pair("missing_field", "/face_image"));
    assert_eq!(refused(&with("username", json!(7))), pair("invalid_field", "/username"));
    assert_eq!(refused(&with("username", json!("a b"))), pair("invalid_field", "/username"));
    assert_eq!(refused(&with("face_image", json!("%%"))), pair("invalid_base64", "/face_image"));
    assert_eq!(
        refused(&with("face_image", json!({"part": 9}))),
        pair("invalid_field", "/face_image")
    );
    assert_eq!(refused(&with("face_image", json!("/etc/passwd"))).0, "invalid_base64");

    let mut body = registration("ada", &[Shows::Person(0)]);
    body["consent"]["granted"] = json!(false);
    let refused = app.post("/register", &body);
    assert_eq!((refused.code(), refused.pointer()), pair("consent_required", "/consent/granted"));
    body["consent"] = json!({"granted": true});
    let refused = app.post("/register", &body);
    assert_eq!(
        (refused.code(), refused.pointer()),
        pair("missing_field", "/consent/policy_version")
    );
    assert_eq!(app.post("/register", &registration("ada", &[])).code(), "invalid_field");
    assert_eq!(
        app.post("/register", &registration("ada", &[Shows::Person(0); 6])).code(),
        "invalid_field"
    );
    let mut both = registration("ada", &[Shows::Person(0)]);
    both["face_image"] = json!("aGk=");
    assert_eq!(app.post("/register", &both).code(), "invalid_field");
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_bodies_are_refused_and_harm_nobody() {
    let app = App::start().await;
    let deep = "[".repeat(200_000);
    let many: Vec<(&str, Option<&str>, &[u8])> = vec![("username", None, b"x"); 50];
    let other: Vec<(&str, Option<&str>, &[u8])> =
        (0..40).map(|_| ("image", Some("image/png"), &b"x"[..])).collect();
    let json =
        |body: &[u8]| app.send("POST", "/verify", &[("content-type", "application/json")], body);
    let answers = [
        json(deep.as_bytes()),
        json(b"\xff\xfe\x00"),
        json(b""),
        json(b"null"),
        send_form(&app, "/verify", &many),
        send_form(&app, "/detect", &other),
        send_form(&app, "/verify", &[("username", None, &[0xFF; 64])]),
        send_form(&app, "/verify", &[("username", None, &[b'a'; 100_000])]),
        app.send("POST", "/verify", &[("content-type", "multipart/form-data")], b"--x"),
        app.send("POST", "/verify", &[("content-type", "multipart/form-data; boundary=x")], b"--y"),
        app.send("POST", "/verify", &[], b"hello"),
        app.send(
            "POST",
            "/token/refresh",
            &[("content-type", "application/json")],
            &[b' '; 20_000],
        ),
    ];
    for answer in &answers {
        assert!((400..500).contains(&answer.status), "{} {}", answer.status, answer.text());
        answer.code();
    }
    // The same noise every time: a multiplicative congruential generator (Lehmer, 48271).
    let mut state = 1_u32;
    let mut noise = |length: usize| -> Vec<u8> {
        let mut next = || {
            state = (u64::from(state) * 48_271 % 2_147_483_647) as u32;
            (state >> 8) as u8
        };
        (0..length).map(|_| next()).collect()
    };
    for length in [1, 10, 100, 1_000, 10_000, 100_000] {
        let bytes = noise(length);
        let after_header = [Shows::Person(0).picture()[..16].to_vec(), bytes.clone()].concat();
        let boundary = format!("multipart/form-data; boundary={BOUNDARY}");
        for answer in [
            json(&bytes),
            app.send("POST", "/verify", &[("content-type", &boundary)], &bytes),
            probe_file(&app, "image/png", &bytes),
            probe_file(&app, "image/png", &after_header),
        ] {
            assert!((400..500).contains(&answer.status), "{length}: {}", answer.text());
            answer.code();
        }
    }
    assert_eq!(app.get("/healthz").status, 200);
}
