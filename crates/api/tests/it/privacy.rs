//! Nothing that a person would mind reaches the log, at any level.

use std::sync::Arc;
use std::time::Duration;

use faceauth_api::{EventReceiver, NotTaken, Receiving};
use faceauth_domain::attestation::AttestationMode;
use faceauth_domain::scope::Scope;
use faceauth_store::StoreConfig;
use faceauth_store::outbox::LeasedEvent;
use faceauth_telemetry::label::Delivery;
use faceauth_test_support::database::TestDatabase;
use faceauth_test_support::scripted::{Mood, Shows, embedding_values};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::app::{App, KEY_SEED, Page, base64, registration, signing_key};
use crate::log::log;
use crate::oidc_party;
use crate::passkeys::{PAGE, asks};
use crate::privacy_clients::every_client;
use faceauth_domain::second_factor::SecondFactorMode;
use faceauth_test_support::passkey::SoftKey;

/// Everything, except the client that this test sends its requests with.
const EVERYTHING: &str = "trace,ureq=off,ureq_proto=off";
/// A name nothing else in the log is called.
pub const NAME: &str = "ada.privacy.lovelace";
/// Bytes of a window that is looked for: a coincidence in so many is out of the question.
const WINDOW: usize = 16;

/// What must not be found, with what it is.
#[derive(Default)]
pub struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    /// A text, as it is and as the bytes a debug print lists.
    pub fn text(&mut self, what: &'static str, text: &str) {
        self.0.push((what, text.to_owned()));
        self.listed(what, text.as_bytes());
    }

    /// Bytes: every window of them in base64, in hexadecimal and as a debug print lists them.
    fn bytes(&mut self, what: &'static str, bytes: &[u8]) {
        let encoded = base64(bytes);
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        for text in [encoded, hex] {
            let windows = text.as_bytes().windows(2 * WINDOW);
            self.0.extend(windows.map(|w| (what, String::from_utf8_lossy(w).into_owned())));
        }
        for window in bytes.windows(WINDOW) {
            self.listed(what, window);
        }
    }

    /// A secret that is stored as its hash: both.
    pub fn hashed(&mut self, what: &'static str, text: &str) {
        self.text(what, text);
        self.bytes(what, &Sha256::digest(text.as_bytes()));
    }

    /// A JWT: claims and signature. Its header says nothing.
    pub fn jwt(&mut self, what: &'static str, token: &str) {
        for part in token.split('.').skip(1) {
            self.text(what, part);
        }
    }

    fn listed(&mut self, what: &'static str, bytes: &[u8]) {
        self.0.push((what, format!("{bytes:?}").trim_matches(['[', ']']).to_owned()));
    }
}

/// A receiver of events that takes none, so that every try is logged.
struct Nobody;

impl EventReceiver for Nobody {
    fn takes_at_most(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn receive(&self, _: LeasedEvent) -> Receiving {
        Box::pin(async { Err(NotTaken { result: Delivery::Refused, status: Some(400) }) })
    }
}

/// Drives every flow, and the failures that have a log line of their own.
fn every_flow(secrets: &mut Secrets, app: &App) {
    let enrolled = app.post("/register", &registration(NAME, &[Shows::Person(0); 2]));
    let (access, refresh) = (enrolled.access_token(), enrolled.refresh_token());
    let verified = app.verify(NAME, Shows::Person(0));
    for shows in [Shows::Person(1), Shows::Print(0), Shows::Nobody, Shows::Garbage, Shows::Failure]
    {
        assert!(app.verify(NAME, shows).status >= 400);
    }
    let renew = |token: &str| app.post("/token/refresh", &json!({"refresh_token": token}));
    let retry_key = "privacy-retry-key-".repeat(4);
    secrets.text("a retry key", &retry_key);
    let with_key = json!({"refresh_token": refresh, "retry_key": retry_key});
    let repeated = app.post("/token/refresh", &with_key);
    let renewed = app.post("/token/refresh", &with_key);
    assert_eq!(repeated.refresh_token(), renewed.refresh_token());
    assert_eq!(renew(&refresh).code(), "token_invalid", "a used token is presented");
    assert_eq!(app.with_token("GET", "/me", &access).code(), "token_invalid");
    let access = app.verify(NAME, Shows::Person(0)).access_token();
    assert_eq!(app.with_token("GET", "/me", &access).status, 200);
    assert_eq!(app.with_token("GET", "/me/faces", &access).status, 200);
    let bearer = format!("Bearer {access}");
    let face = json!({"face_image": base64(&Shows::Person(0).picture())});
    let added = app.post_with("/me/faces", &[("authorization", &bearer)], &face);
    let id = added.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(app.with_token("DELETE", &format!("/me/faces/{id}"), &access).status, 204);
    let crowd = json!({"image": base64(&Shows::Crowd.picture())});
    assert_eq!(app.post("/detect", &crowd).status, 200);
    app.analyzer.set_mood(Mood::Full);
    assert_eq!(app.verify(NAME, Shows::Person(0)).status, 503);
    app.analyzer.set_mood(Mood::Ready);
    let session = json!({"refresh_token": verified.refresh_token()});
    assert_eq!(app.post("/token/revoke", &session).status, 204);
    assert_eq!(app.with_token("GET", "/me", &format!("{access}x")).status, 401);

    let challenge = app.challenge(&json!({"username": NAME}));
    secrets.text("a nonce", &challenge.nonce);
    let judged = app.post("/liveness", &challenge.performed(Shows::Person(0), 1)).json();
    let live = judged["liveness_token"].as_str().expect("a liveness token").to_owned();
    secrets.jwt("a liveness token", &live);
    let redeemed = app.post("/verify", &json!({"username": NAME, "liveness_token": live}));
    assert_eq!(redeemed.status, 200, "{}", redeemed.text());
    let challenge = app.challenge(&json!({}));
    let vendor = faceauth_test_support::attested::android::Vendor::default();
    let attestation = crate::attestation::by_android(&vendor, &challenge.nonce, b"unsigned");
    for text in attestation["certificates"].as_array().expect("certificates") {
        secrets.text("a certificate", text.as_str().expect("base64"));
    }
    secrets.text("a signature", attestation["signature"].as_str().expect("base64"));
    let mut attested = challenge.performed(Shows::Person(0), 3);
    attested["attestation"] = attestation;
    let verified_flawed = app.post("/verify", &json!({"username": NAME, "liveness": attested}));
    assert_eq!(verified_flawed.status, 200, "{}", verified_flawed.text());
    let challenge = app.challenge(&json!({}));
    let printed = challenge.performed(Shows::Print(0), 2);
    let refused = app.post("/verify", &json!({"username": NAME, "liveness": printed}));
    assert_eq!(refused.status, 422);
    let next = refused.json()["liveness"]["next"]["nonce"].clone();
    secrets.text("a nonce", next.as_str().expect("a nonce"));

    for path in ["/me/attempts", "/me/export"] {
        assert_eq!(app.with_token("GET", path, &access).status, 200);
    }
    for _ in 0..6 {
        app.verify(NAME, Shows::Person(1));
    }
    let device = verified.json()["device_token"].as_str().expect("a device token").to_owned();
    secrets.jwt("a device token", &device);
    let mut known = crate::app::probe(NAME, Shows::Person(0));
    known["device_token"] = json!(device);
    assert_eq!(app.post("/verify", &known).status, 200);

    for answer in [&enrolled, &verified, &renewed, &redeemed] {
        let access = answer.access_token();
        secrets.text("a token's signature", access.rsplit('.').next().unwrap_or_default());
        secrets.text("a token's claims", access.split('.').nth(1).unwrap_or_default());
        secrets.text("a refresh token", &answer.refresh_token());
        let hash = Sha256::digest(answer.refresh_token().as_bytes());
        secrets.bytes("a refresh token's hash", &hash);
    }
    every_factor(secrets, app);
    every_client(secrets, app);
    assert_eq!(app.with_token("DELETE", "/me", &access).status, 204);
}

/// Passkeys and recovery codes, and their refusals.
fn every_factor(secrets: &mut Secrets, app: &App) {
    let token = app.verify(NAME, Shows::Person(0)).access_token();
    let bearer = format!("Bearer {token}");
    let mut key = SoftKey::new(1, "localhost", PAGE);
    let asked = app.with_token("POST", "/me/passkeys/challenge", &token).json();
    let mut transactions = vec![asked["transaction"].clone()];
    let added = json!({
        "transaction": asked["transaction"], "name": "privacy passkey",
        "credential": key.register(&asked["options"]),
    });
    let added = app.post_with("/me/passkeys", &[("authorization", &bearer)], &added).json();
    secrets.text("the name of a passkey", "privacy passkey");
    let codes = added["recovery_codes"].as_array().expect("codes").clone();
    keep_codes(secrets, &added);
    for path in ["/verify/passkey", "/verify/recovery-code"] {
        for origin in ["https://attacker.example", PAGE] {
            let asked = app.verify(NAME, Shows::Person(0)).json();
            transactions.push(asked["transaction"].clone());
            key.origin = origin.to_owned();
            let code = if origin == PAGE { codes[0].clone() } else { json!("no code") };
            let answer = json!({
                "transaction": asked["transaction"], "credential": key.sign(&asked["options"]),
                "code": code,
            });
            let status = app.post(path, &answer).status;
            assert_eq!(status, if origin == PAGE { 200 } else { 401 }, "{path} {origin}");
        }
    }
    let made = app.post_with("/me/recovery-codes", &[("authorization", &bearer)], &json!({}));
    keep_codes(secrets, &made.json());
    let alone = app.post("/verify/passkey/challenge", &json!({})).json();
    transactions.push(alone["transaction"].clone());
    secrets.bytes("a passkey", &key.id);
    for transaction in &transactions {
        secrets.hashed("a transaction", transaction.as_str().expect("a transaction"));
    }
    let listed = app.with_token("GET", "/me/passkeys", &token).json();
    let id = listed["passkeys"][0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(app.with_token("DELETE", &format!("/me/passkeys/{id}"), &token).status, 204);
}

/// The recovery codes of an answer, as they are written and as they are read.
fn keep_codes(secrets: &mut Secrets, answer: &Value) {
    for code in answer["recovery_codes"].as_array().expect("codes") {
        let code = code.as_str().expect("a code");
        secrets.text("a recovery code", code);
        secrets.text("a recovery code", &code.replace('-', ""));
    }
}

/// An enrolment where everybody needs a passkey, and a withdrawal.
fn with_a_first_key(secrets: &mut Secrets, app: &App) {
    let name = format!("{NAME}.first");
    let asked = app.post("/register", &registration(&name, &[Shows::Person(0)])).json();
    let transaction = asked["transaction"].as_str().expect("a transaction");
    secrets.hashed("a transaction", transaction);
    let mut key = SoftKey::new(2, "localhost", PAGE);
    let registered = json!({
        "transaction": transaction, "name": "privacy passkey",
        "credential": key.register(&asked["options"]),
    });
    let registered = app.post("/register/passkey", &registered);
    secrets.bytes("a passkey", &key.id);
    keep_codes(secrets, &registered.json());
    let token = registered.access_token();
    secrets.jwt("a token", &token);
    secrets.hashed("a refresh token", &registered.refresh_token());
    let consent = json!({"policy_version": "2", "granted": true});
    let bearer = format!("Bearer {token}");
    let granted = app.post_with("/me/consent", &[("authorization", &bearer)], &consent);
    assert!(granted.status < 300, "{}", granted.text());
    assert_eq!(app.with_token("DELETE", "/me/consent", &token).status, 204);
    for path in ["/healthz", "/readyz", "/capture", "/page"] {
        assert_eq!(app.get(path).status, 200, "{path}");
    }
}

/// What a service does.
fn every_service(secrets: &mut Secrets, app: &App, key: &str) {
    secrets.text("an API key", key);
    secrets.bytes("an API key's hash", &Sha256::digest(key.as_bytes()));
    let lines = [registration(NAME, &[Shows::Person(0)]), registration(NAME, &[Shows::Nobody])];
    let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let headers = [("content-type", "application/x-ndjson"), ("x-api-key", key)];
    let batch = app.send("POST", "/register/batch", &headers, lines.as_bytes());
    assert_eq!(batch.text().lines().count(), 2, "{}", batch.text());
    let name = json!({"username": NAME});
    let other = json!({"username": format!("{NAME}.invited")});
    let invited = app.post_with("/invitations", &[("x-api-key", key)], &other).json();
    let secret = invited["invitation"].as_str().expect("an invitation");
    secrets.text("an invitation", secret);
    secrets.bytes("an invitation's hash", &Sha256::digest(secret.as_bytes()));
    let read = json!({"invitation": secret});
    assert_eq!(app.post("/invitations/read", &read).status, 200);
    let mut enrol = registration(NAME, &[Shows::Person(0)]);
    enrol["invitation"] = json!(secret);
    assert_eq!(app.post("/register", &enrol).code(), "invitation_invalid", "of another name");
    enrol["username"] = other["username"].clone();
    assert_eq!(app.post("/register", &enrol).status, 201);
    let reset = app.post_with("/accounts/reset", &[("x-api-key", key)], &name).json();
    let token = reset["enrolment_token"].as_str().expect("an enrolment token");
    secrets.jwt("an enrolment token", token);
    let bearer = format!("Bearer {token}");
    let face = json!({"face_image": base64(&Shows::Person(0).picture())});
    let added = app.post_with("/me/faces", &[("authorization", &bearer)], &face);
    assert_eq!(added.status, 201, "{}", added.text());
}

/// The documented routes that none of `apps` has brought to an answer without an error. A new route
/// has to be driven here before it counts as one that logs no secrets.
fn not_driven(apps: &[&App]) -> Vec<String> {
    let document = apps[0].get("/openapi.json").json();
    let paths = document["paths"].as_object().expect("paths");
    let sent: Vec<_> =
        apps.iter().flat_map(|app| app.sent.lock().expect("no panic").clone()).collect();
    let matches = |template: &str, path: &str| {
        let (template, path) = (template.split('/'), path.split('/'));
        template.clone().count() == path.clone().count()
            && template.zip(path).all(|(known, found)| known == found || known.starts_with('{'))
    };
    let driven = |method: &str, template: &str| {
        sent.iter().any(|(sent, path, status)| {
            // `/me/faces/{id}` is not `/me/faces/newest`, if that is a route of its own.
            let own = path == template || !paths.contains_key(path);
            sent.eq_ignore_ascii_case(method) && *status < 400 && own && matches(template, path)
        })
    };
    let routes = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().expect("methods").keys();
        methods.map(move |method| (method.as_str(), path.as_str()))
    });
    routes
        .filter(|(method, path)| !driven(method, path))
        .map(|(method, path)| format!("{method} {path}"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_flow_logs_biometrics_tokens_names_or_keys() {
    // As the server installs it: global, because the server runs on threads of its own, and
    // with what libraries log through `log`. Other tests may add lines; none of theirs may
    // hold secrets either.
    log().keep(EVERYTHING);

    // With everything kept that can be.
    let page = Page::new("privacy");
    let database = Arc::new(TestDatabase::create().await);
    let app = App::start_on(Arc::clone(&database), |setup| {
        setup.settings.retention.enrolment_image = Some(chrono::TimeDelta::days(30));
        let vendors = crate::attestation::Vendors::default();
        setup.settings.attestation = vendors.rules(AttestationMode::Record);
        setup.store = Some(StoreConfig { outbox: true, ..database.config() });
        setup.receiver = Some(Arc::new(Nobody));
        asks(SecondFactorMode::Offered)(setup);
        oidc_party::provider(setup);
        setup.settings.frontend_dir = Some(page.0.clone());
    });
    let mut secrets = Secrets::default();
    every_flow(&mut secrets, &app);
    let strict = App::start_on(Arc::clone(&database), asks(SecondFactorMode::Required));
    with_a_first_key(&mut secrets, &strict);
    // Enrolled again, so that there are rows to look for.
    let key =
        crate::services::key(&app, &[Scope::Enrol, Scope::Invite, Scope::AccountsReset]).await;
    every_service(&mut secrets, &app, &key);
    let client = app.database.client().await;
    for row in client.query("SELECT sealed FROM templates", &[]).await.expect("templates") {
        secrets.bytes("a sealed template", row.get::<_, &[u8]>(0));
    }
    let images = client.query("SELECT sealed FROM enrolment_images", &[]).await.expect("images");
    assert!(!images.is_empty());
    for row in images {
        secrets.bytes("a sealed enrolment image", row.get::<_, &[u8]>(0));
    }
    for row in client.query("SELECT wrapped FROM user_keys", &[]).await.expect("keys") {
        secrets.bytes("a wrapped key", row.get::<_, &[u8]>(0));
    }

    secrets.text("a username", NAME);
    for shows in [Shows::Person(0), Shows::Person(1), Shows::Nobody, Shows::Crowd] {
        secrets.bytes("a picture", &shows.picture());
    }
    secrets.bytes("a frame", &Shows::Person(0).frame(None, 1 << 8));
    for value in embedding_values(0) {
        secrets.text("an embedding", &value.to_string());
    }
    secrets.bytes("the signing key", &[KEY_SEED; 32]);
    let pem = signing_key(KEY_SEED);
    let line = pem.expose_secret().lines().nth(1).expect("a line of base64");
    secrets.text("the signing key", line);

    // People were told, and the receiver was asked.
    let told = "SELECT count(DISTINCT kind) FROM outbox WHERE username = $1";
    let told: i64 = client.query_one(told, &[&NAME]).await.expect("a count").get(0);
    assert!(told >= 5, "{told}");
    log().wait_for("a webhook was not taken").await;

    assert_eq!(not_driven(&[&app, &strict]), Vec::<String>::new());

    let log = log().everything();
    assert!(log.contains("path=\"/verify\"") && log.contains("TRACE"), "the log was captured");
    let found: Vec<_> = secrets.0.iter().filter(|(_, s)| log.contains(s.as_str())).collect();
    let kinds: std::collections::BTreeSet<_> = found.iter().map(|(what, _)| what).collect();
    let line = found.first().and_then(|(_, s)| log.lines().find(|line| line.contains(s.as_str())));
    assert!(found.is_empty(), "the log holds {kinds:?}: {line:?}");
}
