//! Signing in by a face and a passkey, and by a passkey alone.

use std::sync::Arc;

use faceauth_domain::second_factor::SecondFactorMode;
use faceauth_test_support::passkey::SoftKey;
use serde_json::{Value, json};

use super::{ADA, EVE, asks, key, offered, shown};
use crate::app::{Answer, App, probe};

#[tokio::test(flavor = "multi_thread")]
async fn a_face_and_a_passkey_sign_in_together() {
    let app = offered().await;
    let mut key = key(1);
    assert_eq!(app.enrolled("ada", ADA, &mut key).len(), 10);
    let asked = app.asked("ADA", ADA);
    assert_eq!(asked["next"], "show_passkey");
    let signed_in = app.show(&asked, &key.sign(&asked["options"]));
    let both = ["face", "hwk", "mfa", "user"].map(str::to_owned).to_vec();
    assert_eq!(shown(&signed_in), ("face-passkey-device-bound".to_owned(), both.clone()));
    assert_eq!(signed_in.json()["user"]["username"], "ada");
    // The session keeps what was shown.
    let renewed = app.post("/token/refresh", &json!({"refresh_token": signed_in.refresh_token()}));
    assert_eq!(shown(&renewed), ("face-passkey-device-bound".to_owned(), both));

    // Nobody else is asked for anything.
    app.register("eve", EVE).access_token();
    assert_eq!(app.verify("eve", EVE).status, 200);

    let listed = app.with_token("GET", "/me/passkeys", &signed_in.access_token()).json();
    assert_eq!(listed["recovery_codes_left"], 10);
    let passkey = &listed["passkeys"][0];
    assert_eq!((&passkey["name"], &passkey["kind"]), (&json!("my key"), &json!("device_bound")));
    assert!(passkey["last_used_at"].is_string());
    let history = app.with_token("GET", "/me/attempts", &signed_in.access_token()).json();
    let told: Vec<_> = history["attempts"]
        .as_array()
        .expect("attempts")
        .iter()
        .take(2)
        .map(|line| [line["kind"].clone(), line["outcome"].clone(), line["assurance"].clone()])
        .collect();
    assert_eq!(
        told,
        [
            ["passkey", "accepted", "face-passkey-device-bound"].map(Value::from),
            ["verify", "second_factor_asked", "face"].map(Value::from),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_alone_signs_in_where_the_policy_says_so() {
    let app = offered().await;
    let mut key = SoftKey { synced: true, counts: false, ..key(1) };
    app.enrolled("ada", ADA, &mut key);
    let begin = || app.post("/verify/passkey/challenge", &json!({}));
    for _ in 0..2 {
        let asked = begin().json();
        assert_eq!(asked["options"]["allowCredentials"], json!([]), "nobody is named");
        let signed_in = app.show(&asked, &key.sign(&asked["options"]));
        let alone = ("passkey-synced".to_owned(), ["swk", "user"].map(str::to_owned).to_vec());
        assert_eq!(shown(&signed_in), alone);
    }
    // A name that has to wait keeps nobody with a passkey out.
    while app.verify("ada", EVE).status == 401 {}
    assert_eq!(app.verify("ada", ADA).code(), "too_many_failures");
    let asked = begin().json();
    assert_eq!(app.show(&asked, &key.sign(&asked["options"])).status, 200);

    // A passkey that nobody has, and one under another account.
    let asked = begin().json();
    let mut foreign = SoftKey { user_handle: key.user_handle.clone(), ..self::key(2) };
    assert_eq!(app.show(&asked, &foreign.sign(&asked["options"])).code(), "passkey_refused");
    foreign.user_handle = Some(vec![7; 16]);
    assert_eq!(app.show(&asked, &foreign.sign(&asked["options"])).code(), "passkey_refused");

    let strict = App::start_on(Arc::clone(&app.database), |setup| {
        asks(SecondFactorMode::Offered)(setup);
        setup.settings.second_factor.passkey_alone = false;
    });
    let closed = strict.post("/verify/passkey/challenge", &json!({}));
    assert_eq!(closed.code(), "second_factor_unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_may_ask_for_a_second_factor() {
    let app = offered().await;
    app.register("ada", ADA).access_token();
    let step_up = |app: &App, shows| {
        let mut body = probe("ada", shows);
        body["second_factor"] = true.into();
        app.post("/verify", &body)
    };
    assert_eq!(app.verify("ada", ADA).status, 200);
    assert_eq!(step_up(&app, ADA).code(), "second_factor_missing");
    // A form asks in the same way, as the page does.
    for (word, code) in [("true", "second_factor_missing"), ("maybe", "invalid_field")] {
        assert_eq!(form(&app, word).code(), code);
    }
    assert_eq!(form(&app, "false").status, 200);
    // Whoever shows another face learns nothing about passkeys.
    assert_eq!(step_up(&app, EVE).code(), "authentication_failed");
    let off = App::start_on(Arc::clone(&app.database), |_| {});
    assert_eq!(step_up(&off, ADA).code(), "second_factor_unavailable");
    assert_eq!(step_up(&off, EVE).code(), "second_factor_unavailable");

    let mut key = key(1);
    let token = app.verify("ada", ADA).access_token();
    assert_eq!(app.add_passkey(&token, &mut key, "my key").status, 201);
    let asked = step_up(&app, ADA).json();
    assert_eq!(app.show(&asked, &key.sign(&asked["options"])).status, 200);
    // Where the operator has taken passkeys back, a face is enough again, and no passkey is.
    assert_eq!(off.verify("ada", ADA).status, 200);
    let asked = app.asked("ada", ADA);
    let refused = off.show(&asked, &key.sign(&asked["options"]));
    assert_eq!(refused.code(), "second_factor_unavailable");
}

/// A sign-in of ada by a form, which says `second_factor` in this word.
fn form(app: &App, word: &str) -> Answer {
    let mut body = Vec::new();
    for (name, value) in [("username", "ada"), ("second_factor", word)] {
        let part =
            format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.as_bytes());
    }
    let head = "--edge\r\nContent-Disposition: form-data; name=\"face_image\"; \
                filename=\"face.png\"\r\n\r\n";
    body.extend(head.as_bytes());
    body.extend(ADA.picture());
    body.extend(b"\r\n--edge--\r\n");
    app.send("POST", "/verify", &[("content-type", "multipart/form-data; boundary=edge")], &body)
}
