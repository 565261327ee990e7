//! History, export, consent, and forgetting: what people are owed about their data.

use chrono::TimeDelta;
use faceauth_test_support::scripted::Shows;
use serde_json::{Value, json};

use crate::app::{App, base64};

const ADA: Shows = Shows::Person(0);

fn names(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_shows_every_attempt_page_by_page() {
    let app = App::start().await;
    let token = app.register("ada", ADA).access_token();
    app.clock.advance(TimeDelta::seconds(1));
    app.verify("ada", Shows::Person(1));
    app.clock.advance(TimeDelta::seconds(1));
    app.verify("ada", ADA).access_token();
    app.verify("grace", ADA);
    let page = |query: &str| app.with_token("GET", &format!("/me/attempts{query}"), &token);
    let all = page("").json();
    let lines: Vec<_> = all["attempts"]
        .as_array()
        .expect("attempts")
        .iter()
        .map(|a| (a["kind"].as_str().unwrap(), a["outcome"].as_str().unwrap()))
        .collect();
    assert_eq!(lines, [("verify", "accepted"), ("verify", "non_match"), ("register", "accepted")]);
    assert_eq!(all["attempts"][0]["assurance"], "face");
    assert!(all["attempts"][1].get("assurance").is_none() && all.get("next").is_none());
    assert_eq!(names(&all["attempts"][1]), ["at", "kind", "model", "outcome", "reasons"]);

    let first = page("?limit=2").json();
    assert_eq!(first["attempts"].as_array().map(Vec::len), Some(2));
    let second = page(&format!("?limit=2&before={}", first["next"])).json();
    assert_eq!(second["attempts"], json!([all["attempts"][2]]));
    assert!(second.get("next").is_none());
    for bad in ["?limit=0", "?limit=101", "?limit=x", "?before=x", "?limit=1&limit=2"] {
        assert_eq!(page(bad).code(), "invalid_field", "{bad}");
    }
    assert_eq!(app.get("/me/attempts").code(), "token_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_capture_leaves_its_reasons() {
    let app = App::start().await;
    let token = app.register("ada", ADA).access_token();
    let challenge = app.challenge(&json!({}));
    let frames: Vec<_> = (0..12).map(|i| (400 * i, ADA.frame(None, i))).collect();
    let refused =
        app.post("/verify", &json!({"username": "ada", "liveness": challenge.capture(&frames)}));
    assert_eq!(refused.status, 422, "{}", refused.text());
    let history = app.with_token("GET", "/me/attempts", &token).json();
    assert_eq!(history["attempts"][0]["outcome"], "liveness_failed");
    assert_eq!(history["attempts"][0]["reasons"], refused.json()["liveness"]["reasons"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_export_holds_what_is_held_and_no_secret() {
    let app = App::start().await;
    let enrolled = app.register("ada", ADA);
    app.verify("ada", Shows::Person(1));
    app.register("grace", Shows::Person(1)).access_token();
    let export = app.with_token("GET", "/me/export", &enrolled.access_token());
    assert_eq!(export.status, 200);
    assert!(export.header("content-disposition").contains("attachment"));
    assert_eq!(export.header("cache-control"), "no-store");
    let body = export.json();
    assert_eq!(body["user"], enrolled.json()["user"]);
    assert_eq!(body["consents"][0]["policy_version"], "1");
    assert_eq!(body["faces"][0]["id"], enrolled.json()["faces"][0]["id"]);
    assert_eq!(body["attempts"].as_array().map(Vec::len), Some(2));
    assert_eq!(body["sessions"].as_array().map(Vec::len), Some(1));
    assert_eq!(body["failures_in_a_row"], 1);
    for secret in [enrolled.refresh_token(), enrolled.access_token(), "grace".to_owned()] {
        assert!(!export.text().contains(&secret));
    }
    assert_eq!(app.get("/me/export").code(), "token_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_can_be_withdrawn_and_granted_anew() {
    let app = App::start().await;
    let key = crate::services::key(&app, &[faceauth_domain::scope::Scope::AccountsReset]).await;
    let token = app.register("ada", ADA).access_token();
    // As sensitive as erasure.
    app.clock.advance(TimeDelta::minutes(6));
    assert_eq!(app.with_token("DELETE", "/me/consent", &token).code(), "token_expired");
    let fresh = app.verify("ada", ADA).access_token();
    assert_eq!(app.with_token("DELETE", "/me/consent", &fresh).status, 204);
    // It ended every session, and nobody can sign in.
    for token in [&token, &fresh] {
        assert_eq!(app.with_token("GET", "/me", token).code(), "token_invalid");
    }
    assert_eq!(app.verify("ada", ADA).code(), "authentication_failed");
    let reset =
        app.post_with("/accounts/reset", &[("x-api-key", &key)], &json!({"username": "ada"}));
    let bearer = format!("Bearer {}", reset.json()["enrolment_token"].as_str().expect("a token"));
    let auth = [("authorization", bearer.as_str())];
    let add = || app.post_with("/me/faces", &auth, &json!({"face_image": base64(&ADA.picture())}));
    assert_eq!(add().code(), "consent_required");

    let grant = |body: &Value| app.post_with("/me/consent", &auth, body);
    let refused = grant(&json!({"policy_version": "2", "granted": false}));
    assert_eq!(
        (refused.code().as_str(), refused.pointer().as_str()),
        ("consent_required", "/granted")
    );
    assert_eq!(grant(&json!({"policy_version": "", "granted": true})).code(), "invalid_field");
    app.clock.advance(TimeDelta::seconds(1));
    let granted = grant(&json!({"policy_version": "2", "granted": true}));
    assert_eq!((granted.status, &granted.json()["policy_version"]), (200, &json!("2")));
    assert_eq!(add().status, 201);
    let token = app.verify("ada", ADA).access_token();
    let consents = app.with_token("GET", "/me/export", &token).json()["consents"].clone();
    assert_eq!(consents.as_array().map(Vec::len), Some(2));
    assert!(consents[0]["withdrawn_at"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_seen_and_ended_from_another() {
    let app = App::start().await;
    let phone = app.register("ada", ADA);
    app.clock.advance(TimeDelta::seconds(1));
    let laptop = app.verify("ada", ADA);
    let stranger = app.register("grace", Shows::Person(1));
    let refresh = |token: &str| app.post("/token/refresh", &json!({"refresh_token": token}));
    // Renewed, it is one session still.
    let renewed = refresh(&laptop.refresh_token());
    let list = || app.with_token("GET", "/me/sessions", &laptop.access_token()).json();
    let sessions = list()["sessions"].as_array().expect("sessions").clone();
    let current: Vec<_> = sessions.iter().map(|session| session["current"].clone()).collect();
    assert_eq!(current, [true, false]);
    assert_eq!(sessions[0]["acr"], "urn:faceauth:acr:face");

    let end = |id: &Value, token: &str| {
        app.with_token("DELETE", &format!("/me/sessions/{}", id.as_str().expect("an id")), token)
    };
    let lost = &sessions[1]["id"];
    assert_eq!(end(lost, &stranger.access_token()).code(), "not_found");
    assert_eq!(end(lost, &laptop.access_token()).status, 204);
    assert_eq!(end(lost, &laptop.access_token()).code(), "not_found");
    assert_eq!(end(&json!("x"), &laptop.access_token()).code(), "not_found");
    assert_eq!(refresh(&phone.refresh_token()).code(), "token_invalid");
    assert_eq!(refresh(&renewed.refresh_token()).status, 200);
    assert_eq!(list()["sessions"].as_array().map(Vec::len), Some(1));
    app.clock.advance(TimeDelta::minutes(6));
    assert_eq!(end(&sessions[0]["id"], &laptop.access_token()).code(), "token_expired");
}
