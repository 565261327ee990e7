//! Registration is all or nothing.

use faceauth_store::StoreError;
use faceauth_store::enrol::EnrolError;
use faceauth_test_support::database::TestDatabase;

use crate::support::{count, enrolment, model, total_rows};

#[tokio::test]
async fn stores_the_account_with_everything() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let ada = enrolment("Ada");
    store.enrol(&ada).await.unwrap();

    let (user, consent) = store.account(crate::support::session_of(&ada)).user().await.unwrap();
    assert_eq!((user, consent), (ada.user.clone(), ada.consent.clone()));

    let reference = store.reference("ada", &[&model()]).await.unwrap().unwrap();
    assert_eq!(reference.user, ada.user);
    assert_eq!(reference.templates.len(), 2);
    for (stored, enrolled) in reference.templates.iter().zip(&ada.templates) {
        assert_eq!((stored.id, stored.created_at), (enrolled.id, enrolled.created_at));
        assert!(stored.embedding.compare(&enrolled.embedding).unwrap().value() > 0.999_999);
    }
}

#[tokio::test]
async fn an_unknown_account_is_none() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    assert!(store.reference("nobody", &[&model()]).await.unwrap().is_none());
}

#[tokio::test]
async fn a_name_is_taken_whatever_its_letter_case() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    store.enrol(&enrolment("Ada")).await.unwrap();
    let client = database.client().await;
    let before = total_rows(&client).await;

    let refused = store.enrol(&enrolment("aDA")).await;
    assert!(matches!(refused, Err(EnrolError::UsernameTaken)), "{refused:?}");
    assert_eq!(total_rows(&client).await, before);
}

#[tokio::test]
async fn of_many_who_want_one_name_at_once_one_gets_it() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let requests = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.enrol(&enrolment("ada")).await })
    });
    let mut enrolled = 0;
    for request in requests.collect::<Vec<_>>() {
        match request.await.unwrap() {
            Ok(()) => enrolled += 1,
            Err(EnrolError::UsernameTaken) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(enrolled, 1);
    let reference = store.reference("ada", &[&model()]).await.unwrap().unwrap();
    assert_eq!(reference.templates.len(), 2);
}

/// Each step of the transaction fails in turn; nothing of the registration stays.
#[tokio::test]
async fn a_failure_at_any_step_leaves_nothing() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let first = enrolment("first");
    store.enrol(&first).await.unwrap();
    let client = database.client().await;
    let before = total_rows(&client).await;

    let mut same_id = enrolment("a");
    same_id.user.id = first.user.id;
    let mut same_template = enrolment("b");
    same_template.templates[1].id = first.templates[0].id;
    let mut bad_attempt = enrolment("c");
    bad_attempt.attempt.client_hash = vec![0; 65];
    let mut same_token = enrolment("d");
    same_token.refresh = first.refresh.clone();
    for broken in [same_id, same_template, bad_attempt, same_token] {
        let name = broken.user.username.key();
        let failed = store.enrol(&broken).await;
        assert!(
            matches!(failed, Err(EnrolError::Store(StoreError::Database(_)))),
            "{name}: {failed:?}"
        );
        assert_eq!(total_rows(&client).await, before, "{name}");
        assert!(store.reference(&name, &[&model()]).await.unwrap().is_none());
    }
}

/// A client that hangs up drops the future in the middle of the transaction. Its
/// connection must not come back to the pool with the transaction open.
#[tokio::test]
async fn a_cancelled_registration_leaves_nothing_and_no_open_transaction() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let client = database.client().await;
    store.enrol(&enrolment("warm.up")).await.unwrap();
    let rows_each = total_rows(&client).await;

    // Holds the registration back at its last insert.
    client.batch_execute("BEGIN; LOCK TABLE refresh_tokens IN EXCLUSIVE MODE").await.unwrap();
    let pending = enrolment("ada");
    let cancelled =
        tokio::time::timeout(std::time::Duration::from_millis(300), store.enrol(&pending)).await;
    assert!(cancelled.is_err());
    client.batch_execute("COMMIT").await.unwrap();

    // More than the pool has connections, so that each of them is used again.
    for n in 0..8 {
        store.enrol(&enrolment(&format!("next.{n}"))).await.unwrap();
    }
    assert_eq!(total_rows(&client).await, rows_each * 9);
    assert_eq!(store.reference("ada", &[&model()]).await.unwrap().map(|found| found.user), None);
    let open = "pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'";
    assert_eq!(count(&client, open).await, 0);
}
