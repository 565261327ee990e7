//! Passkeys of an account, and accounts that change meanwhile.

use chrono::TimeDelta;
use faceauth_test_support::passkey::SoftKey;
use serde_json::{Value, json};

use super::{ADA, EVE, key, offered};
use crate::app::probe;

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_meanwhile_is_seen_at_the_end() {
    let app = offered().await;
    let mut key = key(1);
    app.enrolled("ada", ADA, &mut key);
    let sign_in = |key: &mut SoftKey| {
        let asked = app.asked("ada", ADA);
        app.show(&asked, &key.sign(&asked["options"])).access_token()
    };
    let token = sign_in(&mut key);
    let listed = app.with_token("GET", "/me/passkeys", &token).json();
    let id = listed["passkeys"][0]["id"].as_str().expect("an id").to_owned();

    // The face is removed.
    let mut photo = json!({"face_image": probe("ada", ADA)["face_image"]});
    let asked = app.asked("ada", ADA);
    let faces = app.with_token("GET", "/me/faces", &token).json();
    let face = faces["faces"][0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(app.post_as(&token, "/me/faces", &photo).status, 201);
    assert_eq!(app.with_token("DELETE", &format!("/me/faces/{face}"), &token).status, 204);
    assert_eq!(app.show(&asked, &key.sign(&asked["options"])).code(), "authentication_failed");

    // The passkey is removed, and with it the transactions that name it.
    let asked = app.asked("ada", ADA);
    assert_eq!(app.with_token("DELETE", &format!("/me/passkeys/{id}"), &token).status, 204);
    assert_eq!(app.show(&asked, &key.sign(&asked["options"])).code(), "transaction_expired");
    assert_eq!(app.verify("ada", ADA).status, 200);
    let listed = app.with_token("GET", "/me/passkeys", &token).json();
    assert_eq!(listed, json!({"passkeys": [], "recovery_codes_left": 0}));
    let none = app.post_as(&token, "/me/recovery-codes", &json!({}));
    assert_eq!(none.code(), "second_factor_missing");

    // Consent is withdrawn, the account is erased.
    let added = app.add_passkey(&token, &mut key, "again");
    assert_eq!(added.status, 201);
    for end in ["/me/consent", "/me"] {
        let alone = app.post("/verify/passkey/challenge", &json!({})).json();
        let fresh = app.post("/verify/passkey/challenge", &json!({})).json();
        let token = app.show(&fresh, &key.sign(&fresh["options"])).access_token();
        assert_eq!(app.with_token("DELETE", end, &token).status, 204, "{end}");
        let refused = app.show(&alone, &key.sign(&alone["options"]));
        assert_eq!(refused.status, 401, "{end}: {}", refused.text());
        if end == "/me/consent" {
            // Only a service helps now; take an account of somebody else.
            photo["face_image"] = probe("eve", EVE)["face_image"].clone();
            key = self::key(5);
            app.enrolled("eve", EVE, &mut key);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_keeps_its_passkeys_to_itself() {
    let app = offered().await;
    let mut key = key(1);
    let token = app.register("ada", ADA).access_token();
    assert_eq!(app.with_token("GET", "/me/passkeys", "nothing").code(), "token_invalid");
    // Names are one visible line.
    let asked = app.post_as(&token, "/me/passkeys/challenge", &json!({})).json();
    let credential = key.register(&asked["options"]);
    let add = |token: &str, transaction: &Value, name: &str| {
        let body = json!({
            "transaction": transaction, "name": name, "credential": credential,
        });
        app.post_as(token, "/me/passkeys", &body)
    };
    for name in ["", " ", "a\nb", &"x".repeat(65)] {
        let refused = add(&token, &asked["transaction"], name);
        assert_eq!(
            (refused.code().as_str(), refused.pointer().as_str()),
            ("invalid_field", "/name")
        );
    }
    // Somebody else's token goes nowhere with her transaction.
    let eve = app.register("eve", EVE).access_token();
    assert_eq!(add(&eve, &asked["transaction"], "mine").code(), "transaction_expired");
    assert_eq!(add(&token, &asked["transaction"], " my key ").status, 201);
    assert_eq!(add(&token, &asked["transaction"], "again").code(), "transaction_expired");
    let hers = app.with_token("GET", "/me/passkeys", &eve).json();
    assert_eq!(hers["passkeys"], json!([]));
    // At most ten.
    for seed in 2..=10 {
        assert_eq!(app.add_passkey(&token, &mut self::key(seed), "more").status, 201);
    }
    let refused = app.post_as(&token, "/me/passkeys/challenge", &json!({}));
    assert_eq!(refused.code(), "passkey_conflict");
    // A token of an old sign-in changes nothing.
    app.clock.advance(TimeDelta::minutes(6));
    for (method, path) in [
        ("POST", "/me/passkeys/challenge"),
        ("POST", "/me/recovery-codes"),
        ("DELETE", "/me/passkeys/0190c0de-0000-7000-8000-000000000000"),
    ] {
        assert_eq!(app.with_token(method, path, &token).code(), "token_expired", "{path}");
    }
    let export = app.with_token("GET", "/me/export", &token).json();
    assert_eq!(export["passkeys"].as_array().map(Vec::len), Some(10));
    assert_eq!(export["recovery_codes"], 10);
    let text = export.to_string();
    assert!(!text.contains("credential") && !text.contains("EC_EC2"), "{text}");
}
