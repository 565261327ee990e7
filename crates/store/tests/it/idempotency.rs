//! A repeated request is recognised, for a while.

use chrono::TimeDelta;
use faceauth_store::enrol::{EnrolError, Enrolment};
use faceauth_store::replay::{BATCH_IDEMPOTENCY_WINDOW, IDEMPOTENCY_WINDOW, Idempotency, Replay};
use faceauth_test_support::database::TestDatabase;

use crate::support::{at, count, enrolment, hash, total_rows};

fn with_key(username: &str, key: &Idempotency) -> Enrolment {
    Enrolment { idempotency: Some(key.clone()), ..enrolment(username) }
}

#[tokio::test]
async fn tells_a_repetition_from_a_conflict_within_the_window() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let key = Idempotency { key_hash: hash(), request_digest: hash() };
    let other_request = Idempotency { request_digest: hash(), ..key.clone() };
    assert_eq!(
        store.replayed_enrolment(&key, IDEMPOTENCY_WINDOW, at(0)).await.unwrap(),
        Replay::Fresh
    );

    let ada = with_key("ada", &key);
    store.enrol(&ada).await.unwrap();
    let last = at(0) + IDEMPOTENCY_WINDOW - TimeDelta::seconds(1);
    for now in [at(0), last] {
        let same = store.replayed_enrolment(&key, IDEMPOTENCY_WINDOW, now).await.unwrap();
        let Replay::Same(same) = same else { panic!("{same:?}") };
        assert_eq!(same.user, ada.user);
        let conflict =
            store.replayed_enrolment(&other_request, IDEMPOTENCY_WINDOW, now).await.unwrap();
        assert_eq!(conflict, Replay::Conflict);
    }

    let client = database.client().await;
    let over = at(0) + IDEMPOTENCY_WINDOW;
    assert_eq!(
        store.replayed_enrolment(&key, IDEMPOTENCY_WINDOW, over).await.unwrap(),
        Replay::Fresh
    );
    assert_eq!(count(&client, "idempotency_keys").await, 0);
    store.enrol(&with_key("bob", &key)).await.unwrap();
}

#[tokio::test]
async fn the_loser_of_a_race_hears_of_the_key() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let client = database.client().await;
    let key = Idempotency { key_hash: hash(), request_digest: hash() };
    store.enrol(&with_key("ada", &key)).await.unwrap();
    let before = total_rows(&client).await;
    // The same request again, and the key with another name.
    for name in ["ada", "bob"] {
        let late = store.enrol(&with_key(name, &key)).await;
        assert!(matches!(late, Err(EnrolError::KeyUsed)), "{name}: {late:?}");
    }
    // A fresh key with a taken name is about the name.
    let fresh = Idempotency { key_hash: hash(), request_digest: hash() };
    let taken = store.enrol(&with_key("ada", &fresh)).await;
    assert!(matches!(taken, Err(EnrolError::UsernameTaken)), "{taken:?}");
    assert_eq!(total_rows(&client).await, before);
}

#[tokio::test]
async fn the_sweep_forgets_old_keys_only() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let key = Idempotency { key_hash: hash(), request_digest: hash() };
    store.enrol(&with_key("ada", &key)).await.unwrap();
    assert_eq!(store.sweep(at(1)).await.rows, 0);
    assert_eq!(store.sweep(at(0) + IDEMPOTENCY_WINDOW).await.rows, 0);
    assert_eq!(store.sweep(at(0) + BATCH_IDEMPOTENCY_WINDOW).await.rows, 1);
}
