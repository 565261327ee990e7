//! The audit trail and sign-ins.

use faceauth_domain::attempt::{AttemptKind, AttemptOutcome};
use faceauth_domain::user::UserId;
use faceauth_store::rotate::Rotation;
use faceauth_test_support::database::TestDatabase;
use uuid::Uuid;

use crate::support::{accepted, at, attempt, count, enrolment, hash, refresh, sign_in};

const KINDS: [AttemptKind; 4] = AttemptKind::ALL;
const OUTCOMES: [AttemptOutcome; 7] = AttemptOutcome::ALL;

/// The schema's lists of words are the domain's.
#[tokio::test]
async fn every_kind_and_outcome_is_stored_and_no_other() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    for kind in KINDS {
        for outcome in OUTCOMES {
            store.record_attempt(&attempt(None, kind, outcome)).await.unwrap();
        }
    }
    let client = database.client().await;
    assert_eq!(count(&client, "attempts").await as usize, KINDS.len() * OUTCOMES.len());
    for column in ["kind", "outcome"] {
        let forged = format!("UPDATE attempts SET {column} = 'other'");
        let error = client.batch_execute(&forged).await.unwrap_err();
        let constraint = error.as_db_error().and_then(|e| e.constraint()).unwrap().to_owned();
        assert_eq!(constraint, format!("attempts_{column}_known"));
    }
}

#[tokio::test]
async fn an_attempt_on_an_erased_account_is_kept_without_it() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let gone = Some(UserId(Uuid::now_v7()));
    let refused = attempt(gone, AttemptKind::Verify, AttemptOutcome::NonMatch);
    store.record_attempt(&refused).await.unwrap();
    let client = database.client().await;
    assert_eq!(count(&client, "attempts WHERE user_id IS NULL").await, 1);
}

#[tokio::test]
async fn a_sign_in_is_recorded_with_its_token_or_not_at_all() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let client = database.client().await;
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    let token = refresh(ada.user.id);
    assert!(store.record_sign_in(&sign_in(&ada, &accepted(ada.user.id), &token)).await.unwrap());
    let rotated = store
        .rotate_refresh_token(token.token_hash, hash(), at(1), at(2), crate::support::LONGEST, None)
        .await;
    assert!(matches!(rotated, Ok(Rotation::Rotated(_))), "{rotated:?}");

    let before = crate::support::total_rows(&client).await;
    // The same token again: the attempt goes with it.
    assert!(store.record_sign_in(&sign_in(&ada, &accepted(ada.user.id), &token)).await.is_err());
    // Erased while the picture was looked at: nobody is signed in.
    let gone = UserId(Uuid::now_v7());
    assert!(!store.record_sign_in(&sign_in(&ada, &accepted(gone), &refresh(gone))).await.unwrap());
    assert_eq!(crate::support::total_rows(&client).await, before);
}
