//! Apple App Attest.

use faceauth_attestation::apple::{Apple, Environment, Key};
use faceauth_domain::attestation::AttestationFlaw as Flaw;
use faceauth_test_support::attested::apple::{APP_ID, Attestation, DEVELOPMENT, Device, Vendor};

use crate::{FRAMES, NONCE, now, others, roots, statement};

/// Bytes of the receipt and of its length.
const RECEIPT_BYTES: usize = 4;

fn trust(vendor: &Vendor) -> Apple {
    Apple {
        roots: roots(vendor.root()),
        apps: vec!["0123456789.com.example.other".to_owned(), APP_ID.to_owned()],
        environment: Environment::Production,
    }
}

/// A good object, after `change`.
fn altered(change: impl FnOnce(&mut Attestation)) -> Result<Key, Flaw> {
    let (vendor, device) = (Vendor::default(), Device::default());
    let mut says = Attestation::default();
    change(&mut says);
    let statement = statement(NONCE, &FRAMES);
    let object = vendor.attest(&device, statement.bytes(), &says);
    trust(&vendor).attest(device.key_id(), &object, &statement, now())
}

fn key(device: &Device) -> Key {
    let (vendor, statement) = (Vendor::default(), statement(NONCE, &FRAMES));
    let object = vendor.attest(device, statement.bytes(), &Attestation::default());
    trust(&vendor).attest(device.key_id(), &object, &statement, now()).unwrap()
}

#[test]
fn a_good_object_gives_the_key() {
    let device = Device::default();
    let key = key(&device);
    assert_eq!((key.id, key.counter), (device.key_id(), 0));
    assert_eq!(key.public_key, device.public_key());
}

#[test]
fn each_thing_the_object_says_counts() {
    type Change = fn(&mut Attestation);
    let cases: [(&str, Change, Flaw); 11] = [
        ("format", |says| says.format = "packed".to_owned(), Flaw::Malformed),
        ("app", |says| says.app_id.push('x'), Flaw::WrongApp),
        ("development", |says| says.aaguid = DEVELOPMENT, Flaw::WrongEnvironment),
        ("unknown environment", |says| says.aaguid[15] = 1, Flaw::WrongEnvironment),
        ("counter", |says| says.counter = 1, Flaw::Malformed),
        ("no credential", |says| says.flags = 0, Flaw::Malformed),
        ("another identifier", |says| says.own_id = false, Flaw::WrongKey),
        ("expired", |says| says.years = (2020, 2026), Flaw::Expired),
        ("of tomorrow", |says| says.years = (2027, 2030), Flaw::NotYetValid),
        ("no nonce", |says| says.nonce = false, Flaw::Malformed),
        ("more behind", |says| says.behind = vec![0], Flaw::Malformed),
    ];
    for (name, change, flaw) in cases {
        assert_eq!(altered(change).err(), Some(flaw), "{name}");
    }
}

#[test]
fn keys_of_development_are_another_world() {
    let (vendor, device) = (Vendor::default(), Device::default());
    let statement = statement(NONCE, &FRAMES);
    let development = Apple { environment: Environment::Development, ..trust(&vendor) };
    let attest = |aaguid| {
        let says = Attestation { aaguid, ..Attestation::default() };
        let object = vendor.attest(&device, statement.bytes(), &says);
        development.attest(device.key_id(), &object, &statement, now()).err()
    };
    assert_eq!(attest(DEVELOPMENT), None);
    assert_eq!(attest(Attestation::default().aaguid), Some(Flaw::WrongEnvironment));
}

#[test]
fn an_object_is_good_for_one_capture_one_key_and_one_root() {
    let (vendor, device) = (Vendor::default(), Device::default());
    let mine = statement(NONCE, &FRAMES);
    let object = vendor.attest(&device, mine.bytes(), &Attestation::default());
    let trust = trust(&vendor);
    for (name, other) in others().into_iter().chain([("session", statement("other", &FRAMES))]) {
        let attested = trust.attest(device.key_id(), &object, &other, now());
        assert_eq!(attested.err(), Some(Flaw::WrongChallenge), "{name}");
    }
    let other_key = trust.attest([1; 32], &object, &mine, now());
    assert_eq!(other_key.err(), Some(Flaw::WrongKey));
    let stranger = self::trust(&Vendor::default());
    let unknown = stranger.attest(device.key_id(), &object, &mine, now());
    assert_eq!(unknown.err(), Some(Flaw::UnknownRoot));
    for length in (0..object.len()).step_by(13) {
        let cut = trust.attest(device.key_id(), &object[..length], &mine, now());
        assert_eq!(cut.err(), Some(Flaw::Malformed), "{length} bytes");
    }
    // The receipt is for questions to Apple: what it says does not count here.
    let receipt = object.windows(7).position(|bytes| bytes == b"receipt").unwrap();
    let receipt = receipt..receipt + b"receipt".len() + RECEIPT_BYTES;
    for at in (0..object.len()).filter(|at| !receipt.contains(at)) {
        let mut altered = object.clone();
        altered[at] ^= 1;
        let attested = trust.attest(device.key_id(), &altered, &mine, now());
        assert!(attested.is_err(), "byte {at}");
    }
}

#[test]
fn an_assertion_counts_up() {
    let (vendor, device) = (Vendor::default(), Device::default());
    let (trust, statement) = (trust(&vendor), statement(NONCE, &FRAMES));
    let key = Key { counter: 4, ..key(&device) };
    let assert = |counter| {
        let assertion = device.assert(APP_ID, counter, statement.bytes());
        trust.assert(&key, &assertion, &statement)
    };
    assert_eq!(assert(5), Ok(5));
    assert_eq!(assert(u32::MAX), Ok(u32::MAX));
    for counter in [0, 3, 4] {
        assert_eq!(assert(counter), Err(Flaw::CounterRepeated), "{counter}");
    }
}

#[test]
fn an_assertion_is_good_for_one_capture_one_key_and_one_app() {
    let (vendor, device) = (Vendor::default(), Device::default());
    let (trust, mine) = (trust(&vendor), statement(NONCE, &FRAMES));
    let key = key(&device);
    let assertion = device.assert(APP_ID, 1, mine.bytes());
    for (name, other) in others().into_iter().chain([("session", statement("other", &FRAMES))]) {
        let asserted = trust.assert(&key, &assertion, &other);
        assert_eq!(asserted, Err(Flaw::WrongSignature), "{name}");
    }
    let by_another = Device::default().assert(APP_ID, 1, mine.bytes());
    assert_eq!(trust.assert(&key, &by_another, &mine), Err(Flaw::WrongSignature));
    let unknown_app = device.assert("0123456789.com.example", 1, mine.bytes());
    assert_eq!(trust.assert(&key, &unknown_app, &mine), Err(Flaw::WrongApp));
    // Another app of the same operator has keys of its own.
    let other_app = device.assert("0123456789.com.example.other", 1, mine.bytes());
    assert_eq!(trust.assert(&key, &other_app, &mine), Err(Flaw::WrongApp));
    for at in 0..assertion.len() {
        let mut altered = assertion.clone();
        altered[at] ^= 1;
        assert!(trust.assert(&key, &altered, &mine).is_err(), "byte {at}");
    }
    assert_eq!(trust.assert(&key, &[], &mine), Err(Flaw::Malformed));
}
