//! A database that answers and takes no writes.

use std::time::Duration;

use faceauth_domain::failures::FailurePolicy;
use faceauth_domain::user::UserId;
use faceauth_store::StoreError;
use faceauth_store::limits::Use;
use faceauth_test_support::database::TestDatabase;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::support::{accepted, at, enrolment, enrolment_token, tables};

/// SQLSTATEs that say the database is not able: of a connection, of a transaction, of what it
/// has, of who interferes, of the system below it.
const NOT_ABLE: [&str; 15] = [
    "08006", "25006", "40001", "40P01", "53000", "53100", "53200", "53300", "53400", "55P03",
    "57014", "57P01", "57P02", "57P03", "58030",
];

/// Every insert into any table fails with the SQLSTATE in `test.failing`, as a full disk fails
/// them.
async fn imitate_failures(client: &Client) {
    let mut sql = "CREATE SCHEMA test; CREATE TABLE test.failing (code text); \
         CREATE FUNCTION test.fail() RETURNS trigger LANGUAGE plpgsql AS $$ \
         DECLARE failing text; BEGIN SELECT code INTO failing FROM test.failing; \
         IF failing IS NOT NULL THEN RAISE EXCEPTION 'imitated' USING ERRCODE = failing; END IF; \
         RETURN NEW; END $$;"
        .to_owned();
    for table in tables(client).await {
        sql += &format!(
            "CREATE TRIGGER fail BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION test.fail();"
        );
    }
    client.batch_execute(&sql).await.unwrap();
}

async fn fail_with(client: &Client, code: Option<&str>) {
    let mut sql = "TRUNCATE test.failing;".to_owned();
    if let Some(code) = code {
        sql += &format!("INSERT INTO test.failing VALUES ('{code}')");
    }
    client.batch_execute(&sql).await.unwrap();
}

#[tokio::test]
async fn a_database_that_is_not_able_is_unavailable_and_not_ready() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    imitate_failures(&client).await;
    for (number, code) in NOT_ABLE.into_iter().enumerate() {
        store.ping().await.unwrap();
        // What statements of other tests of this process have failed is looked into as well, so
        // from here on nothing is said until one of this test has.
        fail_with(&client, Some(code)).await;
        let name = format!("ada.{number}");
        let failed = store.enrol(&enrolment(&name)).await;
        assert!(
            matches!(
                failed,
                Err(faceauth_store::enrol::EnrolError::Store(StoreError::Unavailable(_)))
            ),
            "{code}: {failed:?}"
        );
        for _ in 0..2 {
            let unready = store.ping().await;
            assert!(matches!(unready, Err(StoreError::Unavailable(_))), "{code}: {unready:?}");
        }
        fail_with(&client, None).await;
        store.ping().await.unwrap();
        store.enrol(&enrolment(&name)).await.unwrap();
    }
}

/// A statement that returns rows fails when they are read, after its answer has begun.
#[tokio::test]
async fn a_failure_is_noticed_with_the_answer_and_with_the_rows() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    imitate_failures(&client).await;
    for number in 0..3 {
        store.ping().await.unwrap();
        fail_with(&client, Some("53100")).await;
        let unavailable = match number {
            // No rows; rows of the query builder; rows of SQL.
            0 => store.record_attempt(&accepted(UserId(Uuid::nil()))).await.is_err(),
            1 => {
                let policy = FailurePolicy::DEFAULT;
                store.begin_attempt("ada", None, &[], &policy, at(0)).await.is_err()
            }
            _ => {
                let second = Duration::from_secs(1);
                let used = Use { kind: 1, cost: second, most_owed: second };
                store.use_limit(&[7; 32], used).await.is_err()
            }
        };
        assert!(unavailable, "{number}");
        for _ in 0..2 {
            let unready = store.ping().await;
            assert!(matches!(unready, Err(StoreError::Unavailable(_))), "{number}: {unready:?}");
        }
        fail_with(&client, None).await;
        store.ping().await.unwrap();
    }
}

/// Somebody who waits for a lock in vain says nothing about the disk.
#[tokio::test]
async fn a_lock_that_is_not_freed_leaves_the_service_ready() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    client.batch_execute("BEGIN; LOCK TABLE users").await.unwrap();
    let waited = store.reference("ada", &[]).await;
    assert!(matches!(waited, Err(StoreError::Unavailable(_))), "{waited:?}");
    store.ping().await.unwrap();
    client.batch_execute("ROLLBACK").await.unwrap();
}

#[tokio::test]
async fn a_read_only_database_is_not_ready() {
    let database = TestDatabase::create().await;
    let client = database.client().await;
    let name: String =
        client.query_one("SELECT current_database()::text", &[]).await.unwrap().get(0);
    let alter = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
    client.batch_execute(&alter).await.unwrap();
    let store = database.store().await;
    let unready = store.ping().await;
    assert!(matches!(unready, Err(StoreError::Unavailable(_))), "{unready:?}");
    let failed = store.reset_account("ada", &enrolment_token(), at(0)).await;
    assert!(matches!(failed, Err(StoreError::Unavailable(_))), "{failed:?}");
    let failed = store.unlock("ada").await;
    assert!(matches!(failed, Err(StoreError::Unavailable(_))), "{failed:?}");

    // It takes writes again, and new connections find that out.
    let back = format!(
        "SET default_transaction_read_only = off; ALTER DATABASE {name} RESET ALL; \
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()"
    );
    client.batch_execute(&back).await.unwrap();
    store.ping().await.unwrap();
    store.enrol(&enrolment("ada")).await.unwrap();
}

/// What is wrong with our own statements is not blamed on the database.
#[tokio::test]
async fn a_schema_that_does_not_fit_is_a_fault() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    client.batch_execute("ALTER TABLE failures RENAME TO gone").await.unwrap();
    let failed = store.unlock("ada").await;
    assert!(matches!(failed, Err(StoreError::Database(_))), "{failed:?}");
}
