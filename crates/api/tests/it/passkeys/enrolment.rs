//! Passkeys at and after an enrolment.

use chrono::TimeDelta;
use faceauth_domain::second_factor::SecondFactorMode;
use serde_json::{Value, json};

use super::{ADA, EVE, asks, codes, key, offered, shown};
use crate::app::{App, registration};

#[tokio::test(flavor = "multi_thread")]
async fn where_everybody_needs_a_passkey_the_first_one_is_registered_after_the_face() {
    let app = App::start_with(asks(SecondFactorMode::Required)).await;
    let register = |asked: &Value, credential: &Value| {
        let body = json!({
            "transaction": asked["transaction"], "name": "my key", "credential": credential,
        });
        app.post("/register/passkey", &body)
    };
    // At the enrolment.
    let asked = app.register("ada", ADA);
    assert_eq!(asked.status, 202, "{}", asked.text());
    let asked = asked.json();
    assert_eq!(asked["next"], "register_passkey");
    let mut key = key(1);
    let done = register(&asked, &key.register(&asked["options"]));
    assert_eq!((done.status, codes(&done).len()), (201, 10));
    assert_eq!(shown(&done).0, "face-passkey-device-bound");
    let asked = app.asked("ada", ADA);
    assert_eq!(asked["next"], "show_passkey");

    // Later, for an account that had none: whoever left after the enrolment.
    assert_eq!(app.register("eve", EVE).status, 202);
    let (one, two) = (app.asked("eve", EVE), app.asked("eve", EVE));
    assert_eq!(one["next"], "register_passkey");
    let (mut hers, mut second) = (self::key(2), self::key(3));
    // The passkey of somebody else is no new one.
    let mut stolen = self::key(1);
    let conflict = register(&one, &stolen.register(&one["options"]));
    assert_eq!(conflict.code(), "passkey_conflict");
    assert_eq!(register(&one, &hers.register(&one["options"])).status, 201);
    // A transaction that was begun before the first passkey adds no second one.
    assert_eq!(register(&two, &second.register(&two["options"])).code(), "passkey_conflict");
    // And it goes nowhere else.
    let asked = app.asked("eve", EVE);
    assert_eq!(register(&asked, &second.register(&one["options"])).code(), "transaction_expired");

    // The last one stays.
    let signed_in = app.show(&asked, &hers.sign(&asked["options"]));
    let token = signed_in.access_token();
    let id = |index: usize| {
        let listed = app.with_token("GET", "/me/passkeys", &token).json();
        listed["passkeys"][index]["id"].as_str().expect("an id").to_owned()
    };
    let remove = |id: &str| app.with_token("DELETE", &format!("/me/passkeys/{id}"), &token);
    assert_eq!(remove(&id(0)).code(), "passkey_conflict");
    // Passkeys are listed by their time.
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(app.add_passkey(&token, &mut second, "another").status, 201);
    assert_eq!(remove(&id(0)).status, 204);
    let asked = app.asked("eve", EVE);
    assert_eq!(app.show(&asked, &hers.sign(&asked["options"])).code(), "passkey_refused");
    assert_eq!(app.show(&asked, &second.sign(&asked["options"])).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_registration_again_goes_past_no_passkey() {
    let app = offered().await;
    let body = registration("ada", &[ADA]);
    let again = || app.post_with("/register", &[("idempotency-key", "one")], &body);
    let token = again().access_token();
    assert_eq!(again().status, 201);
    let mut key = key(1);
    assert_eq!(app.add_passkey(&token, &mut key, "my key").status, 201);
    assert_eq!(again().code(), "authentication_failed");

    let strict = App::start_with(asks(SecondFactorMode::Required)).await;
    let again = || strict.post_with("/register", &[("idempotency-key", "one")], &body);
    assert_eq!((again().status, again().status), (202, 202));
    let asked = again().json();
    let credential = key.register(&asked["options"]);
    let answer = json!({
        "transaction": asked["transaction"], "name": "my key", "credential": credential,
    });
    assert_eq!(strict.post("/register/passkey", &answer).status, 201);
    assert_eq!(again().code(), "authentication_failed");
}
