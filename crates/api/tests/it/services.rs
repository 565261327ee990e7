//! Services with an API key: enrolling, scores, resets.

use chrono::TimeDelta;
use faceauth_api::api_key;
use faceauth_api::settings::Registration;
use faceauth_domain::clock::Clock;
use faceauth_domain::scope::Scope;
use faceauth_store::api_keys::NewApiKey;
use faceauth_test_support::scripted::{Mood, Shows};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{Answer, App, base64, probe, registration};

const ADA: Shows = Shows::Person(0);

/// A good key with these scopes.
pub async fn key(app: &App, scopes: &[Scope]) -> String {
    let fresh = api_key::generate().expect("a key");
    let now = app.clock.now();
    let stored = NewApiKey {
        id: Uuid::new_v4(),
        prefix: fresh.prefix.clone(),
        secret_hash: fresh.hash,
        label: "a service".to_owned(),
        scopes: scopes.to_vec(),
        created_at: now,
        expires_at: Some(now + TimeDelta::days(1)),
    };
    app.database.store().await.create_api_key(&stored).await.expect("stored");
    fresh.key.to_string()
}

fn batch(app: &App, key: &str, lines: &[Value]) -> Answer {
    let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
    send_lines(app, key, body.as_bytes())
}

fn send_lines(app: &App, key: &str, body: &[u8]) -> Answer {
    let headers = [("content-type", "application/x-ndjson"), ("x-api-key", key)];
    app.send("POST", "/register/batch", &headers, body)
}

fn results(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    answer.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_may_be_for_services_alone() {
    let app = App::start_with(|s| {
        s.settings.registration = Registration::Service;
        s.settings.policy.require_liveness = true;
    })
    .await;
    assert_eq!(app.register("ada", ADA).code(), "enrolment_not_allowed");
    let (enrol, other) = (key(&app, &[Scope::Enrol]).await, key(&app, &[Scope::ScoresRead]).await);
    let register = |key: &str, shows| {
        app.post_with("/register", &[("x-api-key", key)], &registration("ada", &[shows]))
    };
    assert_eq!(register(&other, ADA).code(), "enrolment_not_allowed");
    assert_eq!(register("fa_guessed", ADA).code(), "token_invalid");
    // The service vouches for the picture: no liveness, and the scan of a print will do.
    assert_eq!(register(&enrol, Shows::Print(0)).status, 201);
    assert_eq!(register(&enrol, Shows::Nobody).code(), "no_face");
    app.clock.advance(TimeDelta::days(1));
    assert_eq!(register(&enrol, ADA).code(), "token_invalid", "expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn scores_are_for_services_that_may_see_them() {
    let app = App::start().await;
    app.register("ada", ADA).access_token();
    let (scores, other) = (key(&app, &[Scope::ScoresRead]).await, key(&app, &[Scope::Enrol]).await);
    let verify = |key: &str| {
        app.post_with("/verify", &[("x-api-key", key)], &probe("ada", ADA)).json()["match"].clone()
    };
    let shown = verify(&scores);
    assert!(shown["score"].as_f64().is_some_and(|score| score > 0.99), "{shown}");
    assert_eq!((&shown["threshold"], &shown["fmr"]), (&json!(0.5), &json!(1e-4)));
    assert_eq!(shown["model"], "scripted");
    assert_eq!(verify(&other), Value::Null);
    assert!(app.verify("ada", ADA).json().get("match").is_none());
    let guessed = app.post_with("/verify", &[("x-api-key", "fa_x")], &probe("ada", ADA));
    assert_eq!(guessed.code(), "token_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_answers_for_each_line() {
    let app = App::start().await;
    let key = key(&app, &[Scope::Enrol]).await;
    let keyed = |name: &str, shows| {
        let mut line = registration(name, &[shows]);
        line["idempotency_key"] = json!(format!("key of {name}"));
        line
    };
    let mut bad_consent = registration("no.consent", &[ADA]);
    bad_consent["consent"]["granted"] = json!(false);
    let lines = [
        keyed("ada", ADA),
        keyed("nobody.there", Shows::Nobody),
        keyed("grace", Shows::Person(1)),
        bad_consent,
        json!("no object"),
        registration("ada", &[Shows::Person(2)]),
    ];
    let answered = results(&batch(&app, &key, &lines));
    let outcomes: Vec<_> = answered
        .iter()
        .map(|r| (r["line"].as_u64().unwrap(), r["status"].as_u64().unwrap()))
        .collect();
    assert_eq!(outcomes, [(1, 201), (2, 422), (3, 201), (4, 403), (5, 400), (6, 409)]);
    assert_eq!(answered[0]["user"]["username"], "ada");
    assert_eq!(answered[0]["faces"].as_array().map(Vec::len), Some(1));
    assert!(!answered[0].to_string().contains("token"), "nobody is signed in by it");
    assert_eq!(answered[1]["problem"]["code"], "no_face");
    assert_eq!(answered[5]["problem"]["code"], "username_taken");
    assert_eq!(app.verify("grace", Shows::Person(1)).status, 200);

    // Sent again: the same accounts, none twice.
    let again = results(&batch(&app, &key, &lines[..3]));
    assert_eq!(again[0]["user"], answered[0]["user"]);
    assert_eq!((&again[0]["status"], &again[2]["status"]), (&json!(201), &json!(201)));
    // Nobody is signed in by repeating it where people are.
    let replayed = app.post_with(
        "/register",
        &[("idempotency-key", "key of ada")],
        &registration("ada", &[ADA]),
    );
    assert_eq!(replayed.code(), "username_taken");
    app.clock.advance(TimeDelta::hours(23));
    assert_eq!(results(&batch(&app, &key, &lines[..1]))[0]["user"], answered[0]["user"]);
    let other = json!({"idempotency_key": "key of ada", "username": "x", "face_image": base64(&ADA.picture()), "consent": {"policy_version": "1", "granted": true}});
    let conflict = results(&batch(&app, &key, &[other]));
    assert_eq!(conflict[0]["problem"]["code"], "idempotency_conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_batches_are_answered_line_by_line() {
    let app = App::start().await;
    let key = key(&app, &[Scope::Enrol]).await;
    assert_eq!(results(&send_lines(&app, &key, b"")), [Value::Null; 0]);
    assert_eq!(results(&send_lines(&app, &key, b"\n \r\n\n")), [Value::Null; 0]);
    // Blank lines count; the last line needs no end.
    let two = format!("\n{{}}\n{}", registration("ada", &[ADA]));
    let answered = results(&send_lines(&app, &key, two.as_bytes()));
    assert_eq!((&answered[0]["line"], &answered[0]["status"]), (&json!(2), &json!(400)));
    assert_eq!((&answered[1]["line"], &answered[1]["status"]), (&json!(3), &json!(201)));
    // A line without end is let go, and the next one counts.
    let mut long = vec![b'x'; 15 * 1024 * 1024];
    long.push(b'\n');
    long.extend(registration("grace", &[Shows::Person(1)]).to_string().bytes());
    let answered = results(&send_lines(&app, &key, &long));
    assert_eq!(answered[0]["problem"]["code"], "payload_too_large");
    assert_eq!(answered[1]["status"], 201);

    for (key, code) in [("", "token_invalid"), ("fa_x", "token_invalid")] {
        assert_eq!(send_lines(&app, key, b"").code(), code);
    }
    let wrong = [("x-api-key", key.as_str()), ("content-type", "application/json")];
    assert_eq!(app.send("POST", "/register/batch", &wrong, b"{}").code(), "unsupported_media_type");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_holds_a_batch_back_and_loses_nobody() {
    let app = App::start().await;
    let key = key(&app, &[Scope::Enrol]).await;
    app.analyzer.set_mood(Mood::Full);
    std::thread::scope(|scope| {
        let sent = scope.spawn(|| results(&batch(&app, &key, &[registration("ada", &[ADA])])));
        std::thread::sleep(std::time::Duration::from_millis(500));
        assert!(!sent.is_finished(), "it waits");
        app.analyzer.set_mood(Mood::Ready);
        assert_eq!(sent.join().expect("an answer")[0]["status"], 201);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_lets_the_owner_enrol_a_new_face_and_nobody_else() {
    let app = App::start().await;
    let before = app.register("ada", ADA);
    let (reset_key, other) =
        (key(&app, &[Scope::AccountsReset]).await, key(&app, &[Scope::Enrol]).await);
    let reset = |name: &str, key: &str| {
        app.post_with("/accounts/reset", &[("x-api-key", key)], &json!({"username": name}))
    };
    assert_eq!(reset("ada", &other).code(), "insufficient_scope");
    assert_eq!(app.post("/accounts/reset", &json!({"username": "ada"})).code(), "token_invalid");
    assert_eq!(reset("nobody", &reset_key).code(), "not_found");
    assert_eq!(reset("two words", &reset_key).code(), "invalid_field");
    let answer = reset("Ada", &reset_key);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["user"], before.json()["user"]);
    let token = answer.json()["enrolment_token"].as_str().expect("a token").to_owned();

    // Nobody is signed in any more, by face or by session.
    assert_eq!(app.verify("ada", ADA).code(), "authentication_failed");
    let refresh = json!({"refresh_token": before.refresh_token()});
    assert_eq!(app.post("/token/refresh", &refresh).code(), "token_invalid");
    // The token enrols one face, and nothing else.
    let add = |token: &str, shows: Shows| {
        let bearer = format!("Bearer {token}");
        let body = json!({"face_image": base64(&shows.picture())});
        app.post_with("/me/faces", &[("authorization", &bearer)], &body)
    };
    assert_eq!(app.with_token("GET", "/me", &token).code(), "token_invalid");
    assert_eq!(app.with_token("DELETE", "/me", &token).code(), "token_invalid");
    assert_eq!(add(&token, Shows::Person(2)).status, 201);
    assert_eq!(add(&token, Shows::Person(2)).code(), "token_invalid", "it is used up");
    assert_eq!(app.verify("ada", Shows::Person(2)).status, 200);

    // The second reset takes the first one's token back.
    let [first, second] = [(); 2].map(|()| {
        reset("ada", &reset_key).json()["enrolment_token"].as_str().expect("a token").to_owned()
    });
    assert_eq!(add(&first, ADA).code(), "token_invalid");
    assert_eq!(add(&token, ADA).code(), "token_invalid");
    assert_eq!(add(&second, Shows::Nobody).code(), "no_face", "a refused picture uses nothing up");
    assert_eq!(add(&second, ADA).status, 201);

    let late = reset("ada", &reset_key).json()["enrolment_token"].clone();
    app.clock.advance(TimeDelta::hours(1));
    assert_eq!(add(late.as_str().expect("a token"), ADA).code(), "token_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_good_buys_no_larger_limit() {
    let app = App::start_with(|s| s.limit_sign_in(2)).await;
    let bogus = [("x-api-key", "fa_guessed")];
    let open = || app.post_with("/liveness/sessions", &bogus, &json!({}));
    assert_eq!((open().status, open().status, open().status), (201, 201, 429));
    // Where keys are looked at, nothing is analysed for a bad one.
    let seen = app.analyzer.analyses();
    for _ in 0..5 {
        let guessed = app.post_with("/verify", &bogus, &probe("ada", ADA));
        assert_eq!(guessed.code(), "token_invalid");
    }
    assert_eq!(app.analyzer.analyses(), seen);
    // A good key is a bucket of its own.
    let key = key(&app, &[Scope::ScoresRead]).await;
    for _ in 0..5 {
        let refused = app.post_with("/verify", &[("x-api-key", &key)], &probe("nobody", ADA));
        assert_eq!(refused.code(), "authentication_failed");
    }
}
