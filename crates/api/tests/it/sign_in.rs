//! Enrolment, sign-in and tokens.

use chrono::TimeDelta;
use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use faceauth_api::settings::Registration;
use faceauth_domain::policy::PadMode;
use faceauth_test_support::scripted::Shows;
use serde_json::{Value, json};

use crate::app::{AUDIENCE, Answer, App, ISSUER, registration};

#[tokio::test(flavor = "multi_thread")]
async fn enrols_and_signs_in() {
    let app = App::start().await;
    let enrolled = app.post("/register", &registration("Ada", &[Shows::Person(0); 3]));
    assert_eq!((enrolled.status, enrolled.header("location")), (201, "/me"));
    let body = enrolled.json();
    assert_eq!(body["user"]["username"], "Ada");
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], 900);
    assert_eq!(body["refresh_expires_in"], 86_400);
    let faces = body["faces"].as_array().expect("faces");
    assert_eq!(faces.len(), 3);
    assert_eq!(faces[0]["quality"], json!({"acceptable": true, "reasons": []}));

    // Letter case does not count.
    let signed_in = app.verify("ada", Shows::Person(0));
    assert_eq!(signed_in.status, 200);
    assert_eq!(signed_in.json()["user"], body["user"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_unknown_names_and_empty_accounts_are_one_answer() {
    let app = App::start().await;
    app.register("ada", Shows::Person(0)).access_token();
    let empty = app.register("empty", Shows::Person(1));
    let face = empty.json()["faces"][0]["id"].as_str().expect("an id").to_owned();
    let removed = app.with_token("DELETE", &format!("/me/faces/{face}"), &empty.access_token());
    assert_eq!(removed.status, 204);

    let anonymous = |mut body: Value| {
        body["request_id"].take();
        body
    };
    let stranger = app.verify("ada", Shows::Person(1));
    assert_eq!(stranger.code(), "authentication_failed");
    for other in [app.verify("nobody", Shows::Person(1)), app.verify("empty", Shows::Person(1))] {
        assert_eq!(other.status, 401);
        assert_eq!(anonymous(other.json()), anonymous(stranger.json()));
    }
    assert_eq!(
        anonymous(stranger.json()),
        json!({
            "type": "urn:faceauth:error:authentication_failed",
            "title": "Sign-in failed",
            "status": 401,
            "detail": "Check the username and try again with a clear picture.",
            "code": "authentication_failed",
            "request_id": null,
        })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_is_all_or_nothing() {
    let app = App::start().await;
    let mixed = registration("ada", &[Shows::Person(0), Shows::Nobody]);
    let refused = app.post("/register", &mixed);
    assert_eq!(
        (refused.code().as_str(), refused.pointer().as_str()),
        ("no_face", "/face_images/1")
    );
    let two = registration("ada", &[Shows::Person(0), Shows::Person(0), Shows::Person(1)]);
    let refused = app.post("/register", &two);
    assert_eq!(refused.code(), "frames_inconsistent");
    assert_eq!(refused.pointer(), "/face_images/2");
    // Nothing of either was kept.
    assert_eq!(app.register("ada", Shows::Person(0)).status, 201);
    assert_eq!(app.register("ADA", Shows::Person(1)).code(), "username_taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_makes_one_account() {
    let app = App::start().await;
    let request = registration("ada", &[Shows::Person(0)]);
    let key = [("idempotency-key", "k-1")];
    let first = app.post_with("/register", &key, &request);
    let again = app.post_with("/register", &key, &request);
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.json()["user"], again.json()["user"]);
    assert_eq!(first.json()["faces"], again.json()["faces"]);
    assert_ne!(first.refresh_token(), again.refresh_token());
    let other = registration("grace", &[Shows::Person(1)]);
    assert_eq!(app.post_with("/register", &key, &other).code(), "idempotency_conflict");
    // The face was shown at the first, and so it stays.
    app.clock.advance(TimeDelta::minutes(6));
    let later = app.post_with("/register", &key, &request);
    assert_eq!(app.with_token("GET", "/me", &later.access_token()).status, 200);
    let stale = app.with_token("DELETE", "/me", &later.access_token());
    assert_eq!(stale.code(), "token_expired");
    app.clock.advance(TimeDelta::minutes(5));
    assert_eq!(app.post_with("/register", &key, &request).code(), "username_taken");
    let long = "k".repeat(256);
    let refused = app.post_with("/register", &[("idempotency-key", &long)], &other);
    assert_eq!(refused.code(), "invalid_field");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_decides_about_prints_liveness_and_registration() {
    let app = App::start().await;
    assert_eq!(app.register("ada", Shows::Print(0)).code(), "liveness_failed");
    app.register("ada", Shows::Person(0)).access_token();
    // The same for every claimed name, because it is about the picture alone.
    assert_eq!(app.verify("ada", Shows::Print(0)).code(), "liveness_failed");
    assert_eq!(app.verify("nobody", Shows::Print(0)).code(), "liveness_failed");

    let lenient = App::start_with(|s| s.settings.policy.pad.mode = PadMode::Record).await;
    assert_eq!(lenient.register("ada", Shows::Print(0)).status, 201);
    assert_eq!(lenient.verify("ada", Shows::Print(0)).status, 200);

    let strict = App::start_with(|s| s.settings.policy.require_liveness = true).await;
    assert_eq!(strict.register("ada", Shows::Person(0)).code(), "liveness_required");
    assert_eq!(strict.verify("ada", Shows::Person(0)).code(), "liveness_required");

    let closed = App::start_with(|s| s.settings.registration = Registration::Closed).await;
    assert_eq!(closed.register("ada", Shows::Person(0)).code(), "enrolment_not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn access_tokens_verify_against_the_key_set() {
    let app = App::start().await;
    let token = app.register("ada", Shows::Person(0)).access_token();
    let jwks = app.get("/.well-known/jwks.json");
    assert_eq!(jwks.header("content-type"), "application/jwk-set+json");
    assert_eq!(jwks.header("cache-control"), "public, max-age=300");
    let key = &jwks.json()["keys"][0];
    assert!(key.get("d").is_none(), "a private key in the set");

    // By hand, with nothing of the product's own JWT code.
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
    let decode = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64url");
    let parts: Vec<&str> = token.split('.').collect();
    let header: Value = serde_json::from_slice(&decode(parts[0])).expect("a header");
    assert_eq!(header, json!({"alg": "EdDSA", "typ": "at+jwt", "kid": key["kid"]}));
    let public: [u8; 32] = decode(key["x"].as_str().expect("x")).try_into().expect("32 bytes");
    let signature = Signature::from_slice(&decode(parts[2])).expect("a signature");
    let signed = format!("{}.{}", parts[0], parts[1]);
    VerifyingKey::from_bytes(&public)
        .expect("a key")
        .verify(signed.as_bytes(), &signature)
        .expect("the signature fits");

    let claims: Value = serde_json::from_slice(&decode(parts[1])).expect("claims");
    for name in ["jti", "sid", "sub", "client_id"] {
        assert!(claims[name].is_string(), "{name}");
    }
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(ISSUER), &json!(AUDIENCE)));
    assert_eq!(
        (&claims["amr"], &claims["acr"]),
        (&json!(["face"]), &json!("urn:faceauth:acr:face"))
    );
    let number = |name: &str| claims[name].as_i64().expect("a number");
    assert_eq!(number("exp") - number("iat"), 900);
    assert_eq!(number("auth_time"), number("iat"));
    // Verifiers whose clock is behind take it at once.
    assert!(claims.get("nbf").is_none(), "{claims}");
    app.clock.advance(TimeDelta::seconds(-60));
    assert_eq!(app.with_token("GET", "/me", &token).status, 200);
}

/// A renewal with a key of the client.
fn renew(app: &App, token: &str, key: &str) -> Answer {
    app.post("/token/refresh", &json!({"refresh_token": token, "retry_key": key}))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_renewal_is_answered_again_to_who_has_its_key() {
    let app = App::start().await;
    let (key, other) = ("k".repeat(43), "o".repeat(43));
    let first = app.register("ada", Shows::Person(0)).refresh_token();
    // Fifty at once: one successor.
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let sent: Vec<_> = (0..50).map(|_| scope.spawn(|| renew(&app, &first, &key))).collect();
        sent.into_iter().map(|answer| answer.join().expect("an answer")).collect()
    });
    let second = answers[0].refresh_token();
    assert!(answers.iter().all(|a| a.status == 200 && a.refresh_token() == second));
    assert_ne!(second, first);
    let access = answers[1].access_token();
    assert_eq!(app.with_token("GET", "/me", &access).status, 200);
    app.clock.advance(TimeDelta::seconds(29));
    assert_eq!(renew(&app, &first, &key).refresh_token(), second);
    // The same key for the next token makes another successor.
    let third = renew(&app, &second, &key).refresh_token();
    assert!(third != second && third != first);
    // Once the successor is used, the one before is a stolen token.
    assert_eq!(renew(&app, &first, &key).code(), "token_invalid");
    assert_eq!(renew(&app, &third, &key).code(), "token_invalid", "the session has ended");

    // A thief without the key, with another one, and after the grace.
    let steal: [&dyn Fn(&str) -> Answer; 3] = [
        &|token| app.post("/token/refresh", &json!({"refresh_token": token})),
        &|token| renew(&app, token, &other),
        &|token| {
            app.clock.advance(TimeDelta::seconds(30));
            renew(&app, token, &key)
        },
    ];
    for steal in steal {
        let first = app.verify("ada", Shows::Person(0)).refresh_token();
        let second = renew(&app, &first, &key).refresh_token();
        assert_eq!(steal(&first).code(), "token_invalid");
        assert_eq!(renew(&app, &second, &key).code(), "token_invalid");
    }
    // When a thief renews first, the owner's own renewal reveals it.
    let first = app.verify("ada", Shows::Person(0)).refresh_token();
    let stolen = renew(&app, &first, &other).refresh_token();
    assert_eq!(renew(&app, &first, &key).code(), "token_invalid");
    assert_eq!(renew(&app, &stolen, &other).code(), "token_invalid");
    for odd in ["", "short", &"k".repeat(42), &"k".repeat(129), &format!("{} ", "k".repeat(43))] {
        let answer = renew(&app, &first, odd);
        assert_eq!(
            (answer.code().as_str(), answer.pointer().as_str()),
            ("invalid_field", "/retry_key")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_tokens_rotate_and_reuse_ends_the_session() {
    let app = App::start().await;
    let first = app.register("ada", Shows::Person(0)).refresh_token();
    let refresh = |token: &str| app.post("/token/refresh", &json!({"refresh_token": token}));
    let second = refresh(&first);
    assert_eq!((second.status, second.json()["user"]["username"].as_str()), (200, Some("ada")));
    let third = refresh(&second.refresh_token()).refresh_token();
    assert_eq!(refresh(&first).code(), "token_invalid");
    assert_eq!(refresh(&third).code(), "token_invalid", "reuse ends the whole session");
    assert_eq!(refresh("made up").code(), "token_invalid");

    // Signing out ends it too; an unknown token is no error.
    let other = app.verify("ada", Shows::Person(0)).refresh_token();
    let revoke = |token: &str| app.post("/token/revoke", &json!({"refresh_token": token})).status;
    assert_eq!((revoke(&other), revoke("made up")), (204, 204));
    assert_eq!(refresh(&other).code(), "token_invalid");

    // A session that is renewed again and again ends all the same.
    let mut renewed = app.verify("ada", Shows::Person(0)).refresh_token();
    for _ in 0..3 {
        app.clock.advance(TimeDelta::hours(23));
        let next = refresh(&renewed);
        assert_eq!(next.status, 200, "{}", next.text());
        renewed = next.refresh_token();
    }
    app.clock.advance(TimeDelta::hours(3));
    assert_eq!(refresh(&renewed).code(), "token_invalid");

    // And so does time.
    let late = app.verify("ada", Shows::Person(0)).refresh_token();
    app.clock.advance(TimeDelta::days(2));
    assert_eq!(refresh(&late).code(), "token_invalid");
}
