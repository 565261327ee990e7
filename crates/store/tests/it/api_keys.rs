//! Keys of services, and starting an account over.

use chrono::TimeDelta;
use faceauth_domain::failures::FailurePolicy;
use faceauth_domain::scope::Scope;
use faceauth_store::api_keys::{KeyUse, NewApiKey};
use faceauth_store::rotate::Rotation;
use faceauth_test_support::database::TestDatabase;
use uuid::Uuid;

use crate::support::{at, count, enrolment, enrolment_token, hash, model};

fn key(prefix: &str) -> NewApiKey {
    NewApiKey {
        id: Uuid::new_v4(),
        prefix: prefix.to_owned(),
        secret_hash: hash(),
        label: "the intranet".to_owned(),
        scopes: Scope::ALL.to_vec(),
        created_at: at(0),
        expires_at: None,
    }
}

#[tokio::test]
async fn keys_are_good_until_they_expire_or_are_taken_back() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let lasting = key("aaaa");
    let short = NewApiKey { expires_at: Some(at(60)), ..key("bbbb") };
    for key in [&lasting, &short] {
        store.create_api_key(key).await.unwrap();
    }
    assert_eq!(store.use_api_key(hash(), at(1)).await.unwrap(), KeyUse::Unknown);
    let KeyUse::Good(found) = store.use_api_key(short.secret_hash, at(59)).await.unwrap() else {
        panic!("a good key")
    };
    assert_eq!((found.prefix.as_str(), found.scopes), ("bbbb", Scope::ALL.to_vec()));
    assert_eq!(store.use_api_key(short.secret_hash, at(60)).await.unwrap(), KeyUse::Expired);

    // The last use is written down once a minute.
    for seconds in [0, 59, 60] {
        let used = store.use_api_key(lasting.secret_hash, at(100 + seconds)).await.unwrap();
        assert!(matches!(used, KeyUse::Good(_)));
    }
    let listed = store.api_keys().await.unwrap();
    assert_eq!(listed.iter().map(|k| k.prefix.as_str()).collect::<Vec<_>>(), ["aaaa", "bbbb"]);
    assert_eq!(listed[0].last_used_at, Some(at(160)));
    assert!(store.revoke_api_key("aaaa", at(200)).await.unwrap());
    assert!(!store.revoke_api_key("aaaa", at(201)).await.unwrap());
    assert_eq!(store.use_api_key(lasting.secret_hash, at(201)).await.unwrap(), KeyUse::Revoked);

    let forged = "UPDATE api_keys SET scopes = '{everything}'";
    assert!(database.client().await.batch_execute(forged).await.is_err());
    assert!(!format!("{lasting:?}").contains(&format!("{:?}", &lasting.secret_hash[..3])));
}

#[tokio::test]
async fn a_reset_takes_faces_sessions_and_failures_and_leaves_the_account() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let (ada, bob) = (enrolment("ada"), enrolment("bob"));
    for person in [&ada, &bob] {
        store.enrol(person).await.unwrap();
        let name = person.user.username.key();
        store.begin_attempt(&name, None, &[], &FailurePolicy::DEFAULT, at(0)).await.unwrap();
    }
    assert!(store.reset_account("nobody", &enrolment_token(), at(1)).await.unwrap().is_none());
    assert_eq!(
        store.reset_account("ada", &enrolment_token(), at(1)).await.unwrap(),
        Some(ada.user.clone())
    );
    let client = database.client().await;
    let reference = store.reference("ada", &[&model()]).await.unwrap().unwrap();
    assert!(reference.templates.is_empty());
    for (table, left) in [("users", 2), ("user_keys", 1), ("failures", 1)] {
        assert_eq!(count(&client, table).await, left, "{table}");
    }
    let renew = async |person: &faceauth_store::enrol::Enrolment| {
        let token = person.refresh.as_ref().unwrap().token_hash;
        let later = at(1) + TimeDelta::days(1);
        store
            .rotate_refresh_token(token, hash(), at(2), later, crate::support::LONGEST, None)
            .await
            .unwrap()
    };
    assert!(matches!(renew(&ada).await, Rotation::Reused(_)));
    assert!(matches!(renew(&bob).await, Rotation::Rotated(_)));
}
