//! Clients that prove with a key of their own who they are (`private_key_jwt`).

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use chrono::TimeDelta;
use ed25519_dalek::{Signer, SigningKey};
use faceauth_domain::clock::Clock;
use faceauth_test_support::scripted::Shows;
use serde_json::{Value, json};

use crate::app::{Answer, App, ISSUER};
use crate::oidc_party::{Browser, claims, code, provider, redemption, request};

/// The one kind of assertion (RFC 7523, 2.2).
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The keys of two clients.
pub const SIGNER: AssertionKey = AssertionKey { client: "signer", seed: 11 };
pub const COSIGNER: AssertionKey = AssertionKey { client: "cosigner", seed: 12 };

/// A key with which a client signs.
#[derive(Clone, Copy)]
pub struct AssertionKey {
    pub client: &'static str,
    pub seed: u8,
}

fn encoded(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

impl AssertionKey {
    fn key(&self) -> SigningKey {
        SigningKey::from_bytes(&[self.seed; 32])
    }

    /// The public key, as it is registered.
    pub fn jwks(&self) -> String {
        let x = BASE64_URL_SAFE_NO_PAD.encode(self.key().verifying_key().as_bytes());
        json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "x": x}]}).to_string()
    }

    /// What its client says of itself for a minute, with this `jti`.
    pub fn claims(&self, app: &App, jti: &str) -> Value {
        let now = app.clock.now().timestamp();
        json!({
            "iss": self.client, "sub": self.client, "aud": ISSUER, "jti": jti,
            "iat": now, "exp": now + 60,
        })
    }

    /// An assertion that says this.
    pub fn sign(&self, claims: &Value) -> String {
        let signed = format!("{}.{}", encoded(&json!({"alg": "EdDSA"})), encoded(claims));
        let signature = self.key().sign(signed.as_bytes()).to_bytes();
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    /// A good assertion with this `jti`.
    pub fn assertion(&self, app: &App, jti: &str) -> String {
        self.sign(&self.claims(app, jti))
    }
}

impl App {
    /// Sends a form with an assertion in it.
    pub fn post_asserted(&self, path: &str, assertion: &str, pairs: &[(&str, &str)]) -> Answer {
        let proof = [("client_assertion_type", JWT_BEARER), ("client_assertion", assertion)];
        self.post_form(path, &[], &[pairs, &proof].concat())
    }
}

/// A provider, and a code that `signer` can redeem.
async fn app_and_code() -> (App, String) {
    let app = App::start_with(provider).await;
    assert_eq!(app.register("ada", Shows::Person(0)).status, 201);
    let code = code(&Browser::default().sign_in(&app, "signer", "ada", Shows::Person(0)));
    (app, code)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_redeems_and_renews_by_assertions() {
    let (app, code) = app_and_code().await;
    // Each of the audiences that the standards name.
    for (jti, path) in [("1", "/oauth/par"), ("2", "/token"), ("3", "")] {
        let mut said = SIGNER.claims(&app, jti);
        said["aud"] = json!(format!("{ISSUER}{path}"));
        let pushed = request("", &[]);
        let pushed = app.post_asserted("/oauth/par", &SIGNER.sign(&said), &pushed);
        assert_eq!(pushed.status, 201, "{path}: {}", pushed.text());
    }
    let grant = redemption("", &code, &[("client_id", "")]);
    let tokens = app.post_asserted("/token", &SIGNER.assertion(&app, "4"), &grant);
    assert_eq!(tokens.status, 200, "{}", tokens.text());
    let tokens = tokens.json();
    assert_eq!(claims(tokens["id_token"].as_str().expect("a token"))["aud"], "signer");
    let refresh = tokens["refresh_token"].as_str().expect("a token");
    let renewal = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let unproved = [&renewal[..], &[("client_id", "signer")]].concat();
    assert_eq!(app.post_form("/token", &[], &unproved).oauth_error(), "invalid_client");
    let renewed = app.post_asserted("/token", &SIGNER.assertion(&app, "5"), &renewal);
    assert_eq!(renewed.status, 200, "{}", renewed.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_counts_once_at_every_door() {
    let (app, code) = app_and_code().await;
    let used = SIGNER.assertion(&app, "once");
    assert_eq!(app.post_asserted("/oauth/par", &used, &request("", &[])).status, 201);
    let grant = redemption("", &code, &[("client_id", "")]);
    let again = app.post_asserted("/token", &used, &grant);
    assert_eq!((again.status, again.oauth_error().as_str()), (401, "invalid_client"));
    // Another client may call its assertion the same.
    let other = COSIGNER.assertion(&app, "once");
    assert_eq!(app.post_asserted("/oauth/par", &other, &request("", &[])).status, 201);
    // None of this has spoiled the code.
    let good = app.post_asserted("/token", &SIGNER.assertion(&app, "twice"), &grant);
    assert_eq!(good.status, 200, "{}", good.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_an_assertion_proves_nobody() {
    let (app, code) = app_and_code().await;
    let grant = redemption("", &code, &[("client_id", "")]);
    let now = app.clock.now().timestamp();
    let changed = |name: &str, value: Value| {
        let mut said = SIGNER.claims(&app, name);
        said[name] = value;
        SIGNER.sign(&said)
    };
    let good = SIGNER.claims(&app, "1");
    let unsigned = format!("{}.{}.", encoded(&json!({"alg": "none"})), encoded(&good));
    // A key that everybody knows, taken for a shared secret.
    let confused = SIGNER.sign(&good).replacen(
        &encoded(&json!({"alg": "EdDSA"})),
        &encoded(&json!({"alg": "HS256"})),
        1,
    );
    let signed = SIGNER.sign(&good);
    for (what, assertion) in [
        ("for somebody else", changed("aud", json!("https://other.example/token"))),
        ("for others, too", changed("aud", json!([ISSUER, "https://other.example/token"]))),
        ("for userinfo", changed("aud", json!(format!("{ISSUER}/userinfo")))),
        ("too old", changed("exp", json!(now))),
        ("good for too long", changed("exp", json!(now + 3600))),
        ("not good yet", changed("nbf", json!(now + 120))),
        ("without an end", changed("exp", Value::Null)),
        ("without a name", changed("jti", json!(""))),
        ("of another issuer", changed("iss", json!("cosigner"))),
        ("of an unknown client", changed("sub", json!("nobody"))),
        ("of a client without keys", changed("sub", json!("app"))),
        ("with another client's key", COSIGNER.sign(&good)),
        ("without a signature", unsigned),
        ("with another algorithm", confused),
        ("cut short", signed[..signed.len() - 2].to_owned()),
        ("no JWT", "no JWT".to_owned()),
    ] {
        for path in ["/token", "/oauth/par"] {
            let form = if path == "/token" { grant.clone() } else { request("", &[]) };
            let refused = app.post_asserted(path, &assertion, &form);
            let answer = (refused.status, refused.oauth_error());
            assert_eq!(answer, (401, "invalid_client".to_owned()), "{what} at {path}");
        }
    }
    app.clock.advance(TimeDelta::seconds(1));
    let good = app.post_asserted("/token", &SIGNER.sign(&good), &grant);
    assert_eq!(good.status, 200, "{}", good.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_stands_alone_and_says_what_it_is() {
    let (app, code) = app_and_code().await;
    let grant = redemption("", &code, &[("client_id", "")]);
    let assertion = SIGNER.assertion(&app, "1");
    for (kind, error) in [
        ("urn:ietf:params:oauth:client-assertion-type:saml2-bearer", "invalid_request"),
        ("", "invalid_request"),
    ] {
        let proof = [("client_assertion_type", kind), ("client_assertion", &assertion)];
        let refused = app.post_form("/token", &[], &[&grant[..], &proof].concat());
        assert_eq!(refused.oauth_error(), error, "{kind}");
    }
    let named = [&grant[..], &[("client_id", "cosigner")]].concat();
    assert_eq!(app.post_asserted("/token", &assertion, &named).oauth_error(), "invalid_client");
    let secret = crate::oidc_party::basic("signer", crate::oidc_party::SECRET);
    let proof = [("client_assertion_type", JWT_BEARER), ("client_assertion", &assertion)];
    let both = [&grant[..], &proof].concat();
    let both = app.post_form("/token", &[("authorization", &secret)], &both);
    assert_eq!(both.oauth_error(), "invalid_request");
    let named = [&grant[..], &[("client_id", "signer")]].concat();
    assert_eq!(app.post_asserted("/token", &assertion, &named).status, 200);
}
