//! What a signed-in person can see and do.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use chrono::TimeDelta;
use ed25519_dalek::{Signer, SigningKey};
use faceauth_domain::template::MAX_TEMPLATES_PER_USER;
use faceauth_test_support::scripted::Shows;
use serde_json::json;

use crate::app::{App, KEY_SEED, base64 as standard};

#[tokio::test(flavor = "multi_thread")]
async fn shows_faces_adds_and_removes_them() {
    let app = App::start().await;
    let token = app.register("ada", Shows::Person(0)).access_token();
    let me = app.with_token("GET", "/me", &token).json();
    assert_eq!((&me["username"], &me["consent"]["policy_version"]), (&json!("ada"), &json!("1")));

    let bearer = format!("Bearer {token}");
    let add = |shows: Shows| {
        let body = json!({"face_image": standard(&shows.picture())});
        app.post_with("/me/faces", &[("authorization", &bearer)], &body)
    };
    let added = add(Shows::Person(0));
    assert_eq!((added.status, added.json()["model"].as_str()), (201, Some("scripted")));
    assert_eq!(add(Shows::Nobody).code(), "no_face");
    assert_eq!(add(Shows::Print(0)).code(), "liveness_failed");
    let faces = app.with_token("GET", "/me/faces", &token);
    assert_eq!(faces.json()["faces"].as_array().map(Vec::len), Some(2));
    assert!(!faces.text().contains("embedding") && !faces.text().contains("sealed"));

    let id = added.json()["id"].as_str().expect("an id").to_owned();
    let remove = |id: &str| app.with_token("DELETE", &format!("/me/faces/{id}"), &token);
    assert_eq!(remove(&id).status, 204);
    for gone in [id.as_str(), "not-an-id"] {
        assert_eq!(remove(gone).code(), "not_found");
    }
    for _ in 1..MAX_TEMPLATES_PER_USER {
        assert_eq!(add(Shows::Person(0)).status, 201);
    }
    assert_eq!(add(Shows::Person(0)).code(), "enrolment_not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_touches_another_account() {
    let app = App::start().await;
    let ada = app.register("ada", Shows::Person(0));
    let grace = app.register("grace", Shows::Person(1)).access_token();
    let face = ada.json()["faces"][0]["id"].as_str().expect("an id").to_owned();
    let stolen = app.with_token("DELETE", &format!("/me/faces/{face}"), &grace);
    assert_eq!(stolen.code(), "not_found");
    assert_eq!(app.verify("ada", Shows::Person(0)).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn sensitive_actions_need_a_recent_sign_in() {
    let app = App::start().await;
    let enrolled = app.register("ada", Shows::Person(0));
    let (token, refresh) = (enrolled.access_token(), enrolled.refresh_token());
    app.clock.advance(TimeDelta::minutes(6));
    assert_eq!(app.with_token("GET", "/me", &token).status, 200);
    let stale = app.with_token("DELETE", "/me", &token);
    assert_eq!(stale.code(), "token_expired");
    let challenge = stale.header("www-authenticate");
    assert!(challenge.contains("insufficient_user_authentication"), "{challenge}");
    assert!(challenge.contains("max_age=300"), "{challenge}");
    // Refreshing shows no face, so it makes nothing fresh.
    let refreshed = app.post("/token/refresh", &json!({"refresh_token": refresh})).access_token();
    assert_eq!(app.with_token("DELETE", "/me", &refreshed).code(), "token_expired");
    app.clock.advance(TimeDelta::minutes(10));
    assert_eq!(app.with_token("GET", "/me", &token).code(), "token_expired");
    let again = app.verify("ada", Shows::Person(0)).access_token();
    assert_eq!(app.with_token("DELETE", "/me", &again).status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn erasure_leaves_nothing_to_sign_in_to() {
    let app = App::start().await;
    let enrolled = app.register("ada", Shows::Person(0));
    let token = enrolled.access_token();
    assert_eq!(app.with_token("DELETE", "/me", &token).status, 204);
    assert_eq!(app.with_token("DELETE", "/me", &token).code(), "token_invalid");
    assert_eq!(app.with_token("GET", "/me", &token).code(), "token_invalid");
    assert_eq!(app.verify("ada", Shows::Person(0)).code(), "authentication_failed");
    let refresh = json!({"refresh_token": enrolled.refresh_token()});
    assert_eq!(app.post("/token/refresh", &refresh).code(), "token_invalid");
    assert_eq!(app.register("ada", Shows::Person(1)).status, 201, "the name is free again");
}

/// A token made by hand.
fn sign(seed: u8, header: &serde_json::Value, claims: &serde_json::Value) -> String {
    let encode = |value: &serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(header), encode(claims));
    let signature = SigningKey::from_bytes(&[seed; 32]).sign(signed.as_bytes());
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_and_foreign_tokens_are_refused() {
    let app = App::start().await;
    let token = app.register("ada", Shows::Person(0)).access_token();
    let parts: Vec<&str> = token.split('.').collect();
    let header = |json: &str| BASE64_URL_SAFE_NO_PAD.encode(json);
    let kid = app.get("/.well-known/jwks.json").json()["keys"][0]["kid"].clone();
    let with_header = |text: String| format!("{}.{}.{}", header(&text), parts[1], parts[2]);
    let mut claims: serde_json::Value =
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(parts[1]).expect("base64url"))
            .expect("claims");
    claims["sub"] = json!("00000000-0000-7000-8000-000000000000");
    let forgeries = [
        String::new(),
        "not.a.token".to_owned(),
        with_header(json!({"alg": "none", "typ": "at+jwt", "kid": kid}).to_string()),
        with_header(json!({"alg": "HS256", "typ": "at+jwt", "kid": kid}).to_string()),
        with_header(json!({"alg": "EdDSA", "typ": "JWT", "kid": kid}).to_string()),
        with_header(json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "other"}).to_string()),
        format!("{}.{}.{}", parts[0], header(&claims.to_string()), parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
    ];
    for forged in forgeries {
        assert_eq!(app.with_token("GET", "/me", &forged).code(), "token_invalid", "{forged}");
    }
    // Signed as they should be, so that nothing but the changed part refuses them.
    let header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": kid});
    let claims: serde_json::Value =
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(parts[1]).expect("base64url"))
            .expect("claims");
    let changed = |of: &serde_json::Value, name: &str, value: serde_json::Value| {
        let mut changed = of.clone();
        changed[name] = value;
        changed
    };
    let iat = claims["iat"].as_i64().expect("a time");
    assert_eq!(app.with_token("GET", "/me", &sign(KEY_SEED, &header, &claims)).status, 200);
    let well_signed = [
        sign(KEY_SEED + 1, &header, &claims),
        sign(KEY_SEED, &changed(&header, "typ", json!("JWT")), &claims),
        sign(KEY_SEED, &changed(&header, "typ", json!(null)), &claims),
        sign(KEY_SEED, &changed(&header, "kid", json!("other")), &claims),
        sign(KEY_SEED, &changed(&header, "crit", json!(["exp"])), &claims),
        sign(KEY_SEED, &changed(&header, "crit", json!([])), &claims),
        sign(KEY_SEED, &changed(&header, "alg", json!("ES256")), &claims),
        sign(KEY_SEED, &header, &changed(&claims, "aud", json!("another service"))),
        sign(KEY_SEED, &header, &changed(&claims, "aud", json!(null))),
        sign(KEY_SEED, &header, &changed(&claims, "iss", json!("https://other.test"))),
        sign(KEY_SEED, &header, &changed(&claims, "nbf", json!(iat + 60))),
        sign(KEY_SEED, &header, &changed(&claims, "exp", json!(null))),
    ];
    for (index, forged) in well_signed.iter().enumerate() {
        assert_eq!(app.with_token("GET", "/me", forged).code(), "token_invalid", "{index}");
    }
    let late = sign(KEY_SEED, &header, &changed(&claims, "exp", json!(iat - 60)));
    assert_eq!(app.with_token("GET", "/me", &late).code(), "token_expired");

    // A service of another issuer with the same key.
    let other =
        App::start_with(|s| s.settings.tokens.issuer = "https://other.test".to_owned()).await;
    assert_eq!(other.with_token("GET", "/me", &token).code(), "token_invalid");
    let bare = app.get("/me");
    assert_eq!(
        (bare.code().as_str(), bare.header("www-authenticate")),
        ("token_invalid", "Bearer")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_face_that_is_added_shows_the_owner() {
    let app = App::start().await;
    let enrolled = app.register("ada", Shows::Person(0));
    let token = enrolled.access_token();
    let bearer = format!("Bearer {token}");
    let add =
        |body: &serde_json::Value| app.post_with("/me/faces", &[("authorization", &bearer)], body);
    let picture = |shows: Shows| json!({"face_image": standard(&shows.picture())});
    let refused = add(&picture(Shows::Person(1)));
    assert_eq!(refused.code(), "frames_inconsistent");
    assert!(refused.text().contains("reset the account"), "{}", refused.text());
    // Nor by a capture of a living stranger.
    let challenge = app.challenge(&json!({}));
    let stranger = add(&json!({"liveness": challenge.performed(Shows::Person(1), 1)}));
    assert_eq!(stranger.code(), "frames_inconsistent");
    assert_eq!(app.verify("ada", Shows::Person(1)).code(), "authentication_failed");
    let history = app.with_token("GET", "/me/attempts", &token).json();
    let lines: Vec<_> = history["attempts"].as_array().expect("lines").iter().collect();
    assert_eq!(
        lines.iter().filter(|l| l["kind"] == "add_face" && l["outcome"] == "non_match").count(),
        2
    );
    assert_eq!(add(&picture(Shows::Person(0))).status, 201);

    // Nor after the owner's faces are taken away.
    let faces = app.with_token("GET", "/me/faces", &token).json();
    for face in faces["faces"].as_array().expect("faces") {
        let path = format!("/me/faces/{}", face["id"].as_str().expect("an id"));
        assert_eq!(app.with_token("DELETE", &path, &token).status, 204);
    }
    for person in [1, 0] {
        assert_eq!(add(&picture(Shows::Person(person))).code(), "enrolment_not_allowed");
    }
}
