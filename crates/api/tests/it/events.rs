//! The log of security events: every kind is triggered over HTTP and read back.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use faceauth_api::settings::Registration;
use faceauth_domain::embedding::ModelId;
use faceauth_domain::policy::{MatchPolicy, PreviousModel};
use faceauth_domain::scope::Scope;
use faceauth_domain::second_factor::SecondFactorMode;
use faceauth_test_support::passkey::SoftKey;
use faceauth_test_support::scripted::{ScriptedAnalyzer, Shows};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{Answer, App, Setup, base64, probe, registration};
use crate::log::log;
use crate::oidc_party::{self, Browser};
use crate::passkeys::{PAGE, asks};
use crate::services;

const ADA: Shows = Shows::Person(0);
const STRANGER: Shows = Shows::Person(1);
/// The guide for operators; a test of the crate compares its table with the code.
const GUIDE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operations.md"));
/// What only time brings, and no request: `flow::audit` tests it.
const NO_REQUEST: [&str; 1] = ["retired"];

/// An API whose events are read, and the words of those that were seen.
struct Watched {
    app: App,
    seen: BTreeSet<String>,
}

impl Watched {
    async fn start(change: impl FnOnce(&mut Setup)) -> Self {
        log();
        Self { app: App::start_with(change).await, seen: BTreeSet::new() }
    }

    /// Sends a request and answers its only event. What every event has is checked here.
    fn event(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> (Answer, Value) {
        let json = [("content-type", "application/json")];
        let headers = [&json[..], headers].concat();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.sent(method, path, &headers, &body)
    }

    fn form(&mut self, path: &str, headers: &[(&str, &str)], body: &str) -> (Answer, Value) {
        self.sent("POST", path, headers, body)
    }

    fn sent(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (Answer, Value) {
        let id = Uuid::new_v4().to_string();
        let headers = [&[("x-request-id", id.as_str())], headers].concat();
        let answer = self.app.send(method, path, &headers, body.as_bytes());
        let mut events = log().events(&id);
        assert!(!events.is_empty(), "{method} {path} left no event: {}", answer.text());
        for event in &events {
            for field in ["event", "actor", "subject", "client", "request_id"] {
                let text = event[field].as_str().unwrap_or_default();
                assert!(!text.is_empty(), "{field} is missing: {event}");
            }
            assert_eq!(event["client"].as_str().map(str::len), Some(32), "a hash: {event}");
            self.seen.insert(event["event"].as_str().expect("a word").to_owned());
        }
        (answer, events.remove(0))
    }

    fn post(&mut self, path: &str, body: &Value) -> (Answer, Value) {
        self.event("POST", path, &[], body)
    }

    fn with_token(&mut self, method: &str, path: &str, token: &str, body: &Value) -> Value {
        let bearer = format!("Bearer {token}");
        self.event(method, path, &[("authorization", &bearer)], body).1
    }

    fn with_key(&mut self, path: &str, key: &str, body: &Value) -> Value {
        self.event("POST", path, &[("x-api-key", key)], body).1
    }
}

/// `event actor subject`, with what differs from run to run named.
fn told(event: &Value, names: &[(&str, &str)]) -> String {
    let text = |field: &str| event[field].as_str().expect("a text").to_owned();
    let told = format!("{} {} {}", text("event"), text("actor"), text("subject"));
    names.iter().fold(told, |told, (name, value)| told.replace(value, name))
}

fn id_of(answer: &Answer) -> String {
    answer.json()["user"]["id"].as_str().expect("an id").to_owned()
}

fn session_of(event: &Value) -> String {
    let actor = event["actor"].as_str().expect("an actor");
    actor.strip_prefix("session:").unwrap_or_else(|| panic!("{event}")).to_owned()
}

/// What people do.
async fn people(seen: &mut BTreeSet<String>) {
    let mut watched = Watched::start(|_| {}).await;
    let null = Value::Null;
    let (enrolled, event) = watched.post("/register", &registration("ada", &[ADA]));
    let (ada, sid) = (id_of(&enrolled), session_of(&event));
    let token = enrolled.access_token();
    let names: &[(&str, &str)] = &[("ADA", &ada), ("SID", &sid)];
    assert_eq!(told(&event, names), "register session:SID account:ADA");
    assert_eq!(event["outcome"], "accepted");

    // Somebody else under the name, nobody under another one, and the owner.
    let (_, event) = watched.post("/verify", &probe("ada", STRANGER));
    assert_eq!(told(&event, names), "verify anonymous account:ADA");
    assert_eq!((&event["outcome"], &event["level"]), (&json!("non_match"), &json!("INFO")));
    let (_, event) = watched.post("/verify", &probe("nobody", STRANGER));
    let nobody = event["subject"].as_str().expect("a subject").to_owned();
    assert!(nobody.starts_with("name:") && nobody.len() == 37, "{event}");
    let (signed_in, event) = watched.post("/verify", &probe("ada", ADA));
    let other = session_of(&event);
    assert_eq!((event["outcome"].as_str(), other == sid), (Some("accepted"), false));
    let device = signed_in.json()["device_token"].as_str().expect("a token").to_owned();
    let mut known = probe("ada", STRANGER);
    known["device_token"] = json!(device);
    let (_, event) = watched.post("/verify", &known);
    assert!(told(&event, names).starts_with("verify device:"), "{event}");
    assert!(told(&event, names).ends_with(" account:ADA"), "{event}");

    // A capture by itself is about whom its session was opened for.
    let challenge = watched.app.challenge(&json!({"username": "nobody"}));
    let (_, event) = watched.post("/liveness", &challenge.performed(ADA, 1));
    assert_eq!(told(&event, &[]), format!("liveness anonymous {nobody}"));

    // Too many failures: of the account, of a name without one, and on a device.
    for name in ["ada", "nobody"] {
        for _ in 0..5 {
            watched.app.verify(name, STRANGER);
        }
    }
    let (_, event) = watched.post("/verify", &probe("ada", ADA));
    assert_eq!(told(&event, names), "blocked anonymous account:ADA");
    assert_eq!((&event["level"], &event["retry_after"]), (&json!("WARN"), &json!(30)));
    let (_, event) = watched.post("/verify", &probe("nobody", ADA));
    assert_eq!(told(&event, &[]), format!("blocked anonymous {nobody}"));

    // Renewing, a used token, an unknown one, signing out.
    let refresh = json!({"refresh_token": enrolled.refresh_token(), "retry_key": "k".repeat(43)});
    let (_, event) = watched.post("/token/refresh", &refresh);
    assert_eq!(told(&event, names), "refreshed session:SID account:ADA");
    let (_, event) = watched.post("/token/refresh", &refresh);
    assert_eq!(told(&event, names), "refresh_repeated session:SID account:ADA");
    let refresh = json!({"refresh_token": enrolled.refresh_token()});
    let (_, event) = watched.post("/token/refresh", &refresh);
    assert_eq!(told(&event, names), "refresh_reused anonymous account:ADA");
    assert_eq!((&event["session"], &event["level"]), (&json!(sid), &json!("WARN")));
    let (_, event) = watched.post("/token/refresh", &json!({"refresh_token": "guessed"}));
    assert_eq!(told(&event, names), "credentials_refused anonymous unknown");
    assert_eq!(event["reason"], "refresh_token_unknown");
    let refresh = json!({"refresh_token": signed_in.refresh_token()});
    let (_, event) = watched.post("/token/revoke", &refresh);
    assert_eq!(
        told(&event, &[("ADA", &ada), ("SID", &other)]),
        "signed_out session:SID account:ADA"
    );

    // What the account holder does about the account. A session of its own, because the first
    // one has ended.
    watched.app.clock.advance(TimeDelta::seconds(30));
    let signed_in = watched.app.verify("ada", ADA);
    let (token, old) = (signed_in.access_token(), token);
    let (_, event) = watched.post("/verify", &probe("ada", ADA));
    let ended = session_of(&event);
    let face = json!({"face_image": base64(&ADA.picture())});
    let event = watched.with_token("POST", "/me/faces", &token, &face);
    let mine = session_of(&event);
    let names: &[(&str, &str)] = &[("ADA", &ada), ("SID", &mine)];
    assert_eq!(told(&event, names), "add_face session:SID account:ADA");
    let faces = watched.app.with_token("GET", "/me/faces", &token).json();
    let face = faces["faces"][1]["id"].as_str().expect("a face").to_owned();
    let consent = json!({"policy_version": "2", "granted": true});
    crate::clients::give(&watched.app, &ada, "shop").await;
    for (method, path, body, word) in [
        ("DELETE", "/me/clients/shop".to_owned(), &null, "client_disconnected"),
        ("DELETE", format!("/me/faces/{face}"), &null, "face_removed"),
        ("DELETE", format!("/me/sessions/{ended}"), &null, "session_ended"),
        ("GET", "/me/export".to_owned(), &null, "exported"),
        ("POST", "/me/consent".to_owned(), &consent, "consent_granted"),
        ("DELETE", "/me/consent".to_owned(), &null, "consent_withdrawn"),
    ] {
        let event = watched.with_token(method, &path, &token, body);
        assert_eq!(told(&event, names), format!("{word} session:SID account:ADA"), "{path}");
    }

    // Tokens that are not good.
    let (_, event) = watched.event("GET", "/me", &[], &null);
    assert_eq!(event["reason"], "access_token_missing");
    let event = watched.with_token("GET", "/me", &format!("{token}x"), &null);
    assert_eq!(told(&event, names), "credentials_refused anonymous unknown");
    assert_eq!(
        (&event["reason"], &event["level"]),
        (&json!("access_token_invalid"), &json!("WARN"))
    );
    watched.app.clock.advance(TimeDelta::minutes(6));
    let event = watched.with_token("DELETE", "/me", &token, &null);
    assert_eq!(told(&event, names), "credentials_refused session:SID account:ADA");
    assert_eq!(event["reason"], "sign_in_too_old");
    watched.app.clock.advance(TimeDelta::minutes(10));
    let event = watched.with_token("GET", "/me", &old, &null);
    assert_eq!(event["reason"], "access_token_expired");

    let enrolled = watched.app.register("grace", Shows::Person(2));
    let event = watched.with_token("DELETE", "/me", &enrolled.access_token(), &null);
    let (grace, sid) = (id_of(&enrolled), session_of(&event));
    assert_eq!(told(&event, &[("G", &grace), ("SID", &sid)]), "erased session:SID account:G");
    seen.append(&mut watched.seen);
}

/// Whom a service invites.
async fn invited(seen: &mut BTreeSet<String>) {
    let mut watched = Watched::start(|s| s.settings.registration = Registration::Invite).await;
    let key = services::key(&watched.app, &[Scope::Invite]).await;
    let names: &[(&str, &str)] = &[("KEY", key.split('_').nth(1).expect("a prefix"))];
    let headers = [("x-api-key", key.as_str())];
    let name = json!({"username": "ada"});
    let (made, event) = watched.event("POST", "/invitations", &headers, &name);
    assert!(told(&event, names).starts_with("invited api_key:KEY name:"), "{event}");
    let secret = made.json()["invitation"].clone();
    let mut body = registration("ada", &[Shows::Print(0)]);
    for (presented, reason) in
        [(json!("fi_guessed"), "invitation_unknown"), (secret.clone(), "invitation_of_other_name")]
    {
        body["invitation"] = presented;
        body["username"] = json!("grace");
        let (_, event) = watched.post("/register", &body);
        assert_eq!(told(&event, names), "credentials_refused anonymous unknown");
        assert_eq!((&event["reason"], &event["level"]), (&json!(reason), &json!("WARN")));
    }
    body["username"] = json!("ada");
    let (refused, event) = watched.post("/register", &body);
    assert_eq!(refused.code(), "liveness_failed");
    assert!(told(&event, names).starts_with("register invitation name:"), "{event}");
    watched.app.clock.advance(TimeDelta::days(7));
    let (_, event) = watched.post("/register", &body);
    assert_eq!(event["reason"], "invitation_expired");
    seen.append(&mut watched.seen);
}

/// What services do, and who calls himself one.
async fn services(seen: &mut BTreeSet<String>) {
    let mut watched = Watched::start(|s| s.settings.registration = Registration::Service).await;
    let key = services::key(&watched.app, &[Scope::Enrol, Scope::AccountsReset]).await;
    let other = services::key(&watched.app, &[Scope::ScoresRead]).await;
    let prefix = |key: &str| key.split('_').nth(1).expect("a prefix").to_owned();
    let names: &[(&str, &str)] = &[("KEY", &prefix(&key)), ("OTHER", &prefix(&other))];

    let (answer, event) = watched.post("/register", &registration("ada", &[ADA]));
    assert_eq!((answer.status, event["event"].as_str()), (403, Some("access_refused")));
    assert_eq!(event["reason"], "enrolment_not_allowed");
    let lines = format!("{}\n", registration("ada", &[ADA]));
    let id = Uuid::new_v4().to_string();
    let headers =
        [("content-type", "application/x-ndjson"), ("x-api-key", &key), ("x-request-id", &id)];
    watched.app.send("POST", "/register/batch", &headers, lines.as_bytes());
    let events = log().events(&id);
    assert!(told(&events[0], names).starts_with("register api_key:KEY account:"), "{events:?}");

    let name = json!({"username": "ada"});
    let event = watched.with_key("/accounts/reset", &key, &name);
    assert!(told(&event, names).starts_with("reset api_key:KEY account:"), "{event}");
    let reset = watched.app.post_with("/accounts/reset", &[("x-api-key", &key)], &name).json();
    let token = reset["enrolment_token"].as_str().expect("a token").to_owned();
    let face = json!({"face_image": base64(&ADA.picture())});
    let event = watched.with_token("POST", "/me/faces", &token, &face);
    assert!(told(&event, names).starts_with("add_face enrolment_token account:"), "{event}");
    let event = watched.with_key("/verify", &other, &probe("ada", STRANGER));
    assert!(told(&event, names).starts_with("verify api_key:OTHER account:"), "{event}");

    let event = watched.with_key("/accounts/reset", &other, &name);
    assert_eq!(told(&event, names), "access_refused api_key:OTHER api_key:OTHER");
    assert_eq!(event["reason"], "insufficient_scope");
    let (_, event) = watched.post("/accounts/reset", &name);
    assert_eq!(event["reason"], "api_key_missing");
    // Keys that are not good, wherever one may be sent: guessed, misspelt, expired, taken back.
    for (path, body) in [
        ("/accounts/reset", &name),
        ("/register", &registration("grace", &[STRANGER])),
        ("/verify", &probe("ada", ADA)),
        ("/register/batch", &name),
    ] {
        let event = watched.with_key(path, "fa_guessed", body);
        assert_eq!(told(&event, names), "credentials_refused anonymous unknown", "{path}");
        assert_eq!(
            (&event["reason"], &event["level"]),
            (&json!("api_key_unknown"), &json!("WARN"))
        );
    }
    let event = watched.with_key("/verify", &format!("{key}x"), &probe("ada", ADA));
    assert_eq!(told(&event, names), "credentials_refused anonymous api_key:KEY");
    let store = watched.app.database.store().await;
    let now = faceauth_domain::clock::Clock::now(&*watched.app.clock);
    assert!(store.revoke_api_key(&prefix(&other), now).await.expect("revoked"));
    let event = watched.with_key("/accounts/reset", &other, &name);
    assert_eq!(told(&event, names), "credentials_refused anonymous api_key:OTHER");
    assert_eq!(event["reason"], "api_key_revoked");
    watched.app.clock.advance(TimeDelta::days(1));
    let event = watched.with_key("/accounts/reset", &key, &name);
    assert_eq!(event["reason"], "api_key_expired");
    seen.append(&mut watched.seen);
}

/// Who registers, shows and removes passkeys.
async fn passkeys(seen: &mut BTreeSet<String>) {
    let mut watched = Watched::start(asks(SecondFactorMode::Offered)).await;
    let enrolled = watched.app.register("ada", ADA);
    let (ada, token) = (id_of(&enrolled), enrolled.access_token());
    let mut key = SoftKey::new(1, "localhost", PAGE);
    let asked = watched.app.with_token("POST", "/me/passkeys/challenge", &token).json();
    let added = json!({
        "transaction": asked["transaction"], "name": "my key",
        "credential": key.register(&asked["options"]),
    });
    let names: &[(&str, &str)] = &[("ADA", &ada)];
    let event = watched.with_token("POST", "/me/passkeys", &token, &added);
    assert!(told(&event, names).starts_with("passkey_added session:"), "{event}");
    let event = watched.with_token("POST", "/me/recovery-codes", &token, &json!({}));
    assert!(told(&event, names).starts_with("recovery_codes_made session:"), "{event}");
    let (answer, event) = watched.post("/verify", &probe("ada", ADA));
    assert_eq!(told(&event, names), "verify anonymous account:ADA");
    assert_eq!(event["outcome"], "second_factor_asked");
    let asked = answer.json();
    let mut spoilt = SoftKey::new(1, "localhost", "https://attacker.example");
    let wrong = json!({
        "transaction": asked["transaction"], "credential": spoilt.sign(&asked["options"]),
    });
    // What was written down, and the refusal of the caller with its reason.
    let (_, event) = watched.post("/verify/passkey", &wrong);
    assert_eq!(told(&event, names), "passkey anonymous account:ADA");
    assert_eq!(event["outcome"], "second_factor_refused");
    let right = json!({
        "transaction": asked["transaction"], "credential": key.sign(&asked["options"]),
    });
    let (_, event) = watched.post("/verify/passkey", &right);
    assert!(told(&event, names).starts_with("passkey session:"), "{event}");
    assert_eq!(event["assurance"], "face-passkey-device-bound");

    let made = watched.app.with_token("POST", "/me/recovery-codes", &token).json();
    let asked = watched.app.verify("ada", ADA).json();
    let code = json!({"transaction": asked["transaction"], "code": made["recovery_codes"][0]});
    watched.post("/verify/recovery-code", &code);
    let listed = watched.app.with_token("GET", "/me/passkeys", &token).json();
    let id = listed["passkeys"][0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/me/passkeys/{id}");
    let event = watched.with_token("DELETE", &path, &token, &Value::Null);
    assert!(told(&event, names).starts_with("passkey_removed session:"), "{event}");
    seen.append(&mut watched.seen);
}

/// A sign-in that brings a template of another model.
async fn moving(seen: &mut BTreeSet<String>) {
    let matching = |model: &str| MatchPolicy {
        model: ModelId::new(model),
        threshold: 0.5,
        fmr: 1e-4,
        cascade: None,
    };
    let old = App::start_with(|setup| {
        setup.analyzer = ScriptedAnalyzer::moving("old", None);
        setup.settings.policy.matching = matching("old");
    })
    .await;
    old.register("ada", ADA).access_token();
    let mut watched = Watched::start(|setup| {
        setup.store = Some(old.database.config());
        setup.analyzer = ScriptedAnalyzer::moving("new", Some("old"));
        setup.settings.policy.matching = matching("new");
        setup.settings.policy.previous =
            Some(PreviousModel { matching: matching("old"), strong: 0.9 });
    })
    .await;
    let challenge = watched.app.challenge(&json!({}));
    let live = json!({"username": "ada", "liveness": challenge.performed(ADA, 1)});
    let (answer, _) = watched.post("/verify", &live);
    assert_eq!(answer.status, 200, "{}", answer.text());
    seen.append(&mut watched.seen);
}

/// What apps and the people in front of them do.
async fn clients(seen: &mut BTreeSet<String>) {
    let mut watched = Watched::start(oidc_party::provider).await;
    let ada = id_of(&watched.app.register("ada", ADA));
    let names: &[(&str, &str)] = &[("ADA", &ada)];
    let mut browser = Browser::default();
    let request = browser.begin(&watched.app, "app", &[]);
    let cookies = browser.header();
    let token = format!("Bearer {}", watched.app.verify("ada", ADA).access_token());
    let headers = [("cookie", cookies.as_str()), ("authorization", &token)];
    let body = json!({"request": request});
    let (accepted, event) = watched.event("POST", "/login/accept", &headers, &body);
    browser.keep(&accepted);
    let login = session_of(&event);
    assert_eq!(
        told(&event, &[("ADA", &ada), ("SID", &login)]),
        "client_authorized session:SID account:ADA"
    );

    let issued = oidc_party::code(&oidc_party::redirect_to(&accepted));
    let form = oidc_party::form(&oidc_party::redemption("app", &issued, &[]));
    let mut redeem = || {
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        watched.form("/token", &kind, &form)
    };
    let (redeemed, event) = redeem();
    assert_eq!(told(&event, names), "code_redeemed client:app account:ADA");
    let session = event["session"].clone();
    let (_, event) = redeem();
    assert_eq!(told(&event, names), "code_reused client:app account:ADA");
    assert_eq!((&event["session"], &event["level"]), (&session, &json!("WARN")));
    assert_eq!(event["reason"], "code_used");

    let other = watched.app.tokens_of("app");
    let refresh = other["refresh_token"].as_str().expect("a token");
    let form = oidc_party::form(&[("client_id", "app"), ("token", refresh)]);
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let (_, event) = watched.form("/oauth/revoke", &kind, &form);
    assert_eq!(told(&event, names), "token_revoked client:app account:ADA");

    let request = browser.begin(&watched.app, "app", &[]);
    let cookies = browser.header();
    let headers = [("cookie", cookies.as_str())];
    let body = json!({"request": request});
    let (_, event) = watched.event("POST", "/login/refuse", &headers, &body);
    assert_eq!(told(&event, &[]), "client_refused anonymous client:app");
    let id_token = redeemed.json()["id_token"].as_str().expect("a token").to_owned();
    let path = oidc_party::address("/end-session", &[("id_token_hint", &id_token)]);
    let (_, event) = watched.event("GET", &path, &headers, &Value::Null);
    assert_eq!(told(&event, names), "logged_out anonymous account:ADA");
    let headers = [("origin", "https://evil.example")];
    let (_, event) = watched.event("POST", "/login/accept", &headers, &body);
    assert_eq!(told(&event, &[]), "access_refused anonymous unknown");
    seen.append(&mut watched.seen);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_says_who_to_whom_from_where_and_in_which_request() {
    let mut seen = BTreeSet::new();
    people(&mut seen).await;
    services(&mut seen).await;
    invited(&mut seen).await;
    passkeys(&mut seen).await;
    moving(&mut seen).await;
    clients(&mut seen).await;
    let mut watched = Watched::start(|setup| setup.limit_sign_in(1)).await;
    watched.app.verify("ada", ADA);
    let (_, event) = watched.post("/verify", &probe("ada", ADA));
    assert_eq!(told(&event, &[]), "rate_limited anonymous unknown");
    seen.append(&mut watched.seen);

    // The rows of the first table after its heading.
    let (_, table) = GUIDE.split_once("| event | level |").expect("the table of events");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let listed: BTreeSet<String> = rows
        .map(|row| row.split('`').nth(1).expect("a word").to_owned())
        .filter(|word| !NO_REQUEST.contains(&word.as_str()))
        .collect();
    assert_eq!(seen, listed);
}
