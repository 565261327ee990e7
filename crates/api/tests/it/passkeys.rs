//! The second factor: passkeys and recovery codes, after a face and alone.

use std::sync::Arc;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use chrono::TimeDelta;
use faceauth_api::settings::SecondFactorRules;
use faceauth_domain::second_factor::SecondFactorMode;
use faceauth_passkeys::RelyingParty;
use faceauth_test_support::passkey::SoftKey;
use faceauth_test_support::scripted::Shows;
use serde_json::{Value, json};

use crate::app::{Answer, App, Setup, probe, registration};

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

#[tokio::test(flavor = "multi_thread")]
async fn where_everybody_needs_a_passkey_the_first_one_is_registered_after_the_face() {
    let app = App::start_with(asks(SecondFactorMode::Required)).await;
    let register = |asked: &Value, credential: &Value| {
        let body = json!({
            "transaction": asked["transaction"], "name": "my key", "credential": credential,
        });
        app.post("/register/passkey", &body)
    };
    // At the enrolment.
    let asked = app.register("ada", ADA);
    assert_eq!(asked.status, 202, "{}", asked.text());
    let asked = asked.json();
    assert_eq!(asked["next"], "register_passkey");
    let mut key = key(1);
    let done = register(&asked, &key.register(&asked["options"]));
    assert_eq!((done.status, codes(&done).len()), (201, 10));
    assert_eq!(shown(&done).0, "face-passkey-device-bound");
    let asked = app.asked("ada", ADA);
    assert_eq!(asked["next"], "show_passkey");

    // Later, for an account that had none: whoever left after the enrolment.
    assert_eq!(app.register("eve", EVE).status, 202);
    let (one, two) = (app.asked("eve", EVE), app.asked("eve", EVE));
    assert_eq!(one["next"], "register_passkey");
    let (mut hers, mut second) = (self::key(2), self::key(3));
    // The passkey of somebody else is no new one.
    let mut stolen = self::key(1);
    let conflict = register(&one, &stolen.register(&one["options"]));
    assert_eq!(conflict.code(), "passkey_conflict");
    assert_eq!(register(&one, &hers.register(&one["options"])).status, 201);
    // A transaction that was begun before the first passkey adds no second one.
    assert_eq!(register(&two, &second.register(&two["options"])).code(), "passkey_conflict");
    // And it goes nowhere else.
    let asked = app.asked("eve", EVE);
    assert_eq!(register(&asked, &second.register(&one["options"])).code(), "transaction_expired");

    // The last one stays.
    let signed_in = app.show(&asked, &hers.sign(&asked["options"]));
    let token = signed_in.access_token();
    let id = |index: usize| {
        let listed = app.with_token("GET", "/me/passkeys", &token).json();
        listed["passkeys"][index]["id"].as_str().expect("an id").to_owned()
    };
    let remove = |id: &str| app.with_token("DELETE", &format!("/me/passkeys/{id}"), &token);
    assert_eq!(remove(&id(0)).code(), "passkey_conflict");
    // Passkeys are listed by their time.
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(app.add_passkey(&token, &mut second, "another").status, 201);
    assert_eq!(remove(&id(0)).status, 204);
    let asked = app.asked("eve", EVE);
    assert_eq!(app.show(&asked, &hers.sign(&asked["options"])).code(), "passkey_refused");
    assert_eq!(app.show(&asked, &second.sign(&asked["options"])).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_registration_again_goes_past_no_passkey() {
    let app = offered().await;
    let body = registration("ada", &[ADA]);
    let again = || app.post_with("/register", &[("idempotency-key", "one")], &body);
    let token = again().access_token();
    assert_eq!(again().status, 201);
    let mut key = key(1);
    assert_eq!(app.add_passkey(&token, &mut key, "my key").status, 201);
    assert_eq!(again().code(), "authentication_failed");

    let strict = App::start_with(asks(SecondFactorMode::Required)).await;
    let again = || strict.post_with("/register", &[("idempotency-key", "one")], &body);
    assert_eq!((again().status, again().status), (202, 202));
    let asked = again().json();
    let credential = key.register(&asked["options"]);
    let answer = json!({
        "transaction": asked["transaction"], "name": "my key", "credential": credential,
    });
    assert_eq!(strict.post("/register/passkey", &answer).status, 201);
    assert_eq!(again().code(), "authentication_failed");
}

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
async fn of_fifty_answers_at_two_replicas_one_signs_in() {
    let app = offered().await;
    let mut key = SoftKey { counts: false, ..key(1) };
    let codes = app.enrolled("ada", ADA, &mut key);
    let other = App::start_on(Arc::clone(&app.database), asks(SecondFactorMode::Offered));
    // Begun at one, finished at the other.
    let asked = app.asked("ada", ADA);
    assert_eq!(other.show(&asked, &key.sign(&asked["options"])).status, 200);

    let many = |answer: &(dyn Fn(&App) -> Answer + Sync)| {
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let running: Vec<_> = (0..50)
                .map(|index| {
                    let replica = if index % 2 == 0 { &app } else { &other };
                    scope.spawn(move || answer(replica))
                })
                .collect();
            running.into_iter().map(|one| one.join().expect("an answer")).collect()
        });
        let signed_in = answers.iter().filter(|answer| answer.status == 200).count();
        let over = answers.iter().filter(|answer| answer.status == 410).count();
        (signed_in, over)
    };
    let asked = app.asked("ada", ADA);
    let answer = key.sign(&asked["options"]);
    assert_eq!(many(&|replica| replica.show(&asked, &answer)), (1, 49));
    let asked = app.asked("ada", ADA);
    assert_eq!(many(&|replica| replica.recover(&asked, &codes[0])), (1, 49));
    // One code, many transactions: it is good once all the same.
    let transactions: Vec<Value> = (0..10).map(|_| app.asked("ada", ADA)).collect();
    let place = std::sync::atomic::AtomicUsize::new(0);
    let (signed_in, _) = many(&|replica| {
        let index = place.fetch_add(1, std::sync::atomic::Ordering::SeqCst) % 10;
        replica.recover(&transactions[index], &codes[1])
    });
    assert_eq!(signed_in, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_answers_with_one_count_one_signs_in() {
    let app = offered().await;
    let mut key = key(1);
    app.enrolled("ada", ADA, &mut key);
    let transactions: Vec<Value> = (0..20).map(|_| app.asked("ada", ADA)).collect();
    // A copy of the key that stands still at one count.
    let answers: Vec<Value> =
        transactions.iter().map(|asked| key.clone().sign(&asked["options"])).collect();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let running: Vec<_> = transactions
            .iter()
            .zip(&answers)
            .map(|(asked, answer)| scope.spawn(|| app.show(asked, answer).status))
            .collect();
        running.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 401].contains(status)), "{statuses:?}");
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
