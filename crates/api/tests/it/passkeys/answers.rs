//! Which answers and transactions count.

use chrono::TimeDelta;
use faceauth_test_support::passkey::SoftKey;
use serde_json::{Value, json};

use super::{ADA, EVE, codes, key, offered, shown};

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_with_something_wrong_signs_nobody_in() {
    let app = offered().await;
    let mut key = key(1);
    app.enrolled("ada", ADA, &mut key);
    let wrong: [fn(&mut SoftKey); 4] = [
        |key| key.origin = "https://attacker.example".to_owned(),
        |key| key.rp_id = "attacker.example".to_owned(),
        |key| key.verifies_user = false,
        |key| key.counter = 0,
    ];
    // The key has been used once, so its count can go back.
    let asked = app.asked("ada", ADA);
    assert_eq!(app.show(&asked, &key.sign(&asked["options"])).status, 200);
    for (index, spoil) in wrong.into_iter().enumerate() {
        let mut spoilt = key.clone();
        spoil(&mut spoilt);
        let asked = app.asked("ada", ADA);
        let refused = app.show(&asked, &spoilt.sign(&asked["options"]));
        assert_eq!((refused.status, refused.code().as_str()), (401, "passkey_refused"), "{index}");
        assert!(!refused.text().contains("counter") && !refused.text().contains("origin"));
    }
    // The answer to an earlier challenge.
    let (earlier, asked) = (app.asked("ada", ADA), app.asked("ada", ADA));
    let replayed = key.sign(&earlier["options"]);
    assert_eq!(app.show(&asked, &replayed).code(), "passkey_refused");
    for body in [
        json!({"transaction": asked["transaction"], "credential": {}}),
        json!({"transaction": asked["transaction"], "credential": {"id": 1}}),
    ] {
        assert_eq!(app.post("/verify/passkey", &body).code(), "passkey_refused");
    }
    // What is no object is no answer, and takes no try.
    for credential in [json!(null), json!([]), json!("x")] {
        let body = json!({"transaction": asked["transaction"], "credential": credential});
        let refused = app.post("/verify/passkey", &body);
        assert_eq!(
            (refused.code().as_str(), refused.pointer().as_str()),
            ("invalid_field", "/credential")
        );
    }
    // Three answers were enough.
    let right = key.sign(&asked["options"]);
    assert_eq!(app.show(&asked, &right).code(), "transaction_expired");
    let missing = app.post("/verify/passkey", &json!({"transaction": "x"}));
    assert_eq!(
        (missing.code().as_str(), missing.pointer().as_str()),
        ("missing_field", "/credential")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_is_good_once_for_two_minutes_and_for_what_it_was_begun() {
    let app = offered().await;
    let mut key = key(1);
    let codes = app.enrolled("ada", ADA, &mut key);
    let asked = app.asked("ada", ADA);
    let answer = key.sign(&asked["options"]);
    assert_eq!(app.show(&asked, &answer).status, 200);
    assert_eq!(app.show(&asked, &answer).code(), "transaction_expired");
    assert_eq!(app.recover(&asked, &codes[0]).code(), "transaction_expired");

    let late = app.asked("ada", ADA);
    app.clock.advance(TimeDelta::seconds(121));
    assert_eq!(app.show(&late, &key.sign(&late["options"])).code(), "transaction_expired");
    assert_eq!(app.recover(&late, &codes[0]).code(), "transaction_expired");

    // A transaction that waits for a passkey alone takes no code, and no new passkey.
    let alone = app.post("/verify/passkey/challenge", &json!({})).json();
    assert_eq!(app.recover(&alone, &codes[0]).code(), "transaction_expired");
    let register = |asked: &Value, credential: Value| {
        let body = json!({
            "transaction": asked["transaction"], "name": "x", "credential": credential,
        });
        app.post("/register/passkey", &body)
    };
    let asked = app.asked("ada", ADA);
    let mut other = self::key(2);
    let mut options = asked["options"].clone();
    options["user"] = json!({"id": "AAAA"});
    assert_eq!(register(&asked, other.register(&options)).code(), "transaction_expired");
    assert_eq!(register(&json!({"transaction": ""}), json!({})).code(), "transaction_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_recovery_code_is_good_once() {
    let app = offered().await;
    let mut key = key(1);
    let codes = app.enrolled("ada", ADA, &mut key);
    let first = app.recover(&app.asked("ada", ADA), &codes[0].to_lowercase().replace('-', " "));
    let methods = ["face", "otp"].map(str::to_owned).to_vec();
    assert_eq!(shown(&first), ("face-recovery-code".to_owned(), methods));
    let again = app.recover(&app.asked("ada", ADA), &codes[0]);
    assert_eq!((again.status, again.code().as_str()), (401, "recovery_code_refused"));
    for code in &codes[1..] {
        assert_eq!(app.recover(&app.asked("ada", ADA), code).status, 200);
    }
    let asked = app.asked("ada", ADA);
    for wrong in ["", "no code", "0123-4567-89AB-CDEF-GHJK-MNPQ"] {
        assert_eq!(app.recover(&asked, wrong).code(), "recovery_code_refused");
    }
    assert_eq!(app.recover(&asked, &codes[1]).code(), "transaction_expired");

    // Codes of somebody else are no codes.
    let mut hers = self::key(2);
    let eves = app.enrolled("eve", EVE, &mut hers);
    assert_eq!(app.recover(&app.asked("ada", ADA), &eves[0]).code(), "recovery_code_refused");
    // New ones end the old ones.
    let token = app.recover(&app.asked("eve", EVE), &eves[0]).access_token();
    let made = app.post_as(&token, "/me/recovery-codes", &json!({}));
    assert_eq!((made.status, self::codes(&made).len()), (201, 10));
    assert_eq!(app.recover(&app.asked("eve", EVE), &eves[1]).code(), "recovery_code_refused");
    assert_eq!(app.recover(&app.asked("eve", EVE), &self::codes(&made)[1]).status, 200);
}
