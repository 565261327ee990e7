use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{EncodePrivateKey, KeypairBytes};
use jsonwebtoken::{EncodingKey, Header};
use serde_json::json;

use super::*;

const ISSUER: &str = "https://faceauth.test";

/// Keys that sign nothing but what these tests make.
const RSA: &[u8] = include_bytes!("rsa.test.pem");

const P256: &[u8] = include_bytes!("p256.test.pem");

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn ed25519(seed: u8) -> EncodingKey {
    let key = KeypairBytes { secret_key: [seed; 32], public_key: None };
    let pem = key.to_pkcs8_pem(LineEnding::LF).unwrap();
    EncodingKey::from_ed_pem(pem.as_bytes()).unwrap()
}

fn public(key: &EncodingKey, algorithm: Algorithm, id: &str) -> Value {
    let mut jwk = Jwk::from_encoding_key(key, algorithm).unwrap();
    jwk.common.key_id = Some(id.to_owned());
    jwk.common.key_algorithm = None;
    serde_json::to_value(jwk).unwrap()
}

fn set(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

fn claims() -> Value {
    let at = now().timestamp();
    json!({"iss": "shop", "sub": "shop", "aud": ISSUER, "jti": "1", "iat": at, "exp": at + 60})
}

fn signed(key: &EncodingKey, algorithm: Algorithm, id: Option<&str>, claims: &Value) -> String {
    let header = Header { kid: id.map(str::to_owned), ..Header::new(algorithm) };
    jsonwebtoken::encode(&header, claims, key).unwrap()
}

fn checked(keys: &ClientKeys, assertion: &str) -> Result<Assertion, AssertionFlaw> {
    keys.check(assertion, "shop", &[ISSUER, "https://faceauth.test/token"], now())
}

#[test]
fn each_algorithm_counts_with_a_key_of_its_kind() {
    let rsa = EncodingKey::from_rsa_pem(RSA).unwrap();
    let ed = ed25519(1);
    let p256 = EncodingKey::from_ec_pem(P256).unwrap();
    let keys = set(&[
        public(&rsa, Algorithm::RS256, "r"),
        public(&ed, Algorithm::EdDSA, "e"),
        public(&p256, Algorithm::ES256, "p"),
    ]);
    let keys = ClientKeys::parse(&keys).unwrap();
    for (key, algorithm, id) in [
        (&rsa, Algorithm::RS256, Some("r")),
        (&rsa, Algorithm::PS256, Some("r")),
        (&ed, Algorithm::EdDSA, Some("e")),
        (&ed, Algorithm::EdDSA, None),
        (&p256, Algorithm::ES256, Some("p")),
    ] {
        let assertion = signed(key, algorithm, id, &claims());
        let good = checked(&keys, &assertion).unwrap();
        assert_eq!(good.expires_at, now() + TimeDelta::seconds(60));
        assert_eq!(claimed_client(&assertion).as_deref(), Some("shop"));
        let name = format!("{algorithm:?}");
        assert!(ASSERTION_ALGORITHMS.contains(&name.as_str()));
    }
    for (key, algorithm, id) in [
        (&rsa, Algorithm::RS512, Some("r")),
        (&ed, Algorithm::EdDSA, Some("r")),
        (&ed, Algorithm::EdDSA, Some("x")),
        (&ed25519(2), Algorithm::EdDSA, Some("e")),
    ] {
        let flaw = checked(&keys, &signed(key, algorithm, id, &claims()));
        assert_eq!(flaw, Err(AssertionFlaw::Signature), "{algorithm:?} {id:?}");
    }
}

#[test]
fn a_public_key_is_no_shared_secret() {
    let ed = ed25519(1);
    let jwk = public(&ed, Algorithm::EdDSA, "e");
    let keys = ClientKeys::parse(&set(std::slice::from_ref(&jwk))).unwrap();
    let confused = EncodingKey::from_secret(jwk["x"].as_str().unwrap().as_bytes());
    let assertion = signed(&confused, Algorithm::HS256, Some("e"), &claims());
    assert_eq!(checked(&keys, &assertion), Err(AssertionFlaw::Signature));
    // {"alg":"none"}
    let payload = assertion.split('.').nth(1).unwrap();
    let none = format!("eyJhbGciOiJub25lIn0.{payload}.");
    assert_eq!(checked(&keys, &none), Err(AssertionFlaw::Malformed));
}

#[test]
fn claims_are_held_against_the_client_the_service_and_the_time() {
    let ed = ed25519(1);
    let keys = ClientKeys::parse(&set(&[public(&ed, Algorithm::EdDSA, "e")])).unwrap();
    let at = now().timestamp();
    let longest = (MAX_ASSERTION_TTL + CLOCK_LEEWAY).num_seconds();
    let leeway = CLOCK_LEEWAY.num_seconds();
    let with = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        checked(&keys, &signed(&ed, Algorithm::EdDSA, None, &claims))
    };
    for (name, value) in [
        ("aud", json!("https://faceauth.test/token")),
        ("aud", json!([ISSUER])),
        ("exp", json!(at + 1)),
        ("exp", json!(at + longest)),
        ("nbf", json!(at + leeway)),
        ("iat", json!(at + leeway)),
    ] {
        assert!(with(name, value.clone()).is_ok(), "{name} {value}");
    }
    for (name, value, flaw) in [
        ("iss", json!("bank"), AssertionFlaw::Foreign),
        ("sub", json!("bank"), AssertionFlaw::Foreign),
        ("aud", json!("https://other.test"), AssertionFlaw::Audience),
        ("aud", json!([ISSUER, "https://other.test"]), AssertionFlaw::Audience),
        ("aud", json!([]), AssertionFlaw::Audience),
        ("exp", json!(at), AssertionFlaw::Time),
        ("exp", json!(at + longest + 1), AssertionFlaw::Time),
        ("nbf", json!(at + leeway + 1), AssertionFlaw::Time),
        ("iat", json!(at + leeway + 1), AssertionFlaw::Time),
        ("exp", json!(i64::MAX), AssertionFlaw::Malformed),
        ("jti", json!(""), AssertionFlaw::Malformed),
        ("jti", json!("x".repeat(MAX_JTI_BYTES + 1)), AssertionFlaw::Malformed),
    ] {
        assert_eq!(with(name, value.clone()), Err(flaw), "{name} {value}");
    }
    for missing in ["iss", "sub", "aud", "exp", "jti"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(missing);
        let refused = checked(&keys, &signed(&ed, Algorithm::EdDSA, None, &claims));
        assert!(refused.is_err(), "{missing}");
    }
    assert_eq!(checked(&keys, "no token"), Err(AssertionFlaw::Malformed));
}

#[test]
fn identifiers_differ_by_their_hash() {
    let ed = ed25519(1);
    let keys = ClientKeys::parse(&set(&[public(&ed, Algorithm::EdDSA, "e")])).unwrap();
    let hash = |jti: &str| {
        let mut claims = claims();
        claims["jti"] = json!(jti);
        checked(&keys, &signed(&ed, Algorithm::EdDSA, None, &claims)).unwrap().jti_hash
    };
    assert_eq!(hash("a"), hash("a"));
    assert_ne!(hash("a"), hash("b"));
}

#[test]
fn unsuitable_keys_are_refused() {
    use ClientKeysFlaw::{Count, Private, Unreadable, Unsuitable};
    let ed = public(&ed25519(1), Algorithm::EdDSA, "e");
    let with = |name: &str, value: Value| {
        let mut key = ed.clone();
        key[name] = value;
        set(&[key])
    };
    let many: Vec<_> =
        (0..=MAX_KEYS).map(|at| public(&ed25519(1), Algorithm::EdDSA, &at.to_string())).collect();
    let short = json!({"kty": "RSA", "n": "AQAB".repeat(32), "e": "AQAB"});
    for (text, flaw) in [
        (String::new(), Unreadable),
        (ed.to_string(), Unreadable),
        (format!("{{\"keys\":[]{}}}", " ".repeat(MAX_JWKS_BYTES)), Unreadable),
        (set(&[]), Count),
        (set(&many), Count),
        (set(&[ed.clone(), ed.clone()]), Count),
        (with("d", json!("x")), Private),
        (set(&[json!({"kty": "oct", "k": "c2VjcmV0"})]), Private),
        (with("use", json!("enc")), Unsuitable),
        (with("alg", json!("ES256")), Unsuitable),
        (with("crv", json!("P-521")), Unsuitable),
        (set(&[short]), Unsuitable),
    ] {
        assert_eq!(ClientKeys::parse(&text).err(), Some(flaw), "{text}");
    }
    assert!(ClientKeys::parse(&with("alg", json!("EdDSA"))).is_ok());
}
