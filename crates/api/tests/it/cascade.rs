//! A matcher whose first stage may accept by itself.

use faceauth_domain::embedding::ModelId;
use faceauth_domain::policy::{Cascade, PadMode};
use faceauth_test_support::scripted::{FIRST_PART, FIRST_STAGE, Shows};

use crate::app::App;

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
