//! Connections that die without being closed.

use std::pin::pin;
use std::time::{Duration, Instant};

use faceauth_domain::failures::FailurePolicy;
use faceauth_store::failures::Admission;
use faceauth_store::limits::{Taken, Use};
use faceauth_store::sign_in::SignIn;
use faceauth_store::{Store, StoreConfig, StoreError, migrate};
use faceauth_test_support::database::{TestDatabase, sealer};
use faceauth_test_support::proxy::Proxy;
use futures_util::future::join_all;
use secrecy::SecretString;
use tokio_postgres::Client;

use crate::support::{
    accepted, at, count, enrolment, hash, model, refresh, sign_in, until_waiting,
};

/// Longest until the store serves again.
const RECOVERY: Duration = Duration::from_secs(5);

/// What a busy machine may add.
const SLACK: Duration = Duration::from_secs(3);

/// Longest a call takes: for a connection, and then for itself.
const LONGEST_CALL: Duration = Duration::from_secs(6);

/// Connections of the pool.
const CONNECTIONS: u32 = 8;

async fn store(proxy: &Proxy) -> Store {
    let config = StoreConfig {
        max_connections: CONNECTIONS,
        ..StoreConfig::new(SecretString::from(proxy.url()))
    };
    Store::connect(&config, sealer()).await.unwrap()
}

/// Opens every connection of the pool: that many calls wait for one lock, and go on. On a busy
/// machine some give up before the last has come, so it is tried again.
async fn fill(store: &Store, client: &Client) {
    for _ in 0..10 {
        client.batch_execute("BEGIN; LOCK TABLE users").await.unwrap();
        let mut calls = pin!(join_all((0..CONNECTIONS).map(|_| store.reference("ada", &[]))));
        let all_wait = tokio::select! {
            _ = &mut calls => false,
            () = until_waiting(client, i64::from(CONNECTIONS)) => true,
        };
        client.batch_execute("ROLLBACK").await.unwrap();
        if all_wait {
            let answers = calls.await;
            assert!(answers.iter().all(Result::is_ok), "{answers:?}");
            return;
        }
    }
    panic!("the connections are not used at once");
}

/// Asks until there is an answer, and says how long that took.
async fn until_served(store: &Store) -> Duration {
    let began = Instant::now();
    while store.ping().await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(30), "not served again");
    }
    began.elapsed()
}

#[tokio::test]
async fn idle_connections_that_fell_silent_are_replaced() {
    let database = TestDatabase::create().await;
    let (proxy, client) = (Proxy::start(&database).await, database.client().await);
    let store = store(&proxy).await;
    fill(&store, &client).await;
    assert_eq!(proxy.accepted(), u64::from(CONNECTIONS));

    proxy.freeze_existing();
    // One caller after the other, as in the night: the first already is served.
    let began = Instant::now();
    let first = store.reference("ada", &[&model()]).await;
    assert!(began.elapsed() < RECOVERY, "{:?}", began.elapsed());
    assert!(first.is_ok(), "{first:?}");
    store.ping().await.unwrap();
    // None of the silent ones is left: as many calls at once are served by new ones.
    fill(&store, &client).await;
    assert!(proxy.accepted() >= u64::from(CONNECTIONS) * 2, "{}", proxy.accepted());
}

/// The check of a connection and the statement are sent together, and the statement is tried again
/// where the check fails.
#[tokio::test]
async fn what_is_sent_to_a_dead_connection_is_carried_out_once() {
    let database = TestDatabase::create().await;
    let (proxy, client) = (Proxy::start(&database).await, database.client().await);
    let ada = enrolment("ada");
    database.store().await.enrol(&ada).await.unwrap();
    let store = store(&proxy).await;
    let silence = || {
        let before = proxy.accepted();
        proxy.freeze_existing();
        before
    };

    store.ping().await.unwrap();
    let before = silence();
    let policy = FailurePolicy::DEFAULT;
    let admission = store.begin_attempt("ada", None, &[&model()], &policy, at(0)).await.unwrap();
    let Admission::Begun(begun, reference) = admission else { panic!("it was counted once") };
    assert_eq!(begun.number(), 1);
    assert_eq!(reference.unwrap().unwrap().templates.len(), ada.templates.len());
    assert_eq!(count(&client, "failures WHERE pending = 1").await, 1);
    assert!(proxy.accepted() > before);

    let before = silence();
    let (attempt, token) = (accepted(ada.user.id), refresh(ada.user.id));
    let signs_in = SignIn { begun: Some(&begun), ..sign_in(&ada, &attempt, &token) };
    assert!(store.record_sign_in(&signs_in).await.unwrap());
    assert_eq!(count(&client, "failures").await, 0);
    assert_eq!(count(&client, "attempts WHERE kind = 'verify'").await, 1);
    assert!(proxy.accepted() > before);

    let before = silence();
    let (second, minute) = (Duration::from_secs(1), Duration::from_secs(60));
    let used = store.use_limit(&hash(), Use { kind: 0, cost: second, most_owed: minute }).await;
    assert!(matches!(used, Ok(Taken::Counted(owed)) if owed <= second), "{used:?}");
    assert!(proxy.accepted() > before);
}

#[tokio::test]
async fn many_callers_of_silent_connections_are_all_answered() {
    let database = TestDatabase::create().await;
    let (proxy, client) = (Proxy::start(&database).await, database.client().await);
    let store = store(&proxy).await;
    fill(&store, &client).await;
    proxy.freeze_existing();
    let began = Instant::now();
    let answers = join_all((0..100).map(|_| store.ping())).await;
    assert!(began.elapsed() < RECOVERY + SLACK, "{:?}", began.elapsed());
    let failed = answers.iter().filter(|answer| answer.is_err()).count();
    assert!(answers.iter().all(|a| matches!(a, Ok(()) | Err(StoreError::Unavailable(_)))));
    assert!(failed < answers.len(), "nobody was served");
    store.ping().await.unwrap();
}

#[tokio::test]
async fn calls_whose_connection_falls_silent_in_a_query_are_answered() {
    let database = TestDatabase::create().await;
    let (proxy, client) = (Proxy::start(&database).await, database.client().await);
    let store = store(&proxy).await;
    fill(&store, &client).await;
    client.batch_execute("BEGIN; LOCK TABLE users").await.unwrap();
    let began = Instant::now();
    // Twice as many as there are connections: half of them wait for one.
    let models = [model()];
    let models: Vec<_> = models.iter().collect();
    let calls = join_all((0..2 * CONNECTIONS).map(|_| store.reference("ada", &models)));
    let freeze = async {
        let all_wait = until_waiting(&client, i64::from(CONNECTIONS));
        // Where the machine is too busy, those that wait are enough.
        let _ = tokio::time::timeout(Duration::from_secs(1), all_wait).await;
        proxy.freeze_existing();
        client.batch_execute("ROLLBACK").await.unwrap();
        // Meanwhile the probe answers as well, with what it finds.
        let probe = store.ping().await;
        assert!(matches!(probe, Ok(()) | Err(StoreError::Unavailable(_))), "{probe:?}");
    };
    let (answers, ()) = tokio::join!(calls, freeze);
    assert!(began.elapsed() < LONGEST_CALL + SLACK, "{:?}", began.elapsed());
    for answer in &answers {
        assert!(matches!(answer, Ok(None) | Err(StoreError::Unavailable(_))), "{answer:?}");
    }
    assert!(until_served(&store).await < RECOVERY);
    fill(&store, &client).await;
}

/// The row locks of a transaction whose client has gone are freed, also where the server
/// does not learn that it has.
#[tokio::test]
async fn a_transaction_that_falls_silent_holds_nobody_up_for_long() {
    let database = TestDatabase::create().await;
    let (proxy, client) = (Proxy::start(&database).await, database.client().await);
    let ada = enrolment("ada");
    database.store().await.enrol(&ada).await.unwrap();
    let store = store(&proxy).await;
    store.ping().await.unwrap();
    let sign_in = async || {
        let token = refresh(ada.user.id);
        store.record_sign_in(&crate::support::sign_in(&ada, &accepted(ada.user.id), &token)).await
    };
    // The sign-in has locked the account and waits for the table it writes to next.
    client.batch_execute("BEGIN; LOCK TABLE refresh_tokens IN SHARE MODE").await.unwrap();
    let began = Instant::now();
    let freeze = async {
        until_waiting(&client, 1).await;
        proxy.freeze_existing();
        client.batch_execute("ROLLBACK").await.unwrap();
    };
    let (frozen, ()) = tokio::join!(sign_in(), freeze);
    assert!(matches!(frozen, Err(StoreError::Unavailable(_))), "{frozen:?}");
    while sign_in().await.is_err() {
        assert!(began.elapsed() < RECOVERY + SLACK, "{:?}", began.elapsed());
    }
    // The server has rolled the silent one back: the enrolment's token and the second sign-in's.
    assert_eq!(count(&client, "refresh_tokens").await, 2);
}

/// A request that is given up, as by a person who closes the page, leaves no connection whose
/// statement still runs to the next.
#[tokio::test]
async fn a_call_that_is_dropped_takes_its_connection_along() {
    let database = TestDatabase::create().await;
    let (proxy, client) = (Proxy::start(&database).await, database.client().await);
    let store = store(&proxy).await;
    store.ping().await.unwrap();
    assert_eq!(proxy.accepted(), 1);
    client.batch_execute("BEGIN; LOCK TABLE users").await.unwrap();
    let given_up = async {
        tokio::select! {
            _ = store.reference("ada", &[]) => panic!("it waits for the lock"),
            () = until_waiting(&client, 1) => {}
        }
    };
    given_up.await;
    // Served at once, by another connection; the first one's lock still waits.
    store.ping().await.unwrap();
    assert_eq!(proxy.accepted(), 2);
    client.batch_execute("ROLLBACK").await.unwrap();
}

/// Nothing can be reached, not even anew: every call says so in time, and what was begun is
/// begun again when the network is back.
#[tokio::test]
async fn a_silent_network_is_told_in_time() {
    let database = TestDatabase::create().await;
    let proxy = Proxy::start(&database).await;
    let store = store(&proxy).await;
    store.ping().await.unwrap();
    proxy.freeze_all();
    let began = Instant::now();
    let answers = join_all((0..20).map(|_| store.ping())).await;
    assert!(answers.iter().all(|a| matches!(a, Err(StoreError::Unavailable(_)))), "{answers:?}");
    assert!(began.elapsed() < LONGEST_CALL + SLACK, "{:?}", began.elapsed());
    // Back again: whatever is on its way is lost, new attempts get through.
    proxy.freeze_existing();
    let recovery = until_served(&store).await;
    assert!(recovery < RECOVERY + SLACK, "{recovery:?}");
}

/// Runs the migrations on a thread of their own, as the command does.
fn migrating(url: &str) -> std::thread::JoinHandle<Result<Vec<String>, migrate::MigrateError>> {
    let url = SecretString::from(url);
    std::thread::spawn(move || migrate::run(&url))
}

async fn joined<T: Send + 'static>(thread: std::thread::JoinHandle<T>) -> T {
    tokio::task::spawn_blocking(|| thread.join().unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_migration_that_falls_silent_fails_and_frees_its_lock() {
    let database = TestDatabase::create().await;
    let proxy = Proxy::start(&database).await;
    let client = database.client().await;
    // The newest migration has still to run, and waits for a lock.
    client
        .batch_execute("BEGIN; LOCK TABLE __diesel_schema_migrations IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let silent = migrating(proxy.url());
    until_waiting(&client, 1).await;
    proxy.freeze_existing();
    client.batch_execute("ROLLBACK").await.unwrap();
    let began = Instant::now();
    let failed = joined(silent).await;
    assert!(matches!(failed, Err(migrate::MigrateError::Unavailable(_))), "{failed:?}");
    assert!(began.elapsed() < Duration::from_secs(10) + SLACK, "{:?}", began.elapsed());
    // The next one does not wait for the lock of a session that nobody speaks to.
    let next = joined(migrating(proxy.url())).await;
    assert_eq!(next.unwrap(), [""; 0]);
    assert!(began.elapsed() < Duration::from_secs(20) + SLACK, "{:?}", began.elapsed());
}

#[tokio::test]
async fn migrating_over_a_silent_network_says_so() {
    let database = TestDatabase::create().await;
    let proxy = Proxy::start(&database).await;
    proxy.freeze_all();
    let began = Instant::now();
    let failed = joined(migrating(proxy.url())).await;
    assert!(matches!(failed, Err(migrate::MigrateError::Unavailable(_))), "{failed:?}");
    assert!(began.elapsed() < RECOVERY + SLACK, "{:?}", began.elapsed());
}
