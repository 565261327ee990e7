//! Ceremonies with an authenticator in software, and each with something wrong.

use faceauth_domain::authentication::PasskeyKind;
use faceauth_passkeys::{Begun, Credential, Flaw, Owner, RelyingParty, SettingsError};
use faceauth_test_support::passkey::SoftKey;
use serde_json::Value;
use uuid::Uuid;

const DOMAIN: &str = "faceauth.example.org";
const PAGE: &str = "https://faceauth.example.org";
const APP: &str = "android:apk-key-hash:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const ADA: Owner<'_> = Owner { id: Uuid::from_u128(7), name: "ada" };

fn service() -> RelyingParty {
    RelyingParty::new(DOMAIN, "FaceAuth", &[PAGE.to_owned(), APP.to_owned()]).expect("settings")
}

fn options(begun: &Begun) -> Value {
    serde_json::from_str(&begun.options).expect("JSON")
}

fn registered(key: &mut SoftKey) -> Credential {
    let begun = service().begin_registration(ADA, &[]).expect("begun");
    let answer = key.register(&options(&begun)).to_string();
    service().finish_registration(&begun.state, &answer).expect("registered")
}

fn key() -> SoftKey {
    SoftKey::new(1, DOMAIN, PAGE)
}

#[test]
fn a_passkey_is_registered_and_shown() {
    let mut key = key();
    let credential = registered(&mut key);
    assert_eq!((credential.kind, credential.counter), (PasskeyKind::DeviceBound, 0));
    assert_eq!(credential.id, key.id);

    let begun = service().begin_named(std::slice::from_ref(&credential)).unwrap();
    let answer = key.sign(&options(&begun)).to_string();
    let shown = service().finish_named(&begun.state, &answer, ADA.id).unwrap();
    assert_eq!((&shown.id, shown.counter, shown.kind), (&key.id, 1, PasskeyKind::DeviceBound));

    let begun = service().begin_anybody().unwrap();
    let answer = key.sign(&options(&begun)).to_string();
    assert_eq!(service().claimed(&answer), Ok((ADA.id, key.id.clone())));
    let shown = service().finish_anybody(&begun.state, &answer, &credential).unwrap();
    assert_eq!(shown.counter, 2);
}

#[test]
fn options_ask_for_verification_and_a_key_that_is_found_without_a_name() {
    let begun = service().begin_registration(ADA, &[registered(&mut key())]).unwrap();
    let creation = options(&begun);
    let selection = &creation["authenticatorSelection"];
    assert_eq!(selection["userVerification"], "required");
    assert_eq!(selection["residentKey"], "preferred");
    assert_eq!(creation["attestation"], "none");
    assert_eq!(creation["rp"]["id"], DOMAIN);
    // A device that is registered already says so instead of making a second passkey.
    assert_eq!(creation["excludeCredentials"].as_array().unwrap().len(), 1);
    let request = options(&service().begin_anybody().unwrap());
    assert_eq!(request["userVerification"], "required");
    assert_eq!(request["allowCredentials"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_synced_passkey_says_so() {
    let mut key = SoftKey { synced: true, counts: false, ..key() };
    let credential = registered(&mut key);
    assert_eq!(credential.kind, PasskeyKind::Synced);
    for _ in 0..2 {
        // It does not count, and need not.
        let begun = service().begin_named(std::slice::from_ref(&credential)).unwrap();
        let answer = key.sign(&options(&begun)).to_string();
        let shown = service().finish_named(&begun.state, &answer, ADA.id).unwrap();
        assert_eq!((shown.counter, shown.kind), (0, PasskeyKind::Synced));
    }
}

#[test]
fn an_app_may_ask() {
    let mut key = SoftKey { origin: APP.to_owned(), ..key() };
    assert_eq!(registered(&mut key).kind, PasskeyKind::DeviceBound);
}

/// What is wrong with an answer, and how it is named.
type Wrong = (fn(&mut SoftKey), Flaw);

const WRONG: [Wrong; 4] = [
    (|key| key.origin = "https://faceauth.example.org.attacker.example".to_owned(), Flaw::Origin),
    (|key| key.origin = "https://evil.faceauth.example.org".to_owned(), Flaw::Origin),
    (|key| key.rp_id = "attacker.example".to_owned(), Flaw::Origin),
    (|key| key.verifies_user = false, Flaw::UserVerification),
];

#[test]
fn a_wrong_page_domain_or_an_unverified_user_registers_nothing() {
    for (spoil, flaw) in WRONG {
        let mut key = key();
        spoil(&mut key);
        let begun = service().begin_registration(ADA, &[]).unwrap();
        let answer = key.register(&options(&begun)).to_string();
        assert_eq!(service().finish_registration(&begun.state, &answer), Err(flaw));
    }
}

#[test]
fn a_wrong_page_domain_or_an_unverified_user_shows_nothing() {
    for (spoil, flaw) in WRONG {
        let mut key = key();
        let credential = registered(&mut key);
        spoil(&mut key);
        let begun = service().begin_named(std::slice::from_ref(&credential)).unwrap();
        let answer = key.sign(&options(&begun)).to_string();
        assert_eq!(service().finish_named(&begun.state, &answer, ADA.id), Err(flaw));
        let begun = service().begin_anybody().unwrap();
        let answer = key.sign(&options(&begun)).to_string();
        assert_eq!(service().finish_anybody(&begun.state, &answer, &credential), Err(flaw));
    }
}

#[test]
fn an_answer_to_another_challenge_shows_nothing() {
    let mut key = key();
    let credential = registered(&mut key);
    let known = std::slice::from_ref(&credential);
    let earlier = key.sign(&options(&service().begin_named(known).unwrap())).to_string();
    let begun = service().begin_named(known).unwrap();
    assert_eq!(service().finish_named(&begun.state, &earlier, ADA.id), Err(Flaw::Challenge));
    let begun = service().begin_anybody().unwrap();
    assert_eq!(service().finish_anybody(&begun.state, &earlier, &credential), Err(Flaw::Challenge));
    let begun = service().begin_registration(ADA, &[]).unwrap();
    let replayed = key.register(&options(&service().begin_registration(ADA, &[]).unwrap()));
    assert_eq!(
        service().finish_registration(&begun.state, &replayed.to_string()),
        Err(Flaw::Challenge)
    );
}

#[test]
fn a_counter_that_does_not_rise_shows_nothing() {
    let mut key = key();
    let mut credential = registered(&mut key);
    credential.counter = 5;
    for (counter, expected) in [(3, Err(Flaw::Counter)), (4, Err(Flaw::Counter)), (5, Ok(6))] {
        key.counter = counter;
        let begun = service().begin_named(std::slice::from_ref(&credential)).unwrap();
        let answer = key.sign(&options(&begun)).to_string();
        let shown = service().finish_named(&begun.state, &answer, ADA.id);
        assert_eq!(shown.map(|shown| shown.counter), expected, "{}", counter + 1);
    }
}

#[test]
fn another_key_or_account_shows_nothing() {
    let mut hers = key();
    let credential = registered(&mut hers);
    let mut other = SoftKey::new(2, DOMAIN, PAGE);
    other.user_handle = hers.user_handle.clone();
    let begun = service().begin_named(std::slice::from_ref(&credential)).unwrap();
    let answer = other.sign(&options(&begun)).to_string();
    assert_eq!(service().finish_named(&begun.state, &answer, ADA.id), Err(Flaw::Credential));
    // Another key under her key's name.
    other.id = hers.id.clone();
    let answer = other.sign(&options(&begun)).to_string();
    assert_eq!(service().finish_named(&begun.state, &answer, ADA.id), Err(Flaw::Signature));
    // Her key, found under another account.
    hers.user_handle = Some(Uuid::from_u128(8).as_bytes().to_vec());
    let answer = hers.sign(&options(&begun)).to_string();
    assert_eq!(service().finish_named(&begun.state, &answer, ADA.id), Err(Flaw::Credential));
    hers.user_handle = None;
    let answer = hers.sign(&options(&begun)).to_string();
    assert_eq!(service().claimed(&answer), Err(Flaw::Credential));
}

#[test]
fn the_state_of_one_ceremony_is_not_that_of_another() {
    let mut key = key();
    let credential = registered(&mut key);
    let begun = service().begin_anybody().unwrap();
    let answer = key.sign(&options(&begun)).to_string();
    assert_eq!(service().finish_named(&begun.state, &answer, ADA.id), Err(Flaw::Malformed));
    let begun = service().begin_named(std::slice::from_ref(&credential)).unwrap();
    let answer = key.sign(&options(&begun)).to_string();
    assert_eq!(service().finish_anybody(&begun.state, &answer, &credential), Err(Flaw::Malformed));
    assert_eq!(service().finish_registration(&begun.state, &answer), Err(Flaw::Malformed));
}

#[test]
fn every_altered_byte_of_an_answer_shows_nothing() {
    let mut key = key();
    let credential = registered(&mut key);
    let begun = service().begin_named(std::slice::from_ref(&credential)).unwrap();
    let answer = key.sign(&options(&begun));
    for field in ["clientDataJSON", "authenticatorData", "signature"] {
        let good = answer["response"][field].as_str().unwrap();
        for at in 0..good.len() {
            let mut bytes = good.as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let mut altered = answer.clone();
            altered["response"][field] = String::from_utf8(bytes).unwrap().into();
            let shown = service().finish_named(&begun.state, &altered.to_string(), ADA.id);
            // The last letter may hold bits that belong to no byte.
            assert!(shown.is_err() || at + 1 == good.len(), "{field} {at}");
        }
    }
    for text in ["", "{}", "[]", "null", "{\"id\":\"\"}", &"[".repeat(10_000)] {
        assert_eq!(service().finish_named(&begun.state, text, ADA.id), Err(Flaw::Malformed));
        assert_eq!(service().claimed(text), Err(Flaw::Malformed));
    }
}

#[test]
fn settings_that_no_browser_takes_are_refused() {
    let new = |id: &str, origins: &[&str]| {
        let origins: Vec<_> = origins.iter().map(ToString::to_string).collect();
        RelyingParty::new(id, "FaceAuth", &origins).map(|_| ())
    };
    assert_eq!(new(DOMAIN, &[PAGE]), Ok(()));
    assert_eq!(new("example.org", &[PAGE]), Ok(()));
    assert_eq!(new("localhost", &["http://localhost:8080"]), Ok(()));
    assert_eq!(new(DOMAIN, &[]), Err(SettingsError::NoOrigin));
    assert_eq!(new(DOMAIN, &["nowhere"]), Err(SettingsError::Origin("nowhere".to_owned())));
    for (id, origin) in [("attacker.example", PAGE), (DOMAIN, "https://example.org")] {
        assert!(matches!(new(id, &[origin]), Err(SettingsError::Domain { .. })), "{id} {origin}");
    }
}
