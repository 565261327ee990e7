//! Another matcher without enrolling anew.

use faceauth_domain::embedding::ModelId;
use faceauth_domain::policy::{MatchPolicy, PreviousModel};
use faceauth_store::StoreConfig;
use faceauth_test_support::scripted::{ScriptedAnalyzer, Shows};
use serde_json::json;

use crate::app::App;

const ADA: Shows = Shows::Person(0);

fn matching(model: &str) -> MatchPolicy {
    MatchPolicy { model: ModelId::new(model), threshold: 0.5, fmr: 1e-4, cascade: None }
}

/// A replica on this database that decides by `current`, while people move from `previous`.
async fn replica(store: StoreConfig, current: &str, previous: Option<&str>) -> App {
    App::start_with(|setup| {
        setup.store = Some(store);
        setup.analyzer = ScriptedAnalyzer::moving(current, previous);
        setup.settings.policy.matching = matching(current);
        setup.settings.policy.previous =
            previous.map(|model| PreviousModel { matching: matching(model), strong: 0.9 });
    })
    .await
}

/// The models of the faces of the token's owner.
fn models(app: &App, token: &str) -> Vec<String> {
    let faces = app.with_token("GET", "/me/faces", token).json();
    let faces = faces["faces"].as_array().expect("faces").clone();
    faces.iter().map(|face| face["model"].as_str().expect("a model").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn strong_live_matches_move_people_and_nobody_enrols_anew() {
    let before = App::start().await;
    let store = || before.database.config();
    let old = replica(store(), "old", None).await;
    for (name, shows) in [("ada", ADA), ("grace", Shows::Person(1))] {
        old.register(name, shows).access_token();
    }
    // Without the old model nobody would sign in.
    let hard = replica(store(), "new", None).await;
    assert_eq!(hard.verify("ada", ADA).code(), "authentication_failed");

    let moving = replica(store(), "new", Some("old")).await;
    assert_eq!(moving.verify("ada", Shows::Person(1)).code(), "authentication_failed");
    // A picture signs in where it may, and is worth no template.
    let picture = moving.verify("ada", ADA).access_token();
    assert_eq!(models(&moving, &picture), ["old"]);
    // A capture is, and so is its token.
    let challenge = moving.challenge(&json!({}));
    let live = challenge.performed(ADA, 1);
    let signed_in = moving.post("/verify", &json!({"username": "ada", "liveness": live}));
    assert_eq!(models(&moving, &signed_in.access_token()), ["old", "new"]);
    let challenge = moving.challenge(&json!({}));
    let judged = moving.post("/liveness", &challenge.performed(Shows::Person(1), 2)).json();
    let by_token = json!({"username": "grace", "liveness_token": judged["liveness_token"]});
    let signed_in = moving.post("/verify", &by_token);
    assert_eq!(models(&moving, &signed_in.access_token()), ["old", "new"]);

    // Both have moved, so the old model can be removed. A person with only its templates is
    // refused.
    for (name, shows) in [("ada", ADA), ("grace", Shows::Person(1))] {
        assert_eq!(hard.verify(name, shows).status, 200, "{name}");
        assert_eq!(hard.verify(name, Shows::Person(2)).code(), "authentication_failed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_face_is_added_by_the_previous_model_until_somebody_has_moved() {
    let before = App::start().await;
    let old = replica(before.database.config(), "old", None).await;
    old.register("ada", ADA).access_token();
    let moving = replica(before.database.config(), "new", Some("old")).await;
    let token = moving.verify("ada", ADA).access_token();
    let bearer = format!("Bearer {token}");
    let add = |shows: Shows| {
        let body = json!({"face_image": crate::app::base64(&shows.picture())});
        moving.post_with("/me/faces", &[("authorization", &bearer)], &body)
    };
    assert_eq!(add(Shows::Person(1)).code(), "frames_inconsistent");
    assert_eq!(add(ADA).status, 201);
    // Both are of one moment, so their order says nothing.
    let mut both = models(&moving, &token);
    both.sort();
    assert_eq!(both, ["new", "old"]);
    assert_eq!(add(Shows::Person(1)).code(), "frames_inconsistent");
}
