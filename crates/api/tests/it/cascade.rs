//! A matcher whose first stage may accept by itself.

use faceauth_domain::embedding::ModelId;
use faceauth_domain::policy::{Cascade, PadMode};
use faceauth_test_support::scripted::{FIRST_PART, FIRST_STAGE, Shows, performance};
use serde_json::json;

use crate::app::{Answer, App, base64};

const ADA: Shows = Shows::Person(0);
const STRANGER: Shows = Shows::Person(1);

async fn cascading(pad: PadMode) -> App {
    App::start_with(|setup| {
        let policy = &mut setup.settings.policy;
        policy.pad.mode = pad;
        let model = ModelId::new(FIRST_STAGE);
        policy.matching.cascade = Some(Cascade { model, part: FIRST_PART, margin: 0.1 });
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn only_those_who_are_accepted_are_decided_early() {
    let app = cascading(PadMode::Enforce).await;
    app.register("ada", ADA).access_token();
    app.verify("ada", ADA).access_token();
    assert_eq!(app.analyzer.settled(), 1);
    // A refusal runs every model, whomever the picture shows and whoever is claimed: how long it
    // takes tells neither.
    assert_eq!(app.verify("ada", STRANGER).code(), "authentication_failed");
    assert_eq!(app.verify("nobody", ADA).code(), "authentication_failed");
    for print in [Shows::Print(0), Shows::Print(1)] {
        assert_eq!(app.verify("ada", print).code(), "liveness_failed");
    }
    assert_eq!(app.analyzer.settled(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_name_runs_every_model() {
    let app = cascading(PadMode::Record).await;
    app.register("ada", ADA).access_token();
    for _ in 1..=50 {
        assert_eq!(app.verify("ada", STRANGER).code(), "authentication_failed");
        // Longer than a try takes to come back, so that the budget never ends first.
        app.clock.advance(chrono::TimeDelta::hours(29));
    }
    assert_eq!(app.verify("ada", ADA).code(), "authentication_failed");
    assert_eq!(app.analyzer.settled(), 0);
}

/// A sign-in of `shows` with a capture that answers its challenge.
fn verify_live(app: &App, username: &str, shows: Shows, salt: u32) -> Answer {
    let live = app.challenge(&json!({})).performed(shows, salt);
    app.post("/verify", &json!({"username": username, "liveness": live}))
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_capture_only_those_who_are_accepted_are_decided_early() {
    let app = cascading(PadMode::Enforce).await;
    app.register("ada", ADA).access_token();
    verify_live(&app, "ada", ADA, 1).access_token();
    assert_eq!(app.analyzer.settled(), 1);
    // A refusal runs every model, for whatever reason: another person, nobody of this name, a
    // print of the right person, the right person who does something else.
    assert_eq!(verify_live(&app, "ada", STRANGER, 2).code(), "authentication_failed");
    assert_eq!(verify_live(&app, "nobody", ADA, 3).code(), "authentication_failed");
    assert_eq!(verify_live(&app, "ada", Shows::Print(0), 4).code(), "liveness_failed");
    let challenge = app.challenge(&json!({}));
    let pictures = performance(ADA, &[], 5).into_iter().map(|(_, picture)| picture).cycle();
    let frames: Vec<_> = (0..12).map(|index| index * 400).zip(pictures).collect();
    let still = challenge.capture(&frames);
    let still = app.post("/verify", &json!({"username": "ada", "liveness": still}));
    assert_eq!(still.code(), "challenge_not_met");
    assert_eq!(app.analyzer.settled(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_or_compared_later_is_seen_by_every_model() {
    let app = cascading(PadMode::Enforce).await;
    // An enrolment.
    let live = app.challenge(&json!({"purpose": "register"})).performed(ADA, 1);
    let consent = json!({"policy_version": "1", "granted": true});
    let ada = json!({"username": "ada", "liveness": live, "consent": consent});
    app.post("/register", &ada).access_token();
    // A token that another request redeems.
    let judged = app.post("/liveness", &app.challenge(&json!({})).performed(ADA, 2));
    // And a picture beside it, which has to show the same person.
    let token = &judged.json()["liveness_token"];
    let image = base64(&ADA.picture());
    let both = json!({"username": "ada", "liveness_token": token, "face_image": image});
    app.post("/verify", &both).access_token();
    assert_eq!(app.analyzer.settled(), 0);
}
