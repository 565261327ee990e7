//! The README's road, and what stands beside it.

use faceauth_domain::geometry::{FiveLandmarks, Point};
use faceauth_test_support::head::{Head, Person, View};
use faceauth_test_support::treated::{self, Cover};
use faceauth_test_support::{hostile, photos};
use image::{RgbImage, imageops};
use serde_json::json;

use crate::server::{Folder, Server, faceauth};

#[tokio::test(flavor = "multi_thread")]
async fn enrol_sign_in_and_be_refused() {
    let server = Server::start("road").await;
    let obama = photos::bytes(photos::OBAMA);

    let enrolled = server.register("barack", &obama);
    assert_eq!(enrolled.status, 201);
    let body = enrolled.json();
    assert_eq!(body["user"]["username"], "barack");
    assert_eq!(body["faces"].as_array().map(Vec::len), Some(1));
    assert_eq!(server.register("Barack", &obama).code(), "username_taken");

    for mated in [photos::OBAMA_OTHER_DAY, photos::OBAMA_FULL_LENGTH] {
        let signed_in = server.verify("barack", &photos::bytes(mated));
        assert_eq!(signed_in.status, 200, "{mated}: {}", signed_in.code());
    }
    // The same as JSON with a data URL.
    let base64 = base64(&photos::bytes(photos::OBAMA_OTHER_DAY));
    let body = json!({
        "username": "barack",
        "face_image": format!("data:image/jpeg;base64,{base64}"),
    });
    let signed_in = server.post("/verify", "application/json", body.to_string().as_bytes());
    assert_eq!(signed_in.status, 200);
    let token = signed_in.json()["access_token"].as_str().expect("a token").to_owned();

    // A stranger and an unknown name are one answer.
    let stranger = server.verify("barack", &photos::bytes(photos::BIDEN));
    let unknown = server.verify("nobody", &photos::bytes(photos::BIDEN));
    assert_eq!((stranger.status, unknown.status), (401, 401));
    let without_id = |mut body: serde_json::Value| {
        body["request_id"].take();
        body
    };
    assert_eq!(without_id(stranger.json()), without_id(unknown.json()));

    // Pictures that cannot be used.
    let both = side_by_side();
    for (picture, status, code) in [
        (photos::bytes("coffee.png"), 422, "no_face"),
        (photos::bytes(photos::GROUP_OF_FOUR), 422, "multiple_faces"),
        (both, 422, "multiple_faces"),
        (photos::bytes("obama-partial-face.jpg"), 422, "face_cut_off"),
        (hostile::truncated(&obama, 0.5), 422, "image_undecodable"),
        (b"hello, I am a text file".to_vec(), 415, "unsupported_media_type"),
        (hostile::png_claiming(30_000, 30_000), 413, "image_dimensions_too_large"),
        (vec![0xFF; 11 * 1024 * 1024], 413, "payload_too_large"),
    ] {
        let refused = server.verify("barack", &picture);
        assert_eq!((refused.status, refused.code().as_str()), (status, code));
    }

    // A head thrown back is no reference, and is compared with one.
    let view = View { pitch: 44.0, ..View::default() };
    let back = photos::jpeg(&Head::of(Person::ALL[0]).render(&view, 640, 480), 95);
    assert_eq!(server.register("thrown-back", &back).code(), "pose_out_of_range");
    assert_eq!(server.verify("barack", &back).code(), "authentication_failed");

    // The account, and its end.
    let me = server.get("/me", Some(&token));
    assert_eq!((me.status, me.json()["username"].as_str()), (200, Some("barack")));
    assert_eq!(server.delete("/me", &token).status, 204);
    assert_eq!(server.get("/me", Some(&token)).code(), "token_invalid");
    assert_eq!(server.verify("barack", &obama).code(), "authentication_failed");

    let log = server.log();
    assert!(!log.contains("panicked"), "{log}");
    for secret in [&token[..], &base64[..64]] {
        assert!(!log.contains(secret), "a token or an image reached the log");
    }
    assert!(server.stop().success());
}

/// Two men in one picture.
fn side_by_side() -> Vec<u8> {
    let height = 1000;
    let scaled = |name: &str| {
        let photo = photos::pixels(name);
        let width = photo.width() * height / photo.height();
        imageops::resize(&photo, width, height, imageops::FilterType::Triangle)
    };
    let (left, right) = (scaled(photos::OBAMA), scaled(photos::OBAMA_OTHER_DAY));
    let mut both = image::RgbImage::new(left.width() + right.width(), height);
    imageops::overlay(&mut both, &left, 0, 0);
    imageops::overlay(&mut both, &right, i64::from(left.width()), 0);
    photos::jpeg(&both, 90)
}

fn base64(bytes: &[u8]) -> String {
    use base64::prelude::{BASE64_STANDARD, Engine};
    BASE64_STANDARD.encode(bytes)
}

/// Upside down, negative or masked, two men are much the same to the matcher: nobody is enrolled or
/// let in by such a picture, whichever door it comes through.
#[tokio::test(flavor = "multi_thread")]
async fn pictures_that_the_matcher_does_not_know_enrol_and_sign_in_nobody() {
    let server = Server::start("unknown-to-the-matcher").await;
    let (obama, biden) = (photos::pixels(photos::OBAMA), photos::pixels(photos::BIDEN));
    assert_eq!(server.register("barack", &photos::bytes(photos::OBAMA)).status, 201);
    let masked = |picture: &RgbImage| {
        let image = photos::jpeg(picture, 95);
        let found = server.form("/detect", &[("image", Some("image/jpeg"), &image)]).json();
        let landmarks = &found["faces"][0]["landmarks"];
        let point = |name: &str| Point {
            x: landmarks[name]["x"].as_f64().expect("x") as f32,
            y: landmarks[name]["y"].as_f64().expect("y") as f32,
        };
        let names =
            ["eye_image_left", "eye_image_right", "nose", "mouth_image_left", "mouth_image_right"];
        let five = FiveLandmarks::from_array(names.map(point));
        treated::covered(picture, &five, Cover::SurgicalMask)
    };
    let pictures = [
        (imageops::rotate180(&obama), "not_upright"),
        (imageops::rotate180(&biden), "not_upright"),
        (masked(&obama), "occluded"),
        (masked(&biden), "occluded"),
    ];
    for (index, (picture, code)) in pictures.iter().enumerate() {
        let picture = photos::jpeg(picture, 95);
        let name = format!("stranger-{index}");
        assert_eq!(server.register(&name, &picture).code(), *code);
        assert_eq!(server.verify("barack", &picture).code(), *code);
        let found = server.form("/detect", &[("image", Some("image/jpeg"), &picture)]).json();
        let quality = &found["faces"][0]["quality"];
        assert_eq!(quality["acceptable"], false, "{quality}");
        assert!(
            quality["reasons"].as_array().is_some_and(|r| r.contains(&json!(code))),
            "{quality}"
        );
    }
    assert!(server.stop().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn detect_describes_faces_and_keeps_nothing() {
    let server = Server::start("detect").await;
    let photo = photos::bytes(photos::GROUP_OF_FOUR);
    let found = server.form("/detect", &[("image", Some("image/jpeg"), &photo)]);
    assert_eq!(found.status, 200);
    let body = found.json();
    assert_eq!(body["image"], json!({"width": 1920, "height": 1537}));
    assert_eq!(body["faces"].as_array().map(Vec::len), Some(4));
    let text = body.to_string();
    assert!(!text.contains("score") && !text.contains("embedding"), "{text}");
}

#[test]
fn altered_weights_stop_the_service() {
    let folder = Folder::new("altered-weights");
    for entry in std::fs::read_dir(faceauth_test_support::paths::weights()).expect("weights") {
        let path = entry.expect("an entry").path();
        let to = folder.0.join(path.file_name().expect("a name"));
        std::fs::copy(&path, &to).expect("copy weights");
    }
    let altered = folder.0.join("yunet-2023mar.onnx");
    let mut bytes = std::fs::read(&altered).expect("weights");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&altered, bytes).expect("alter weights");
    let keys = folder.0.join("keys");
    let made = faceauth().args(["keys", "init", "--dir"]).arg(&keys).status().expect("run");
    assert!(made.success());
    let refused = faceauth()
        .arg("serve")
        .env("FACEAUTH__MODE", "development")
        .env("FACEAUTH__KEYS__DIR", &keys)
        .env("FACEAUTH__MODELS__WEIGHTS_DIR", &folder.0)
        .env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
        .output()
        .expect("run faceauth");
    assert!(!refused.status.success());
    let error = String::from_utf8_lossy(&refused.stderr);
    assert!(error.contains("yunet-2023mar.onnx") && error.contains("SHA-256"), "{error}");
}
