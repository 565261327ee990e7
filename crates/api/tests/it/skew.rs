//! Replicas whose machines do not agree on the time.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::clock::Clock;
use faceauth_test_support::database::TestDatabase;
use faceauth_test_support::scripted::Shows;
use serde_json::{Value, json};

use crate::app::{Answer, App, Challenged};

const ADA: Shows = Shows::Person(0);

/// The clock of a machine that is ahead by so much.
struct Ahead(TimeDelta);

impl Clock for Ahead {
    #[expect(clippy::disallowed_methods, reason = "it stands for the clock of a machine")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now() + self.0
    }
}

/// A replica as `faceauth serve` makes it, on a machine that is ahead by so much.
fn replica(database: &Arc<TestDatabase>, ahead: TimeDelta) -> App {
    let app = App::start_on(Arc::clone(database), |setup| {
        setup.clock = Some(Box::new(move |store| Arc::new(store.clock(Arc::new(Ahead(ahead))))));
    });
    // It is sent requests once it is ready.
    assert_eq!(app.get("/readyz").status, 200);
    app
}

/// Opens a session with one replica and answers it with another one, the moment the steps can
/// have been done.
async fn sign_in(opens: &App, judges: &App, salt: u32) -> Answer {
    let request = json!({"username": "ada", "purpose": "verify"});
    let opened = opens.post("/liveness/sessions", &request);
    assert_eq!(opened.status, 201, "{}", opened.text());
    let challenged = Challenged::of(&opened.json(), None);
    let capture = challenged.performed(ADA, salt);
    let last = capture["frames"].as_array().and_then(|frames| frames.last()).expect("frames");
    let took = last["t_ms"].as_i64().expect("a time");
    // The time of the performance passes.
    let passes = format!(
        "UPDATE liveness_sessions SET issued_at = issued_at - {took} * interval '1 ms' \
         WHERE id = '{}'",
        challenged.session
    );
    opens.database.client().await.batch_execute(&passes).await.expect("time passes");
    judges.post("/verify", &json!({"username": "ada", "liveness": capture}))
}

fn reasons(answer: &Answer) -> Value {
    answer.json()["liveness"]["reasons"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_sign_people_in_whatever_their_machines_believe() {
    let database = Arc::new(TestDatabase::create().await);
    let right = replica(&database, TimeDelta::zero());
    assert_eq!(right.register("ada", ADA).status, 201);
    let mut salt = 0;
    for skew in [5, -5, 3_600, -3_600] {
        let wrong = replica(&database, TimeDelta::seconds(skew));
        for (opens, judges) in [(&right, &wrong), (&wrong, &right)] {
            salt += 1;
            let answer = sign_in(opens, judges, salt).await;
            assert_eq!(answer.status, 200, "{skew} s: {}", answer.text());
            // What one of them issued counts with the other, at once.
            let token = answer.access_token();
            assert_eq!(opens.with_token("GET", "/me", &token).status, 200, "{skew} s");
            let refresh = json!({"refresh_token": answer.refresh_token()});
            assert_eq!(opens.post("/token/refresh", &refresh).status, 200, "{skew} s");
        }
    }
}

/// The same by the clocks of the machines: this is what the database's clock is for.
#[tokio::test(flavor = "multi_thread")]
async fn clocks_of_machines_would_not_do() {
    let database = Arc::new(TestDatabase::create().await);
    let right = replica(&database, TimeDelta::zero());
    assert_eq!(right.register("ada", ADA).status, 201);
    let behind = App::start_on(Arc::clone(&database), |setup| {
        setup.clock = Some(Box::new(|_| Arc::new(Ahead(TimeDelta::seconds(-5)))));
    });
    let answer = sign_in(&right, &behind, 1).await;
    assert_eq!(reasons(&answer), json!(["recorded_before_session"]), "{}", answer.text());
}
