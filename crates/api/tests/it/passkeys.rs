//! The second factor: passkeys and recovery codes, after a face and alone.

mod account;
mod answers;
mod enrolment;
mod races;
mod sign_in;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use faceauth_api::settings::SecondFactorRules;
use faceauth_domain::second_factor::SecondFactorMode;
use faceauth_passkeys::RelyingParty;
use faceauth_test_support::passkey::SoftKey;
use faceauth_test_support::scripted::Shows;
use serde_json::{Value, json};

use crate::app::{Answer, App, Setup};

const ADA: Shows = Shows::Person(0);
const EVE: Shows = Shows::Person(1);
/// The origin of the page, on whatever port.
pub const PAGE: &str = "http://localhost:8080";

/// Asks for passkeys on this machine.
pub fn asks(mode: SecondFactorMode) -> impl Fn(&mut Setup) {
    move |setup| {
        setup.settings.second_factor = SecondFactorRules {
            mode,
            passkey_alone: true,
            relying_party: Some(RelyingParty::on_localhost("FaceAuth").expect("localhost")),
        };
    }
}

async fn offered() -> App {
    App::start_with(asks(SecondFactorMode::Offered)).await
}

fn key(seed: u8) -> SoftKey {
    SoftKey::new(seed, "localhost", PAGE)
}

/// The claims of the access token of an answer.
fn claims(answer: &Answer) -> Value {
    let token = answer.access_token();
    let claims = token.split('.').nth(1).expect("claims");
    let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).expect("base64url");
    serde_json::from_slice(&claims).expect("JSON")
}

/// `acr` without its beginning, and `amr`.
fn shown(answer: &Answer) -> (String, Vec<String>) {
    let claims = claims(answer);
    let acr = claims["acr"].as_str().expect("acr").rsplit(':').next().expect("a word").to_owned();
    let amr = claims["amr"].as_array().expect("amr").iter();
    (acr, amr.map(|method| method.as_str().expect("a word").to_owned()).collect())
}

impl App {
    fn post_as(&self, token: &str, path: &str, body: &Value) -> Answer {
        self.post_with(path, &[("authorization", &format!("Bearer {token}"))], body)
    }

    /// Adds a passkey to the account of a token.
    pub fn add_passkey(&self, token: &str, key: &mut SoftKey, name: &str) -> Answer {
        let asked = self.post_as(token, "/me/passkeys/challenge", &json!({}));
        assert_eq!(asked.status, 200, "{}", asked.text());
        let asked = asked.json();
        assert_eq!(asked["next"], "register_passkey");
        let credential = key.register(&asked["options"]);
        let body = json!({
            "transaction": asked["transaction"], "name": name, "credential": credential,
        });
        self.post_as(token, "/me/passkeys", &body)
    }

    /// An account with a passkey, and its recovery codes.
    pub fn enrolled(&self, username: &str, shows: Shows, key: &mut SoftKey) -> Vec<String> {
        let token = self.register(username, shows).access_token();
        let added = self.add_passkey(&token, key, "my key");
        assert_eq!(added.status, 201, "{}", added.text());
        codes(&added)
    }

    /// Shows a face where a second factor is asked for.
    pub fn asked(&self, username: &str, shows: Shows) -> Value {
        let asked = self.verify(username, shows);
        assert_eq!(asked.status, 202, "{}", asked.text());
        let body = asked.json();
        assert!(!asked.text().contains("access_token") && body["expires_in"] == 120);
        body
    }

    pub fn show(&self, asked: &Value, credential: &Value) -> Answer {
        let body = json!({"transaction": asked["transaction"], "credential": credential});
        self.post("/verify/passkey", &body)
    }

    fn recover(&self, asked: &Value, code: &str) -> Answer {
        let body = json!({"transaction": asked["transaction"], "code": code});
        self.post("/verify/recovery-code", &body)
    }
}

fn codes(answer: &Answer) -> Vec<String> {
    let codes = answer.json()["recovery_codes"].clone();
    serde_json::from_value(codes).expect("codes")
}
