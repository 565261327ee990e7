//! Liveness where it counts: sign-in, enrolment and added faces.

use chrono::TimeDelta;
use faceauth_test_support::scripted::Shows;
use serde_json::{Value, json};

use crate::app::{Answer, App, base64, registration};

const ADA: Shows = Shows::Person(0);
const GRACE: Shows = Shows::Person(1);

/// The claims of an answer's access token.
fn claims(answer: &Answer) -> Value {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
    let token = answer.access_token();
    let claims = token.split('.').nth(1).expect("claims");
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).expect("base64")).expect("JSON")
}

/// A capture of `shows` for a session like `request`, performed as asked.
fn capture(app: &App, request: &Value, shows: Shows, salt: u32) -> Value {
    app.challenge(request).performed(shows, salt)
}

/// A liveness token of `shows`.
fn token(app: &App, request: &Value, shows: Shows, salt: u32) -> String {
    let answer = app.post("/liveness", &capture(app, request, shows, salt));
    let token = answer.json()["liveness_token"].as_str().map(str::to_owned);
    token.unwrap_or_else(|| panic!("{}", answer.text()))
}

fn enrol_live(app: &App, username: &str, shows: Shows, salt: u32) -> Answer {
    app.post(
        "/register",
        &json!({
            "username": username,
            "liveness": capture(app, &json!({"purpose": "register"}), shows, salt),
            "consent": {"policy_version": "1", "granted": true},
        }),
    )
}

async fn strict() -> App {
    App::start_with(|s| s.settings.policy.require_liveness = true).await
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_capture_people_enrol_and_sign_in_where_pictures_do_not() {
    let app = strict().await;
    assert_eq!(app.register("ada", ADA).code(), "liveness_required");
    let enrolled = enrol_live(&app, "ada", ADA, 1);
    assert_eq!(enrolled.status, 201, "{}", enrolled.text());
    assert_eq!(enrolled.json()["faces"].as_array().map(Vec::len), Some(1));
    assert_eq!(claims(&enrolled)["acr"], "urn:faceauth:acr:face-liveness");

    assert_eq!(app.verify("ada", ADA).code(), "liveness_required");
    let live = capture(&app, &json!({}), ADA, 2);
    let verified = app.post("/verify", &json!({"username": "ada", "liveness": live}));
    assert_eq!(verified.status, 200, "{}", verified.text());
    let shown = claims(&verified);
    assert_eq!(shown["acr"], "urn:faceauth:acr:face-liveness");
    assert_eq!(shown["amr"], json!(["face", "user"]));
    // What was shown stays with the session.
    let refresh = json!({"refresh_token": verified.refresh_token()});
    let refreshed = app.post("/token/refresh", &refresh);
    assert_eq!(claims(&refreshed)["amr"], json!(["face", "user"]));
    assert_eq!(claims(&refreshed)["acr"], "urn:faceauth:acr:face-liveness");
}

#[tokio::test(flavor = "multi_thread")]
async fn living_strangers_and_unknown_names_are_one_answer() {
    let app = strict().await;
    enrol_live(&app, "ada", ADA, 1).access_token();
    for (name, salt) in [("ada", 2), ("nobody", 3)] {
        let live = capture(&app, &json!({}), GRACE, salt);
        let refused = app.post("/verify", &json!({"username": name, "liveness": live}));
        assert_eq!((refused.status, refused.code().as_str()), (401, "authentication_failed"));
        assert!(refused.json().get("liveness").is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_capture_says_why_and_brings_the_next_attempt() {
    let app = strict().await;
    enrol_live(&app, "ada", ADA, 1).access_token();
    let challenge = app.challenge(&json!({}));
    let still: Vec<_> = (0..10u32).map(|i| (i * 400, ADA.frame(None, 500 + i))).collect();
    let request = |capture: Value| json!({"username": "ada", "liveness": capture});
    let refused = app.post("/verify", &request(challenge.capture(&still)));
    assert_eq!((refused.status, refused.code().as_str()), (422, "challenge_not_met"));
    let body = refused.json();
    assert_eq!(body["liveness"]["reasons"], json!(["step_not_met"]));
    assert_eq!(body["liveness"]["attempts_left"], 2);
    app.clock.advance(TimeDelta::seconds(10));
    let next = &body["liveness"]["next"];
    let next = crate::app::Challenged::of(next, Some(&challenge.session));
    assert_eq!(app.post("/verify", &request(next.performed(ADA, 9))).status, 200);
    // The account's history knows of the refusal.
    let client = app.database.client().await;
    let failed = "SELECT count(*) FROM attempts JOIN users ON users.id = user_id \
                  WHERE kind = 'verify' AND outcome = 'liveness_failed' AND username = 'ada'";
    assert_eq!(client.query_one(failed, &[]).await.expect("a count").get::<_, i64>(0), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_is_what_is_mended_first() {
    let app = strict().await;
    enrol_live(&app, "ada", ADA, 1).access_token();
    let refuse = |frames: &dyn Fn(usize, Vec<u8>) -> Vec<u8>, salt: u32| {
        let challenge = app.challenge(&json!({}));
        let performed = faceauth_test_support::scripted::performance(ADA, &challenge.actions, salt);
        let frames: Vec<_> = performed
            .into_iter()
            .enumerate()
            .map(|(i, (t_ms, picture))| (t_ms, frames(i, picture)))
            .collect();
        let body = json!({"username": "ada", "liveness": challenge.capture(&frames)});
        app.post("/verify", &body).code()
    };
    let crowd = |i: usize, p| if i == 3 { Shows::Crowd.frame(None, 70) } else { p };
    assert_eq!(refuse(&crowd, 10), "multiple_faces");
    let other = |i: usize, p| if i == 9 { GRACE.frame(None, 71) } else { p };
    assert_eq!(refuse(&other, 11), "frames_inconsistent");
    let print = |i: usize, _| Shows::Print(0).frame(None, 80 + i as u32);
    assert_eq!(refuse(&print, 12), "liveness_failed");
    let still_at_the_end = |i: usize, p| if i >= 6 { ADA.frame(None, 100 + i as u32) } else { p };
    assert_eq!(refuse(&still_at_the_end, 13), "challenge_not_met");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_carries_the_face_that_was_judged_once() {
    let app = strict().await;
    enrol_live(&app, "ada", ADA, 1).access_token();
    let live = token(&app, &json!({}), ADA, 2);
    let verify =
        |token: &str| app.post("/verify", &json!({"username": "ada", "liveness_token": token}));
    let verified = verify(&live);
    assert_eq!(verified.status, 200, "{}", verified.text());
    assert_eq!(claims(&verified)["acr"], "urn:faceauth:acr:face-liveness");
    let again = verify(&live);
    assert_eq!((again.status, again.code().as_str()), (403, "liveness_required"));
    assert_eq!(again.pointer(), "/liveness_token");
    // A minute is its life.
    let late = token(&app, &json!({}), ADA, 3);
    app.clock.advance(TimeDelta::seconds(61));
    assert_eq!(verify(&late).code(), "liveness_required");
    // Neither an access token nor a made-up one passes for it, nor it for an access token.
    assert_eq!(verify(&verified.access_token()).code(), "liveness_required");
    assert_eq!(verify("a.b.c").code(), "liveness_required");
    let live = token(&app, &json!({}), ADA, 4);
    assert_eq!(app.with_token("GET", "/me", &live).code(), "token_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_with_a_picture_wants_the_same_person_in_both() {
    let app = strict().await;
    enrol_live(&app, "ada", ADA, 1).access_token();
    let body = |token: String, shows: Shows| {
        json!({
            "username": "ada",
            "face_image": base64(&shows.picture()),
            "liveness_token": token,
        })
    };
    // Grace lives, Ada's photo is in her hand.
    let refused = app.post("/verify", &body(token(&app, &json!({}), GRACE, 2), ADA));
    assert_eq!((refused.status, refused.code().as_str()), (422, "frames_inconsistent"));
    assert_eq!(refused.pointer(), "/face_image");
    assert_eq!(app.post("/verify", &body(token(&app, &json!({}), ADA, 3), ADA)).status, 200);
    // Only the living face is compared with the account's.
    let grace = app.post("/verify", &body(token(&app, &json!({}), GRACE, 4), GRACE));
    assert_eq!(grace.code(), "authentication_failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_and_tokens_are_good_for_what_they_were_opened_for() {
    let app = strict().await;
    enrol_live(&app, "ada", ADA, 1).access_token();
    let verify = |request: &Value, salt: u32| {
        let live = capture(&app, request, ADA, salt);
        app.post("/verify", &json!({"username": "ADA", "liveness": live}))
    };
    assert_eq!(verify(&json!({"username": "Ada", "purpose": "verify"}), 2).status, 200);
    for (request, salt) in [(json!({"username": "grace"}), 3), (json!({"purpose": "register"}), 4)]
    {
        let refused = verify(&request, salt);
        assert_eq!(
            (refused.code().as_str(), refused.pointer().as_str()),
            ("invalid_field", "/liveness/session_id")
        );
        let foreign = token(&app, &request, ADA, salt + 10);
        let refused = app.post("/verify", &json!({"username": "ada", "liveness_token": foreign}));
        assert_eq!(refused.code(), "liveness_required");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_found_live_is_what_is_enrolled() {
    let app = App::start().await;
    // Ada lives; Grace's picture would let Grace in later.
    let mut request = registration("ada", &[GRACE]);
    request["liveness"] = capture(&app, &json!({}), ADA, 1);
    let refused = app.post("/register", &request);
    assert_eq!(
        (refused.code().as_str(), refused.pointer().as_str()),
        ("frames_inconsistent", "/face_images/0")
    );
    let mut request = registration("ada", &[ADA, ADA]);
    request["liveness_token"] = json!(token(&app, &json!({}), ADA, 2));
    let enrolled = app.post("/register", &request);
    assert_eq!(enrolled.status, 201, "{}", enrolled.text());
    assert_eq!(enrolled.json()["faces"].as_array().map(Vec::len), Some(1));
    assert_eq!(app.verify("ada", ADA).status, 200);
    assert_eq!(app.verify("ada", GRACE).code(), "authentication_failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_is_sent_again_needs_no_second_capture() {
    let app = strict().await;
    let request = json!({
        "username": "ada",
        "liveness": capture(&app, &json!({}), ADA, 1),
        "consent": {"policy_version": "1", "granted": true},
    });
    let key = [("idempotency-key", "k-1")];
    let first = app.post_with("/register", &key, &request);
    let again = app.post_with("/register", &key, &request);
    assert_eq!((first.status, again.status), (201, 201), "{}", again.text());
    assert_eq!(first.json()["user"], again.json()["user"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn faces_are_added_with_liveness() {
    let app = strict().await;
    let bearer = format!("Bearer {}", enrol_live(&app, "ada", ADA, 1).access_token());
    let add = |body: &Value| app.post_with("/me/faces", &[("authorization", &bearer)], body);
    let picture = json!({"face_image": base64(&ADA.picture())});
    assert_eq!(add(&picture).code(), "liveness_required");
    let live = capture(&app, &json!({"username": "ada", "purpose": "register"}), ADA, 2);
    assert_eq!(add(&json!({"liveness": live})).status, 201);
    assert_eq!(add(&json!({"liveness_token": token(&app, &json!({}), ADA, 3)})).status, 201);
    assert_eq!(add(&json!({})).code(), "missing_field");
    let printed = capture(&app, &json!({}), Shows::Print(0), 4);
    assert_eq!(add(&json!({"liveness": printed})).code(), "liveness_failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_turn_the_token_states_less() {
    let app = strict().await;
    enrol_live(&app, "ada", ADA, 1).access_token();
    let still = json!({"actions": ["blink", "move_closer"]});
    let live = capture(&app, &still, ADA, 2);
    let verified = app.post("/verify", &json!({"username": "ada", "liveness": live}));
    assert_eq!(claims(&verified)["acr"], "urn:faceauth:acr:face-liveness-reduced");
    assert_eq!(claims(&verified)["amr"], json!(["face", "user"]));
    let both = json!({
        "username": "ada",
        "liveness": capture(&app, &still, ADA, 3),
        "face_image": base64(&ADA.picture()),
    });
    assert_eq!(app.post("/verify", &both).pointer(), "/face_image");
}

#[tokio::test(flavor = "multi_thread")]
async fn erasure_forgets_sessions_and_seen_faces() {
    let app = strict().await;
    let enrolled = enrol_live(&app, "ada", ADA, 1);
    token(&app, &json!({"username": "ada"}), ADA, 2);
    let client = app.database.client().await;
    let rows = async || {
        let count = "SELECT (SELECT count(*) FROM liveness_sessions WHERE username IS NOT NULL) \
                     + (SELECT count(*) FROM liveness_grants WHERE username IS NOT NULL)";
        client.query_one(count, &[]).await.expect("a count").get::<_, i64>(0)
    };
    assert_eq!(rows().await, 2);
    let access = enrolled.access_token();
    assert_eq!(app.with_token("DELETE", "/me", &access).status, 204);
    assert_eq!(rows().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn enrolments_leave_an_image_where_images_are_kept_and_sign_ins_do_not() {
    let app = App::start_with(|setup| {
        setup.settings.retention.enrolment_image = Some(TimeDelta::days(30));
    })
    .await;
    let images = async || {
        let client = app.database.client().await;
        let row = client.query_one("SELECT count(*) FROM enrolment_images", &[]).await;
        row.expect("a count").get::<_, i64>(0)
    };
    let enrolled = enrol_live(&app, "ada", ADA, 1);
    let access = enrolled.access_token();
    assert_eq!(images().await, 1);
    let live = capture(&app, &json!({}), ADA, 2);
    let verified = app.post("/verify", &json!({"username": "ada", "liveness": live}));
    assert_eq!((verified.status, images().await), (200, 1));

    let bearer = format!("Bearer {access}");
    let add = |face: &Value| app.post_with("/me/faces", &[("authorization", &bearer)], face).status;
    // The capture of a token is gone; a picture beside it is there.
    let by_token = json!({"liveness_token": token(&app, &json!({"purpose": "register"}), ADA, 3)});
    assert_eq!((add(&by_token), images().await), (201, 1));
    let with_picture = json!({
        "liveness_token": token(&app, &json!({"purpose": "register"}), ADA, 4),
        "face_image": base64(&ADA.picture()),
    });
    assert_eq!((add(&with_picture), images().await), (201, 2));
    let export = app.with_token("GET", "/me/export", &access).json();
    assert_eq!(export["enrolment_images"], 2);
    assert_eq!(app.with_token("DELETE", "/me", &access).status, 204);
    assert_eq!(images().await, 0);
}
