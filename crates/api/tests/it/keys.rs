//! Rotation of the keys that sign tokens, and their algorithms.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use faceauth_test_support::scripted::Shows;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::pkcs8::{EncodePrivateKey, LineEnding};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::app::{App, KEY_SEED, keys, signing_key};

fn p256_key() -> SecretString {
    let key = p256::SecretKey::from_slice(&[9; 32]).expect("a scalar");
    SecretString::from(key.to_pkcs8_pem(LineEnding::LF).expect("a PEM").to_string())
}

fn key_ids(app: &App) -> Vec<Value> {
    let set = app.get("/.well-known/jwks.json").json();
    set["keys"].as_array().expect("keys").iter().map(|key| key["kid"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_outlive_the_rotation_of_their_key() {
    let (old, new) = (signing_key(KEY_SEED), p256_key());
    let before = App::start().await;
    let signed_in = before.register("ada", Shows::Person(0));
    let token = signed_in.access_token();
    let replica = |signing: &SecretString, others: &[SecretString]| {
        let (store, keys) = (before.database.config(), keys(signing.clone(), others));
        App::start_with(|setup| {
            setup.store = Some(store);
            setup.keys = keys;
        })
    };
    // The next key is published before it signs.
    let prepared = replica(&old, std::slice::from_ref(&new)).await;
    assert_eq!(key_ids(&prepared).len(), 2);
    assert_eq!(key_ids(&prepared)[0], key_ids(&before)[0]);
    // What either replica signs, the other knows.
    let switched = replica(&new, std::slice::from_ref(&old)).await;
    assert_eq!(switched.with_token("GET", "/me", &token).status, 200);
    let newer = switched.verify("ada", Shows::Person(0)).access_token();
    assert_eq!(prepared.with_token("GET", "/me", &newer).status, 200);
    assert_eq!(before.with_token("GET", "/me", &newer).code(), "token_invalid");
    // A withdrawn key verifies nothing; the session goes on with the next.
    let retired = replica(&new, &[]).await;
    assert_eq!(key_ids(&retired), key_ids(&switched)[..1]);
    assert_eq!(retired.with_token("GET", "/me", &token).code(), "token_invalid");
    let refresh = json!({"refresh_token": signed_in.refresh_token()});
    let refreshed = retired.post("/token/refresh", &refresh).access_token();
    assert_eq!(retired.with_token("GET", "/me", &refreshed).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn es256_tokens_verify_against_the_key_set() {
    let app = App::start_with(|setup| setup.keys = keys(p256_key(), &[])).await;
    let token = app.register("ada", Shows::Person(0)).access_token();
    let key = app.get("/.well-known/jwks.json").json()["keys"][0].clone();
    assert_eq!((&key["alg"], &key["crv"]), (&json!("ES256"), &json!("P-256")));
    assert!(key.get("d").is_none(), "a private key in the set");

    let decode = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64url");
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    let header = signed.split_once('.').expect("a header").0;
    let header: Value = serde_json::from_slice(&decode(header)).expect("JSON");
    assert_eq!(header, json!({"alg": "ES256", "typ": "at+jwt", "kid": key["kid"]}));
    let coordinate = |name: &str| decode(key[name].as_str().expect("a coordinate"));
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    VerifyingKey::from_sec1_bytes(&point)
        .expect("a key")
        .verify(signed.as_bytes(), &Signature::from_slice(&decode(signature)).expect("a signature"))
        .expect("the signature fits");
}
