//! An access token outlives its session by minutes. Nothing under `/me` does.

use chrono::TimeDelta;
use faceauth_domain::scope::Scope;
use faceauth_test_support::scripted::Shows;
use serde_json::{Value, json};

use crate::app::{Answer, App, base64, registration};

const ADA: Shows = Shows::Person(0);

/// What ends every session of the name, or the one of this answer.
#[derive(Debug, Clone, Copy)]
enum End {
    AtTheList,
    SignOut,
    Reuse,
    Reset,
    Withdrawal,
    Erasure,
}

impl End {
    const ALL: [Self; 6] =
        [Self::AtTheList, Self::SignOut, Self::Reuse, Self::Reset, Self::Withdrawal, Self::Erasure];

    fn happen(self, app: &App, name: &str, key: &str, signed_in: &Answer) {
        let token = signed_in.access_token();
        let refresh = json!({"refresh_token": signed_in.refresh_token()});
        let ended = match self {
            Self::AtTheList => {
                let list = app.with_token("GET", "/me/sessions", &token).json();
                let own = list["sessions"].as_array().expect("sessions").iter();
                let own = own.filter(|session| session["current"] == true);
                let id = own.map(|s| s["id"].as_str().expect("an id")).next().expect("a session");
                app.with_token("DELETE", &format!("/me/sessions/{id}"), &token)
            }
            Self::SignOut => app.post("/token/revoke", &refresh),
            Self::Reuse => {
                assert_eq!(app.post("/token/refresh", &refresh).status, 200);
                let reused = app.post("/token/refresh", &refresh);
                assert_eq!(reused.code(), "token_invalid");
                return;
            }
            Self::Reset => reset(app, name, key),
            Self::Withdrawal => app.with_token("DELETE", "/me/consent", &token),
            Self::Erasure => app.with_token("DELETE", "/me", &token),
        };
        assert!(ended.status < 300, "{self:?}: {}", ended.text());
    }
}

fn reset(app: &App, name: &str, key: &str) -> Answer {
    app.post_with("/accounts/reset", &[("x-api-key", key)], &json!({"username": name}))
}

/// Every documented route under `/me`, with a request that it would take.
fn routes(app: &App) -> Vec<(String, String, Option<Value>)> {
    let document = app.get("/openapi.json").json();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        if path != "/me" && !path.starts_with("/me/") {
            continue;
        }
        for method in item.as_object().expect("methods").keys() {
            let body = match (method.as_str(), path.as_str()) {
                ("post", "/me/faces") => Some(json!({"face_image": base64(&ADA.picture())})),
                ("post", "/me/consent") => Some(json!({"policy_version": "2", "granted": true})),
                // A transaction that was never begun is looked for after the session.
                ("post", "/me/passkeys") => {
                    Some(json!({"transaction": "x", "name": "x", "credential": {}}))
                }
                ("post", "/me/passkeys/challenge" | "/me/recovery-codes") => None,
                ("get" | "delete", _) => None,
                other => panic!("say what {other:?} takes"),
            };
            let path = path.replace("{client_id}", "shop");
            let path = path.replace("{id}", "0190c0de-0000-7000-8000-000000000000");
            routes.push((method.to_uppercase(), path, body));
        }
    }
    assert!(routes.len() >= 11, "{routes:?}");
    routes
}

fn call(app: &App, token: &str, (method, path, body): &(String, String, Option<Value>)) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let body = body.as_ref().map(Value::to_string).unwrap_or_default();
    app.send(method, path, &headers, body.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_under_me_refuses_the_token_of_a_session_that_has_ended() {
    let app = App::start().await;
    let key = crate::services::key(&app, &[Scope::AccountsReset]).await;
    let routes = routes(&app);
    for end in End::ALL {
        let name = format!("{end:?}").to_lowercase();
        app.register(&name, ADA).access_token();
        let signed_in = app.verify(&name, ADA);
        let token = signed_in.access_token();
        for route in routes.iter().filter(|(method, ..)| method == "GET") {
            assert_eq!(call(&app, &token, route).status, 200, "{route:?}");
        }
        end.happen(&app, &name, &key, &signed_in);
        let seen = app.analyzer.analyses();
        for route in &routes {
            let refused = call(&app, &token, route);
            assert_eq!(
                (refused.status, refused.code()),
                (401, "token_invalid".to_owned()),
                "{end:?} {route:?}"
            );
        }
        assert_eq!(app.analyzer.analyses(), seen, "nothing is looked at for it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_session_of_the_account_goes_on() {
    let app = App::start().await;
    let lost = app.register("ada", ADA);
    app.clock.advance(TimeDelta::seconds(1));
    let kept = app.verify("ada", ADA);
    End::AtTheList.happen(&app, "ada", "", &lost);
    assert_eq!(app.with_token("GET", "/me", &lost.access_token()).code(), "token_invalid");
    assert_eq!(app.with_token("GET", "/me", &kept.access_token()).status, 200);
    // A token of before a renewal is of the same session.
    let renewed = app.post("/token/refresh", &json!({"refresh_token": kept.refresh_token()}));
    for answer in [&kept, &renewed] {
        assert_eq!(app.with_token("GET", "/me", &answer.access_token()).status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_reset_the_owners_token_wins() {
    let app = App::start().await;
    let key = crate::services::key(&app, &[Scope::AccountsReset]).await;
    let thief = app.register("ada", ADA).access_token();
    let owner =
        reset(&app, "ada", &key).json()["enrolment_token"].as_str().expect("one").to_owned();
    let add = |token: &str, shows: Shows| {
        let bearer = format!("Bearer {token}");
        let body = json!({"face_image": base64(&shows.picture())});
        app.post_with("/me/faces", &[("authorization", &bearer)], &body)
    };
    assert_eq!(add(&thief, Shows::Person(1)).code(), "token_invalid");
    assert_eq!(add(&owner, Shows::Person(2)).status, 201);
    assert_eq!(app.verify("ada", Shows::Person(1)).code(), "authentication_failed");
    assert_eq!(app.verify("ada", Shows::Person(2)).status, 200);
}

/// Holds the account while `first` and then `second` come to wait for it, and answers both.
fn in_turn(
    app: &App,
    first: impl FnOnce() -> Answer + Send,
    second: impl FnOnce() -> Answer + Send,
) -> (Answer, Answer) {
    let runtime = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| {
        let holder = runtime.block_on(app.database.client());
        let run = |sql| runtime.block_on(holder.batch_execute(sql)).expect("a statement");
        run("BEGIN; SELECT FROM users FOR UPDATE");
        std::thread::scope(|scope| {
            let first = scope.spawn(first);
            runtime.block_on(until_waiting(app, 1));
            let second = scope.spawn(second);
            runtime.block_on(until_waiting(app, 2));
            run("ROLLBACK");
            (first.join().expect("an answer"), second.join().expect("an answer"))
        })
    })
}

async fn until_waiting(app: &App, connections: i64) {
    let observer = app.database.client().await;
    let waiting = "SELECT count(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while observer.query_one(waiting, &[]).await.expect("a count").get::<_, i64>(0) < connections {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_in_flight_does_not_survive_a_reset_or_a_withdrawal() {
    let app = App::start().await;
    let key = crate::services::key(&app, &[Scope::AccountsReset]).await;
    let enrolled = app.register("ada", ADA).access_token();
    for end in [End::Withdrawal, End::Reset] {
        let (ended, signed_in) = in_turn(
            &app,
            || match end {
                End::Reset => reset(&app, "ada", &key),
                _ => app.with_token("DELETE", "/me/consent", &enrolled),
            },
            // The picture matches: the account is waited for after that.
            || app.verify("ada", ADA),
        );
        assert!(ended.status < 300, "{end:?}: {}", ended.text());
        assert_eq!(signed_in.code(), "authentication_failed", "{end:?}");
        // Back to where it was, for the other end.
        let token = reset(&app, "ada", &key).json()["enrolment_token"].clone();
        let bearer = format!("Bearer {}", token.as_str().expect("a token"));
        let auth = [("authorization", bearer.as_str())];
        app.clock.advance(TimeDelta::seconds(1));
        let agreed = json!({"policy_version": "2", "granted": true});
        assert_eq!(app.post_with("/me/consent", &auth, &agreed).status, 200);
        let face = json!({"face_image": base64(&ADA.picture())});
        assert_eq!(app.post_with("/me/faces", &auth, &face).status, 201);
        assert_eq!(app.verify("ada", ADA).status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_registration_does_not_survive_a_reset_either() {
    let app = App::start().await;
    let key = crate::services::key(&app, &[Scope::AccountsReset]).await;
    let request = registration("ada", &[ADA]);
    let repeat = || app.post_with("/register", &[("idempotency-key", "k")], &request);
    repeat().access_token();
    let (ended, replayed) = in_turn(&app, || reset(&app, "ada", &key), repeat);
    assert_eq!(ended.status, 200, "{}", ended.text());
    assert_eq!(replayed.code(), "authentication_failed");
    // Nor afterwards, also when another face is there.
    assert_eq!(repeat().code(), "authentication_failed");
    let token = ended.json()["enrolment_token"].as_str().expect("a token").to_owned();
    let bearer = format!("Bearer {token}");
    app.clock.advance(TimeDelta::seconds(1));
    let face = json!({"face_image": base64(&ADA.picture())});
    assert_eq!(app.post_with("/me/faces", &[("authorization", &bearer)], &face).status, 201);
    assert_eq!(repeat().code(), "authentication_failed");
    assert_eq!(app.verify("ada", ADA).status, 200);
}
