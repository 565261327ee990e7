//! What may be printed shows nothing.

use faceauth_store::StoreConfig;
use faceauth_store::enrol::Enrolment;
use faceauth_store::replay::Idempotency;
use faceauth_test_support::database::TestDatabase;
use secrecy::SecretString;

use crate::support::{at, bound_to, enrolment, grant, hash, model, session};

#[tokio::test]
async fn debug_and_display_show_no_secret() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let key = Idempotency { key_hash: hash(), request_digest: hash() };
    let ada = Enrolment { idempotency: Some(key.clone()), ..enrolment("ada") };
    store.enrol(&ada).await.unwrap();
    let reference = store.reference("ada", &[&model()]).await.unwrap();
    let config = StoreConfig::new(SecretString::from("postgres://faceauth:hunter2@localhost/x"));
    let mut broken = enrolment("grace.hopper");
    broken.templates[0].id = ada.templates[0].id;
    let duplicate = store.enrol(&broken).await.unwrap_err();
    let mut broken = enrolment("grace.hopper");
    broken.refresh = ada.refresh.clone();
    let reused = store.enrol(&broken).await.unwrap_err();

    let open = session(bound_to("ada"));
    let given = grant(&open);
    store.open_liveness_session(&open).await.unwrap();
    let claim =
        store.claim_liveness_session(open.id, open.nonce_hash, None, &[], at(1)).await.unwrap();
    assert!(store.grant_liveness(&given).await.unwrap());
    let redeemed = store.redeem_liveness(given.token_hash, at(2)).await.unwrap();

    let shown = format!(
        "{store:?} {config:?} {ada:?} {reference:?} {duplicate:?} {duplicate} {reused:?} {reused} \
         {open:?} {claim:?} {given:?} {redeemed:?}"
    );
    let vector = reference.unwrap().templates[0].embedding.values()[0];
    let list = |hash: [u8; 32]| format!("{}, {}, {}", hash[0], hash[1], hash[2]);
    let secrets = [
        "hunter2".to_owned(),
        "grace".to_owned(),
        database.url().to_owned(),
        vector.to_string(),
        list(ada.refresh.as_ref().unwrap().token_hash),
        list(key.key_hash),
        list(key.request_digest),
        list(open.nonce_hash),
        list(given.token_hash),
        given.face.values()[0].to_string(),
    ];
    for secret in secrets {
        assert!(!shown.contains(&secret), "{secret} in {shown}");
    }
    assert!(shown.contains("templates_pkey") && shown.contains("token_hash_key"));
}
