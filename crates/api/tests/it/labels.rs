//! What clients really send: labels, encodings and fields that are a little off.

use faceauth_test_support::scripted::{Shows, performance};
use serde_json::json;

use crate::app::{App, base64, probe};
use crate::form::send_form;

/// Fields of a form: name, label, content.
type Fields<'a, const N: usize> = [(&'a str, Option<&'a str>, &'a [u8]); N];

const ADA: Shows = Shows::Person(0);

async fn with_ada() -> App {
    let app = App::start().await;
    app.register("ada", ADA).access_token();
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_may_have_any_label_of_a_capture() {
    let app = with_ada().await;
    for (label, bytes) in [
        ("image/jpg", ADA.jpeg()),
        ("image/pjpeg", ADA.jpeg()),
        ("image/*", ADA.jpeg()),
        ("IMAGE/JPEG", ADA.jpeg()),
        ("image/jpeg", ADA.picture()),
        ("image/png; charset=binary", ADA.jpeg()),
        ("image/heic", ADA.jpeg()),
        ("video/quicktime", ADA.picture()),
        ("application/octet-stream", ADA.picture()),
        ("multipart/form-data", ADA.picture()),
        ("multipart/form-data; boundary=other", ADA.jpeg()),
        ("jpeg", ADA.jpeg()),
    ] {
        let fields: Fields<2> = [("username", None, b"ada"), ("face_image", Some(label), &bytes)];
        let answer = send_form(&app, "/verify", &fields);
        assert_eq!(answer.status, 200, "{label}: {}", answer.text());
    }
    for label in ["text/html", "application/pdf", "audio/mp4"] {
        let bytes = ADA.jpeg();
        let fields: Fields<2> = [("username", None, b"ada"), ("face_image", Some(label), &bytes)];
        let refused = send_form(&app, "/verify", &fields);
        assert_eq!((refused.status, refused.code().as_str()), (415, "image_format_mismatch"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn base64_comes_in_many_dresses() {
    let app = with_ada().await;
    let plain = base64(&ADA.jpeg());
    let url_safe = plain.replace('+', "-").replace('/', "_");
    for text in [
        format!(" {plain}\r\n"),
        plain.trim_end_matches('=').to_owned(),
        url_safe.trim_end_matches('=').to_owned(),
        format!("data:image/png;base64,{plain}"),
        format!("data:image/jpeg;charset=utf-8;base64,{plain}"),
        format!("data:image/jpeg;name=x.jpg;base64,{plain}"),
        format!("DATA:Image/Jpeg;Base64,{url_safe}"),
        format!("data:application/octet-stream;base64,{plain}"),
        format!("data:;base64,{plain}\n"),
    ] {
        let answer = app.post("/verify", &json!({"username": "ada", "face_image": text}));
        assert_eq!(answer.status, 200, "{text}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn json_may_begin_with_a_byte_order_mark_and_is_not_compressed() {
    let app = with_ada().await;
    let body = probe("ada", ADA).to_string();
    let marked = [b"\xEF\xBB\xBF", body.as_bytes()].concat();
    let json = ("content-type", "application/json");
    assert_eq!(app.send("POST", "/verify", &[json], &marked).status, 200);
    assert_eq!(app.send("POST", "/liveness/sessions", &[json], b"\xEF\xBB\xBF{}").status, 201);
    let identity = [json, ("content-encoding", "identity")];
    assert_eq!(app.send("POST", "/verify", &identity, body.as_bytes()).status, 200);
    let lines = ("content-type", "application/x-ndjson");
    for coding in ["gzip", "br", "identity, gzip"] {
        let coding = ("content-encoding", coding);
        for (path, media_type) in [("/verify", json), ("/token/refresh", json), ("/detect", json)] {
            let refused = app.send("POST", path, &[media_type, coding], b"\x1F\x8B\x08\0");
            assert_eq!((refused.status, refused.code().as_str()), (415, "unsupported_media_type"));
        }
        let key = crate::services::key(&app, &[faceauth_domain::scope::Scope::Enrol]).await;
        let headers = [lines, coding, ("x-api-key", key.as_str())];
        let refused = app.send("POST", "/register/batch", &headers, b"\x1F\x8B\x08\0");
        assert_eq!((refused.status, refused.code().as_str()), (415, "unsupported_media_type"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn times_may_have_fractions() {
    let app = App::start().await;
    let challenge = app.challenge(&json!({}));
    let frames = performance(ADA, &challenge.actions, 1);
    let times: Vec<String> = frames.iter().map(|(t_ms, _)| format!("{t_ms}.4999999")).collect();
    let mut fields: Vec<(&str, Option<&str>, &[u8])> = vec![
        ("session_id", None, challenge.session.as_bytes()),
        ("nonce", None, challenge.nonce.as_bytes()),
    ];
    for ((_, picture), time) in frames.iter().zip(&times) {
        fields.push(("frames", Some("image/jpeg"), picture));
        fields.push(("t_ms", None, time.as_bytes()));
    }
    let answer = send_form(&app, "/liveness", &fields);
    assert_eq!(answer.json()["live"], true, "{}", answer.text());

    let challenge = app.challenge(&json!({}));
    let mut capture = challenge.performed(ADA, 2);
    for frame in capture["frames"].as_array_mut().expect("frames") {
        frame["t_ms"] = json!(frame["t_ms"].as_f64().expect("a time") + 0.25);
    }
    let answer = app.post("/liveness", &capture);
    assert_eq!(answer.json()["live"], true, "{}", answer.text());

    for bad in [json!(-1.0), json!(1e12), json!("soon"), json!(null)] {
        let mut capture = challenge.performed(ADA, 3);
        capture["frames"][3]["t_ms"] = bad;
        let refused = app.post("/liveness", &capture);
        assert_eq!(refused.code(), "invalid_field");
        assert_eq!(refused.pointer(), "/frames/3/t_ms");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_in_an_unknown_field_is_named() {
    let app = with_ada().await;
    let file = vec![0xFF; 8 * 1024];
    let text = vec![b'a'; 8 * 1024];
    let pointers = |answer: &crate::app::Answer| -> Vec<(String, String)> {
        let body = answer.json();
        let errors = body["errors"].as_array().expect("errors");
        let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
        errors.iter().map(|error| (text(&error["pointer"]), text(&error["code"]))).collect()
    };
    let pair = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
    // What people from other services send, large, small and as text.
    let small = ADA.jpeg();
    for content in [&file[..], &small, &text] {
        let fields: Fields<2> = [("username", None, b"ada"), ("file", Some("image/jpeg"), content)];
        let refused = send_form(&app, "/verify", &fields);
        assert_eq!((refused.status, refused.code().as_str()), (400, "missing_field"));
        let named = [pair("/face_image", "missing_field"), pair("/file", "invalid_field")];
        assert_eq!(pointers(&refused), named);
        let refused = send_form(&app, "/detect", &[("photo", Some("image/jpeg"), content)]);
        let named = [pair("/image", "missing_field"), pair("/photo", "invalid_field")];
        assert_eq!(pointers(&refused), named);
    }
    // Nothing is missing.
    let picture = ADA.picture();
    let fields: Fields<3> = [
        ("username", None, b"ada"),
        ("face_image", Some("image/png"), &picture),
        ("a/b~c", Some("image/png"), &file),
    ];
    let refused = send_form(&app, "/verify", &fields);
    assert_eq!((refused.status, refused.code().as_str()), (400, "invalid_field"));
    assert_eq!(pointers(&refused), [pair("/a~1b~0c", "invalid_field")]);
    // A known field whose text is too long.
    let fields: Fields<2> =
        [("username", None, &text), ("face_image", Some("image/png"), &picture)];
    let refused = send_form(&app, "/verify", &fields);
    assert_eq!(refused.status, 400);
    assert!(pointers(&refused).contains(&pair("/username", "invalid_field")));
    // Short ones that are not known mean nothing.
    let fields: Fields<3> = [
        ("username", None, b"ada"),
        ("face_image", Some("image/png"), &picture),
        ("hint", None, b"x"),
    ];
    assert_eq!(send_form(&app, "/verify", &fields).status, 200);
}
