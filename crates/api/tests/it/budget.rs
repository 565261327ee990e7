//! What pictures may cost, by request and by client.

use std::num::NonZeroU32;

use faceauth_domain::scope::Scope;
use faceauth_test_support::hostile;
use faceauth_test_support::scripted::Shows;
use serde_json::json;

use crate::app::{Answer, App, Setup, base64, probe};
use crate::services::key;

/// Nine requests a minute: a budget of ninety megapixels, and a quarter of it at once.
fn small_budget(setup: &mut Setup) {
    let limits = &mut setup.settings.limits;
    limits.sign_in_per_minute = NonZeroU32::new(5).expect("positive");
    limits.detect_per_minute = NonZeroU32::new(4).expect("positive");
    setup.settings.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
}

fn detect(app: &App, client: &str, picture: &[u8]) -> Answer {
    let body = json!({"image": base64(picture)});
    app.post_with("/detect", &[("x-forwarded-for", client)], &body)
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_of_more_work_than_a_photo_are_refused_unseen() {
    let app = App::start().await;
    for picture in [
        // Twenty scans of a large picture, and a large picture of one colour.
        hostile::progressive_jpeg(4096, 20, 70_000),
        hostile::progressive_jpeg(4096, 1, 10_000),
        hostile::one_colour_webp(4096),
    ] {
        let refused = detect(&app, "192.0.2.1", &picture);
        assert_eq!((refused.status, refused.code().as_str()), (413, "image_dimensions_too_large"));
        assert_eq!(refused.pointer(), "/image");
    }
    assert_eq!(app.analyzer.analyses(), 0, "nobody looked at them");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_makes_decoding_dear_has_to_wait() {
    let app = App::start_with(small_budget).await;
    // Four times a plain picture of sixteen megapixels: 67. The scripted analyzer decodes nothing.
    let dear = hostile::progressive_jpeg(4096, 16, 70_000);
    let answers: Vec<Answer> = (0..4).map(|_| detect(&app, "192.0.2.1", &dear)).collect();
    // The first overdraws what may be spent at once by half a minute.
    let codes: Vec<String> = answers.iter().map(Answer::code).collect();
    assert_eq!(codes, ["image_undecodable", "rate_limited", "rate_limited", "rate_limited"]);
    let wait: u64 = answers[1].header("retry-after").parse().expect("seconds");
    assert!((1..=30).contains(&wait), "{wait}");
    assert_eq!(app.analyzer.analyses(), 1);
    // Its sign-ins wait with it, those of others do not.
    let body = json!({"username": "ada", "face_image": base64(&dear)});
    let sign_in = |client: &str| app.post_with("/verify", &[("x-forwarded-for", client)], &body);
    assert_eq!(sign_in("192.0.2.1").code(), "rate_limited");
    assert_ne!(sign_in("192.0.2.2").status, 429);
    assert_eq!(detect(&app, "192.0.2.3", &Shows::Nobody.picture()).status, 200);
    // A service has a budget of its own; the key that opens it has to be good.
    let key = key(&app, &[Scope::ScoresRead]).await;
    let with = |key: &str| {
        let headers = [("x-forwarded-for", "192.0.2.1"), ("x-api-key", key)];
        app.post_with("/verify", &headers, &probe("ada", Shows::Person(0)))
    };
    assert_eq!(with(&key).code(), "authentication_failed");
    assert_eq!(with("fa_guessed").code(), "token_invalid");
}
