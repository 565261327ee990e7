//! Captures that an app attests: what is recorded, what is required, at every door.

use std::collections::HashMap;

use faceauth_api::api_key;
use faceauth_api::settings::AttestationRules;
use faceauth_attestation::android::{Android, App as AndroidApp};
use faceauth_attestation::apple::{Apple, Environment};
use faceauth_attestation::revocation::Revocations;
use faceauth_attestation::roots::Roots;
use faceauth_domain::attestation::AttestationMode;
use faceauth_domain::clock::Clock;
use faceauth_domain::scope::Scope;
use faceauth_store::api_keys::NewApiKey;
use faceauth_test_support::attested::{self, android, apple};
use faceauth_test_support::scripted::{Mood, Shows, performance};
use serde_json::{Value, json};

use crate::app::{Answer, App, Challenged, base64, registration};
use crate::form::send_form;
use crate::log::log;

const ADA: Shows = Shows::Person(0);

/// Vendors whose roots the operator has pinned.
#[derive(Default)]
pub struct Vendors {
    pub android: android::Vendor,
    pub apple: apple::Vendor,
}

impl Vendors {
    /// What the operator has configured.
    pub fn rules(&self, mode: AttestationMode) -> AttestationRules {
        let roots = |root| Roots::from_pem(attested::pem(&[root]).as_bytes()).expect("roots");
        let app =
            AndroidApp { package: android::PACKAGE.to_owned(), signers: vec![android::SIGNER] };
        AttestationRules {
            mode,
            by_service: HashMap::new(),
            android: Some(Android {
                roots: roots(self.android.root()),
                revoked: Revocations::default(),
                apps: vec![app],
            }),
            apple: Some(Apple {
                roots: roots(self.apple.root()),
                apps: vec![apple::APP_ID.to_owned()],
                environment: Environment::Production,
            }),
        }
    }

    pub async fn app(&self, mode: AttestationMode) -> App {
        let rules = self.rules(mode);
        App::start_with(|setup| setup.settings.attestation = rules).await
    }
}

type Frames = Vec<(u32, Vec<u8>)>;

/// Somebody who does what is asked, and what an app signs of it.
fn performed(challenge: &Challenged, salt: u32) -> (Frames, Vec<u8>) {
    let frames = performance(ADA, &challenge.actions, salt);
    let parts: Vec<(u32, &[u8])> = frames.iter().map(|(t, picture)| (*t, &picture[..])).collect();
    let statement = attested::statement(&challenge.nonce, &parts);
    (frames, statement)
}

/// An Android app's attestation of `statement` for this nonce.
pub fn by_android(vendor: &android::Vendor, nonce: &str, statement: &[u8]) -> Value {
    let device = vendor.attest(&android::Description::of(nonce));
    let certificates: Vec<String> =
        device.certificates.iter().map(|certificate| base64(certificate)).collect();
    json!({
        "format": "android_key",
        "certificates": certificates,
        "signature": base64(&device.sign(statement)),
    })
}

fn by_apple(device: &apple::Device, field: &str, proof: &[u8]) -> Value {
    json!({
        "format": "apple_app_attest", "key_id": base64(&device.key_id()), field: base64(proof) })
}

/// A capture with an attestation.
fn with(challenge: &Challenged, frames: &[(u32, Vec<u8>)], attestation: Value) -> Value {
    let mut capture = challenge.capture(frames);
    capture["attestation"] = attestation;
    capture
}

/// A capture that a good Android device attests.
fn good(vendors: &Vendors, challenge: &Challenged, salt: u32) -> Value {
    let (frames, statement) = performed(challenge, salt);
    with(challenge, &frames, by_android(&vendors.android, &challenge.nonce, &statement))
}

/// The same, of which the device has signed something else.
fn bad(vendors: &Vendors, challenge: &Challenged, salt: u32) -> Value {
    let (frames, _) = performed(challenge, salt);
    with(challenge, &frames, by_android(&vendors.android, &challenge.nonce, b"something else"))
}

fn claim(answer: &Answer) -> Value {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
    let token = answer.access_token();
    let claims = token.split('.').nth(1).expect("claims");
    let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).expect("base64");
    serde_json::from_slice::<Value>(&claims).expect("JSON")["device_attestation"].clone()
}

fn verify(app: &App, capture: &Value) -> Answer {
    app.post("/verify", &json!({"username": "ada", "liveness": capture}))
}

/// Enrols Ada as an operator's service does, whatever is required of others.
async fn enrolled(app: &App) {
    let key = crate::services::key(app, &[Scope::Enrol]).await;
    let answer = app.post_with("/register", &[("x-api-key", &key)], &registration("ada", &[ADA]));
    assert_eq!(answer.status, 201, "{}", answer.text());
}

/// What the audit trail says of attestations, oldest first.
async fn trail(app: &App, kind: &str) -> Vec<(String, Option<String>)> {
    let client = app.database.client().await;
    let sql = "SELECT outcome, attestation FROM attempts WHERE kind = $1 ORDER BY id";
    let rows = client.query(sql, &[&kind]).await.expect("attempts");
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

fn line(outcome: &str, attestation: Option<&str>) -> (String, Option<String>) {
    (outcome.to_owned(), attestation.map(str::to_owned))
}

#[tokio::test(flavor = "multi_thread")]
async fn by_default_nobody_looks() {
    let app = App::start().await;
    enrolled(&app).await;
    let vendors = Vendors::default();
    for (salt, capture) in [bad, good].into_iter().enumerate() {
        let challenge = app.challenge(&json!({}));
        let verified = verify(&app, &capture(&vendors, &challenge, salt as u32));
        assert_eq!(claim(&verified), Value::Null);
    }
    assert_eq!(trail(&app, "verify").await, vec![line("accepted", None); 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_refuses_nobody() {
    let vendors = Vendors::default();
    let app = vendors.app(AttestationMode::Record).await;
    enrolled(&app).await;
    let missing = app.challenge(&json!({})).performed(ADA, 1);
    assert_eq!(claim(&verify(&app, &missing)), Value::Null);
    let challenge = app.challenge(&json!({}));
    assert_eq!(claim(&verify(&app, &bad(&vendors, &challenge, 2))), Value::Null);
    let challenge = app.challenge(&json!({}));
    let verified = verify(&app, &good(&vendors, &challenge, 3));
    assert_eq!(claim(&verified), "android-tee");
    // It stays with the session.
    let refreshed = app.post("/token/refresh", &json!({"refresh_token": verified.refresh_token()}));
    assert_eq!(claim(&refreshed), "android-tee");
    let mut expected = vec![
        line("accepted", Some("missing")),
        line("accepted", Some("wrong_signature")),
        line("accepted", Some("android-tee")),
    ];
    assert_eq!(trail(&app, "verify").await, expected);
    // A capture that is refused for what it shows is attested all the same.
    let challenge = app.challenge(&json!({}));
    let still: Frames = (0..10).map(|i| (i * 400, ADA.frame(None, 500 + i))).collect();
    let parts: Vec<(u32, &[u8])> = still.iter().map(|(t, picture)| (*t, &picture[..])).collect();
    let statement = attested::statement(&challenge.nonce, &parts);
    let attestation = by_android(&vendors.android, &challenge.nonce, &statement);
    assert_eq!(verify(&app, &with(&challenge, &still, attestation)).status, 422);
    expected.push(line("liveness_failed", Some("android-tee")));
    assert_eq!(trail(&app, "verify").await, expected);
    // The person's own history says that it was refused, and not why.
    let history = app.with_token("GET", "/me/attempts", &refreshed.access_token()).json();
    let told: Vec<_> = history["attempts"]
        .as_array()
        .expect("attempts")
        .iter()
        .filter_map(|attempt| attempt["attestation"].as_str())
        .collect();
    assert_eq!(told, ["android-tee", "android-tee", "refused", "missing"]);
}

/// Each door with the JSON around its capture, and where its attestation stands.
#[tokio::test(flavor = "multi_thread")]
async fn every_door_requires_the_same() {
    let vendors = Vendors::default();
    let app = vendors.app(AttestationMode::Require).await;
    enrolled(&app).await;
    let challenge = app.challenge(&json!({}));
    let access = verify(&app, &good(&vendors, &challenge, 1)).access_token();
    let bearer = format!("Bearer {access}");
    let doors = [
        ("/verify", json!({"username": "ada"}), "verify"),
        (
            "/register",
            json!({"username": "grace", "consent": {"policy_version": "1", "granted": true}}),
            "register",
        ),
        ("/me/faces", json!({}), "add_face"),
        ("/liveness", json!({}), "liveness"),
    ];
    for (salt, (door, around, kind)) in (10..).step_by(10).zip(doors) {
        let send = |capture: Value| {
            let body = match door {
                "/liveness" => capture,
                _ => {
                    let mut body = around.clone();
                    body["liveness"] = capture;
                    body
                }
            };
            app.post_with(door, &[("authorization", &bearer)], &body)
        };
        let pointer = if door == "/liveness" { "/attestation" } else { "/liveness/attestation" };
        let challenge = app.challenge(&json!({}));
        let missing = send(challenge.performed(ADA, salt));
        let flawed = send(bad(&vendors, &challenge, salt));
        let strange = send(with(
            &challenge,
            &performed(&challenge, salt).0,
            json!({"format": "android_key", "certificates": ["AQID"], "signature": "AQID"}),
        ));
        let mut told = Vec::new();
        for refused in [&missing, &flawed, &strange] {
            assert_eq!((refused.status, refused.code().as_str()), (403, "attestation_required"));
            assert_eq!(refused.pointer(), pointer, "{door}");
            let mut body = refused.json();
            body["request_id"].take();
            told.push(body);
        }
        // Which check has failed is not told.
        assert!(told.iter().all(|body| *body == told[0]), "{told:?}");
        // Nothing was spent: the same nonce is good for the capture that is attested.
        let passed = send(good(&vendors, &challenge, salt));
        assert!(passed.status < 300, "{door}: {}", passed.text());
        let trail = trail(&app, kind).await;
        let refused = ["missing", "wrong_signature", "malformed"]
            .map(|flaw| line("liveness_failed", Some(flaw)));
        assert_eq!(trail[trail.len() - 4..trail.len() - 1], refused, "{door}");
        assert_eq!(trail[trail.len() - 1], line("accepted", Some("android-tee")), "{door}");
    }
    // Nothing attests a picture.
    assert_eq!(app.verify("ada", ADA).code(), "liveness_required");
    assert_eq!(app.register("alan", Shows::Person(1)).code(), "liveness_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_count_against_nobody_and_name_the_flaw_in_the_log() {
    log();
    let vendors = Vendors::default();
    let app = vendors.app(AttestationMode::Require).await;
    enrolled(&app).await;
    let challenge = app.challenge(&json!({}));
    for _ in 0..7 {
        let refused = verify(&app, &challenge.performed(ADA, 1));
        assert_eq!(refused.code(), "attestation_required");
    }
    let refused = verify(&app, &bad(&vendors, &challenge, 1));
    let id = refused.header("x-request-id").to_owned();
    let events = log().events(&id);
    let told = events.iter().filter_map(|event| event["attestation"].as_str());
    assert_eq!(told.collect::<Vec<_>>(), ["wrong_signature"], "{events:?}");
    assert_eq!(verify(&app, &good(&vendors, &challenge, 1)).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_carries_what_the_device_proved() {
    let vendors = Vendors::default();
    // The page of a service need not attest; everybody else must.
    let fresh = api_key::generate().expect("a key");
    let mut rules = vendors.rules(AttestationMode::Require);
    rules.by_service.insert(fresh.prefix.clone(), AttestationMode::Off);
    let app = App::start_with(|setup| setup.settings.attestation = rules).await;
    enrolled(&app).await;
    let stored = NewApiKey {
        id: uuid::Uuid::new_v4(),
        prefix: fresh.prefix.clone(),
        secret_hash: fresh.hash,
        label: "the page's server".to_owned(),
        scopes: vec![Scope::ScoresRead],
        created_at: app.clock.now(),
        expires_at: None,
    };
    app.database.store().await.create_api_key(&stored).await.expect("stored");
    let page = [("x-api-key", fresh.key.as_str())];
    let token = |answer: Answer| {
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["liveness_token"].clone()
    };
    let redeem = |headers: &[(&str, &str)], token: &Value| {
        app.post_with("/verify", headers, &json!({"username": "ada", "liveness_token": token}))
    };

    let challenge = app.challenge(&json!({}));
    let attested = token(app.post("/liveness", &good(&vendors, &challenge, 1)));
    assert_eq!(claim(&redeem(&[], &attested)), "android-tee");
    // What was judged for the page is good for the page alone.
    let judge = |salt| {
        let capture = app.challenge(&json!({})).performed(ADA, salt);
        token(app.post_with("/liveness", &page, &capture))
    };
    let refused = redeem(&[], &judge(2));
    assert_eq!(
        (refused.code().as_str(), refused.pointer().as_str()),
        ("attestation_required", "/liveness_token")
    );
    assert_eq!(claim(&redeem(&page, &judge(3))), Value::Null);
    // And pictures alone are for the page, too.
    let picture = crate::app::probe("ada", ADA);
    assert_eq!(app.post_with("/verify", &page, &picture).status, 200);
    assert_eq!(app.post("/verify", &picture).code(), "liveness_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apple_key_is_attested_once_and_counts_up() {
    let vendors = Vendors::default();
    let app = vendors.app(AttestationMode::Require).await;
    enrolled(&app).await;
    let device = apple::Device::default();
    let attest = |salt| {
        let challenge = app.challenge(&json!({}));
        let (frames, statement) = performed(&challenge, salt);
        let object = vendors.apple.attest(&device, &statement, &apple::Attestation::default());
        let attestation = by_apple(&device, "attestation_object", &object);
        verify(&app, &with(&challenge, &frames, attestation))
    };
    let assert = |counter, salt| {
        let challenge = app.challenge(&json!({}));
        let (frames, statement) = performed(&challenge, salt);
        let assertion = device.assert(apple::APP_ID, counter, &statement);
        verify(&app, &with(&challenge, &frames, by_apple(&device, "assertion", &assertion)))
    };
    assert_eq!(assert(1, 1).code(), "attestation_required");
    assert_eq!(claim(&attest(2)), "apple-app-attest");
    assert_eq!(attest(3).code(), "attestation_required");
    assert_eq!(claim(&assert(1, 4)), "apple-app-attest");
    assert_eq!(assert(1, 5).code(), "attestation_required");
    assert_eq!(claim(&assert(9, 6)), "apple-app-attest");
    let flaws: Vec<_> =
        trail(&app, "verify").await.into_iter().filter_map(|(_, found)| found).collect();
    let known = "apple-app-attest";
    assert_eq!(flaws, ["unknown_key", known, "counter_repeated", known, "counter_repeated", known]);
}

/// The nonce is given back when the analyzer fails, and so is everything else that the capture would
/// have used up: an app that sends the same again is not taken for a copy of itself.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_analyzer_failed_on_may_be_sent_again() {
    let vendors = Vendors::default();
    let app = vendors.app(AttestationMode::Require).await;
    enrolled(&app).await;
    let device = apple::Device::default();
    let first = app.challenge(&json!({}));
    let (frames, statement) = performed(&first, 1);
    let object = vendors.apple.attest(&device, &statement, &apple::Attestation::default());
    let new_key = with(&first, &frames, by_apple(&device, "attestation_object", &object));
    let second = app.challenge(&json!({}));
    let (frames, statement) = performed(&second, 2);
    let assertion = device.assert(apple::APP_ID, 1, &statement);
    let next = with(&second, &frames, by_apple(&device, "assertion", &assertion));
    for capture in [&new_key, &next] {
        app.analyzer.set_mood(Mood::Failing);
        assert_eq!(verify(&app, capture).status, 503);
        app.analyzer.set_mood(Mood::Ready);
        assert_eq!(claim(&verify(&app, capture)), "apple-app-attest");
    }
}

/// However many use one counter at two replicas, one wins.
#[tokio::test(flavor = "multi_thread")]
async fn one_counter_is_good_for_one_capture() {
    let vendors = Vendors::default();
    let first = vendors.app(AttestationMode::Require).await;
    enrolled(&first).await;
    let rules = vendors.rules(AttestationMode::Require);
    let database = std::sync::Arc::clone(&first.database);
    let second = App::start_on(database, |setup| setup.settings.attestation = rules);
    let device = apple::Device::default();
    let challenge = first.challenge(&json!({}));
    second.clock.advance(chrono::TimeDelta::seconds(10));
    let (frames, statement) = performed(&challenge, 1);
    let object = vendors.apple.attest(&device, &statement, &apple::Attestation::default());
    let attestation = by_apple(&device, "attestation_object", &object);
    assert_eq!(verify(&first, &with(&challenge, &frames, attestation)).status, 200);

    let captures: Vec<Value> = (2..12)
        .map(|salt| {
            let opened = first.post("/liveness/sessions", &json!({}));
            let challenge = Challenged::of(&opened.json(), None);
            let (frames, statement) = performed(&challenge, salt);
            let assertion = device.assert(apple::APP_ID, 1, &statement);
            with(&challenge, &frames, by_apple(&device, "assertion", &assertion))
        })
        .collect();
    for app in [&first, &second] {
        app.clock.advance(chrono::TimeDelta::seconds(10));
    }
    let passed = std::thread::scope(|scope| {
        let sent: Vec<_> = captures
            .iter()
            .zip([&first, &second].into_iter().cycle())
            .map(|(capture, app)| scope.spawn(|| app.post("/liveness", capture)))
            .collect();
        let answers = sent.into_iter().map(|sent| sent.join().expect("an answer"));
        answers.filter(|answer| answer.status == 200).count()
    });
    assert_eq!(passed, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_carries_the_same_object_as_text() {
    let vendors = Vendors::default();
    let app = vendors.app(AttestationMode::Require).await;
    let challenge = app.challenge(&json!({}));
    let (frames, statement) = performed(&challenge, 1);
    let attestation = by_android(&vendors.android, &challenge.nonce, &statement).to_string();
    let times: Vec<String> = frames.iter().map(|(t_ms, _)| t_ms.to_string()).collect();
    let send = |attestation: &str| {
        let mut fields: Vec<(&str, Option<&str>, &[u8])> = vec![
            ("session_id", None, challenge.session.as_bytes()),
            ("nonce", None, challenge.nonce.as_bytes()),
            ("attestation", None, attestation.as_bytes()),
        ];
        for ((_, picture), time) in frames.iter().zip(&times) {
            fields.push(("frames", Some("image/png"), picture));
            fields.push(("t_ms", None, time.as_bytes()));
        }
        send_form(&app, "/liveness", &fields)
    };
    for odd in ["[]", "\"text\"", "{", "null"] {
        let refused = send(odd);
        assert_eq!((refused.status, refused.code().as_str()), (400, "invalid_field"), "{odd}");
    }
    let judged = send(&attestation);
    assert_eq!(judged.json()["live"], true, "{}", judged.text());
}
