//! Up, down and up again.

use faceauth_store::{StoreError, migrate};
use faceauth_test_support::database::TestDatabase;
use secrecy::SecretString;

use crate::support::{enrolment, tables};

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test]
async fn every_migration_can_be_undone_and_done_again() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let client = database.client().await;
    let url = SecretString::from(database.url());
    store.ping().await.unwrap();
    let before = tables(&client).await;
    let (again, back) = (url.clone(), url.clone());

    assert_eq!(blocking(move || migrate::run(&again)).await.unwrap(), [""; 0]);
    let reverted = blocking(move || migrate::revert_all(&back)).await.unwrap();
    assert!(!reverted.is_empty());
    assert_eq!(tables(&client).await, [""; 0]);
    let behind = store.ping().await;
    assert!(matches!(behind, Err(StoreError::Database(_))), "{behind:?}");

    let run = blocking(move || migrate::run(&url)).await.unwrap();
    assert_eq!(run.len(), reverted.len());
    assert!(run.is_sorted(), "{run:?}");
    assert_eq!(tables(&client).await, before);
    // A pool that saw the old tables serves the new ones.
    database.store().await.enrol(&enrolment("ada")).await.unwrap();
    store.ping().await.unwrap();
}

#[tokio::test]
async fn replicas_that_migrate_together_take_turns() {
    let database = TestDatabase::create().await;
    let url = SecretString::from(database.url());
    let first = url.clone();
    blocking(move || migrate::revert_all(&first)).await.unwrap();
    let replicas: Vec<_> = (0..4)
        .map(|_| {
            let url = url.clone();
            std::thread::spawn(move || migrate::run(&url).unwrap().len())
        })
        .collect();
    let ran: Vec<usize> =
        blocking(|| replicas.into_iter().map(|replica| replica.join().unwrap()).collect()).await;
    assert_eq!(ran.iter().filter(|&&migrations| migrations > 0).count(), 1, "{ran:?}");
    database.store().await.ping().await.unwrap();
}

/// The next release may already have migrated while this one serves.
#[tokio::test]
async fn a_newer_schema_is_fine() {
    let database = TestDatabase::create().await;
    let client = database.client().await;
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000001')";
    client.batch_execute(newer).await.unwrap();
    database.store().await.ping().await.unwrap();
}

#[tokio::test]
async fn a_database_that_was_never_migrated_is_not_ready() {
    let database = TestDatabase::create().await;
    let client = database.client().await;
    client.batch_execute("DROP TABLE __diesel_schema_migrations").await.unwrap();
    let unready = database.store().await.ping().await;
    assert!(matches!(unready, Err(StoreError::Database(_))), "{unready:?}");
}
