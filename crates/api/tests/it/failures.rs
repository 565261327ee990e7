//! Waiting after failed sign-ins.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use chrono::TimeDelta;
use faceauth_test_support::scripted::Shows;
use serde_json::{Value, json};

use crate::app::{Answer, App, probe};

const ADA: Shows = Shows::Person(0);
const STRANGER: Shows = Shows::Person(1);

fn without_request(answer: &Answer) -> Value {
    let mut body = answer.json();
    body["request_id"].take();
    body
}

/// A sign-in with a device token.
fn verify_on(app: &App, username: &str, shows: Shows, device: &str) -> Answer {
    let mut body = probe(username, shows);
    body["device_token"] = json!(device);
    app.post("/verify", &body)
}

fn device_token(answer: &Answer) -> String {
    answer.json()["device_token"].as_str().expect("a device token").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn known_and_unknown_names_wait_alike_and_success_ends_it() {
    let app = App::start().await;
    app.register("ada", ADA).access_token();
    for name in ["ada", "nobody"] {
        for _ in 1..=5 {
            assert_eq!(app.verify(name, STRANGER).code(), "authentication_failed");
        }
    }
    let seen = app.analyzer.analyses();
    let known = app.verify("ada", ADA);
    assert_eq!((known.status, known.code().as_str()), (429, "too_many_failures"));
    assert_eq!(known.header("retry-after"), "30");
    assert_eq!(known.json()["retry_after"], 30);
    let unknown = app.verify("nobody", ADA);
    assert_eq!(without_request(&unknown), without_request(&known));
    assert_eq!(app.analyzer.analyses(), seen, "refused before inference");

    app.clock.advance(TimeDelta::seconds(30));
    assert_eq!(app.verify("ada", STRANGER).code(), "authentication_failed");
    assert_eq!(app.verify("ada", ADA).header("retry-after"), "60");
    app.clock.advance(TimeDelta::milliseconds(59_500));
    assert_eq!(app.verify("ada", ADA).header("retry-after"), "1");
    app.clock.advance(TimeDelta::milliseconds(500));
    app.verify("ada", ADA).access_token();
    // From the beginning.
    for _ in 1..=5 {
        assert_eq!(app.verify("ada", STRANGER).code(), "authentication_failed");
    }
    assert_eq!(app.verify("ada", ADA).code(), "too_many_failures");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_says_nothing_of_the_person_does_not_count() {
    let app = App::start().await;
    app.register("ada", ADA).access_token();
    for _ in 1..=8 {
        assert_eq!(app.verify("ada", Shows::Nobody).code(), "no_face");
        assert_eq!(app.verify("ada", Shows::Crowd).code(), "multiple_faces");
    }
    app.verify("ada", ADA).access_token();
    for _ in 1..=5 {
        assert_eq!(app.verify("ada", Shows::Print(0)).code(), "liveness_failed");
    }
    assert_eq!(app.verify("ada", ADA).code(), "too_many_failures");
}

#[tokio::test(flavor = "multi_thread")]
async fn missed_steps_do_not_count_and_attacks_do() {
    let app = App::start().await;
    app.register("ada", ADA).access_token();
    let submit = |frames: &dyn Fn(usize, Vec<u8>) -> Vec<u8>, salt: u32| {
        let challenge = app.challenge(&json!({}));
        let performed = faceauth_test_support::scripted::performance(ADA, &challenge.actions, salt);
        let frames: Vec<_> =
            performed.into_iter().enumerate().map(|(i, (t, p))| (t, frames(i, p))).collect();
        app.post("/verify", &json!({"username": "ada", "liveness": challenge.capture(&frames)}))
    };
    for salt in 0..6 {
        let still = |i: usize, p| if i >= 6 { ADA.frame(None, 100 * salt + i as u32) } else { p };
        assert_eq!(submit(&still, 1000 + salt).code(), "challenge_not_met");
    }
    for salt in 0..5 {
        let print = |i: usize, _| Shows::Print(0).frame(None, 5000 + 100 * salt + i as u32);
        assert_eq!(submit(&print, 2000 + salt).code(), "liveness_failed");
    }
    assert_eq!(app.verify("ada", ADA).code(), "too_many_failures");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_cannot_lock_a_known_device_out() {
    let app = App::start().await;
    let ours = device_token(&app.register("ada", ADA));
    let theirs = device_token(&app.register("mallory", STRANGER));
    for _ in 1..=5 {
        assert_eq!(verify_on(&app, "ada", STRANGER, &theirs).code(), "authentication_failed");
    }
    for no_token in [&theirs, "a.b.c", "", &ours[..ours.len() - 2]] {
        assert_eq!(verify_on(&app, "ada", ADA, no_token).code(), "too_many_failures");
    }
    let signed_in = verify_on(&app, "ada", ADA, &ours);
    assert_eq!(signed_in.status, 200, "{}", signed_in.text());
    // And everybody else may try again.
    assert_eq!(app.verify("ada", STRANGER).code(), "authentication_failed");

    // No other token passes for it, nor it for another.
    let renewed = device_token(&signed_in);
    assert_eq!(app.with_token("GET", "/me", &renewed).code(), "token_invalid");
    for _ in 1..=4 {
        verify_on(&app, "ada", STRANGER, &signed_in.access_token());
    }
    assert_eq!(app.verify("ada", ADA).code(), "too_many_failures");
    // It is a device's for half a year.
    app.clock.advance(TimeDelta::days(179));
    for _ in 1..=5 {
        app.verify("ada", STRANGER);
    }
    assert_eq!(app.verify("ada", ADA).code(), "too_many_failures");
    assert_eq!(verify_on(&app, "ada", ADA, &renewed).status, 200);
    app.clock.advance(TimeDelta::days(181));
    for _ in 1..=5 {
        app.verify("ada", STRANGER);
    }
    assert_eq!(verify_on(&app, "ada", ADA, &renewed).code(), "too_many_failures");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_fifty_nobody_is_let_in_and_nobody_can_tell() {
    let app = App::start().await;
    let registered = app.register("ada", ADA);
    let ours = device_token(&registered);
    for _ in 1..=50 {
        assert_eq!(app.verify("ada", STRANGER).code(), "authentication_failed");
        // Longer than a try takes to come back, so that the budget never ends first.
        app.clock.advance(TimeDelta::hours(29));
    }
    let seen = app.analyzer.analyses();
    let (locked, stranger) = (app.verify("ada", ADA), {
        app.clock.advance(TimeDelta::hours(1));
        app.verify("nobody", ADA)
    });
    assert_eq!(locked.code(), "authentication_failed");
    assert_eq!(without_request(&locked), without_request(&stranger));
    assert_eq!(app.analyzer.analyses(), seen + 2, "at the same cost");
    let client = app.database.client().await;
    let outcomes = "SELECT count(*) FROM attempts WHERE outcome = 'locked'";
    assert_eq!(client.query_one(outcomes, &[]).await.expect("a count").get::<_, i64>(0), 1);
    // The device the account holder knows is another way in.
    assert_eq!(verify_on(&app, "ada", ADA, &ours).status, 200);
    assert_eq!(app.verify("ada", ADA).status, 200);
}

/// Sends a sign-in and reads no answer.
fn send_only(app: &App, body: &Value) -> TcpStream {
    let body = body.to_string();
    let mut stream = TcpStream::connect(app.base.trim_start_matches("http://")).expect("connect");
    let head = format!(
        "POST /verify HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).expect("sent");
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_end_early_leave_no_failures_and_give_no_tries() {
    let app = App::start().await;
    app.register("ada", ADA).access_token();
    let (holder, observer) = (app.database.client().await, app.database.client().await);
    let number =
        async |sql: &str| -> i64 { observer.query_one(sql, &[]).await.expect("a number").get(0) };
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted";
    // A test that waits for what does not come has to end.
    let until = async |wanted: i64| {
        for _ in 0..500 {
            if number(waiting).await == wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("there were never {wanted} that wait");
    };
    for _ in 0..2 {
        assert_eq!(app.verify("ada", STRANGER).code(), "authentication_failed");
    }
    // What a sign-in writes cannot be written for now.
    let hold = "BEGIN; LOCK TABLE refresh_tokens IN ACCESS EXCLUSIVE MODE";
    holder.batch_execute(hold).await.expect("held");
    let in_flight: Vec<_> = (0..3).map(|_| send_only(&app, &probe("ada", ADA))).collect();
    until(3).await;
    // They count while they may yet be answered.
    assert_eq!(app.verify("ada", STRANGER).code(), "too_many_failures");
    drop(in_flight);
    tokio::time::sleep(Duration::from_millis(200)).await;
    holder.batch_execute("ROLLBACK").await.expect("let go");
    until(0).await;
    tokio::time::sleep(Duration::from_millis(300)).await;

    app.clock.advance(TimeDelta::minutes(2));
    // The two that were decided; none when one of the three was let in before it was given up.
    let standing = number("SELECT coalesce(sum(in_a_row), 0) FROM failures").await;
    assert!(standing == 2 || standing == 0, "{standing}");
    for _ in standing..5 {
        assert_eq!(app.verify("ada", STRANGER).code(), "authentication_failed");
    }
    assert_eq!(app.verify("ada", STRANGER).code(), "too_many_failures");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_have_a_budget_that_the_owner_does_not_refill() {
    let app = App::start().await;
    let ours = device_token(&app.register("ada", ADA));
    let mut tries = 0;
    // The owner signs in on a known device between any two strangers, for a day.
    for _ in 0..60 {
        let answer = app.verify("ada", STRANGER);
        if answer.status == 429 {
            assert_eq!(answer.code(), "too_many_failures");
            break;
        }
        assert_eq!(answer.code(), "authentication_failed");
        tries += 1;
        assert_eq!(verify_on(&app, "ada", ADA, &ours).status, 200);
    }
    assert_eq!(tries, 25);
    // A name without an account tells nothing else.
    for _ in 0..25 {
        assert_eq!(app.verify("nobody", STRANGER).code(), "authentication_failed");
        app.clock.advance(TimeDelta::minutes(60));
    }
    // The owner on a new device waits, and is told how long. A day has passed.
    let new_device = app.verify("ada", ADA);
    assert_eq!(new_device.code(), "too_many_failures");
    assert_eq!(new_device.json()["retry_after"], (1728 - 25 * 60) * 60);
    assert_eq!(verify_on(&app, "ada", ADA, &ours).status, 200);
    // One try comes back after another, and a success spends none.
    app.clock.advance(TimeDelta::minutes(1728 - 25 * 60));
    assert_eq!(app.verify("ada", ADA).status, 200);
    assert_eq!(app.verify("ada", STRANGER).code(), "authentication_failed");
    assert_eq!(app.verify("ada", ADA).code(), "too_many_failures");
    // An operator gives all of them back.
    assert!(app.database.store().await.unlock("ada").await.expect("unlocked"));
    assert_eq!(app.verify("ada", ADA).status, 200);
}
