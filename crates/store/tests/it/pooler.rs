//! A pooler in transaction mode between: Debian's PgBouncer, which holds no prepared statement.

use std::time::Duration;

use chrono::TimeDelta;
use faceauth_domain::failures::FailurePolicy;
use faceauth_store::failures::Admission;
use faceauth_store::migrate::{self, MigrateError};
use faceauth_store::pooler::{Pooler, are_processes_shared};
use faceauth_store::retire::Retention;
use faceauth_store::rotate::Rotation;
use faceauth_store::{Store, StoreConfig, StoreError};
use faceauth_test_support::database::{TestDatabase, sealer};
use faceauth_test_support::pooler::{PgBouncer, set_limits};
use futures_util::future::join_all;
use secrecy::SecretString;
use tokio_postgres::NoTls;
use tokio_postgres::error::SqlState;

use crate::support::{
    LONGEST, accepted, at, count, enrolment, hash, model, refresh, session_of, sign_in,
    until_waiting,
};

/// Connections of the pooler to the server.
const SERVERS: u32 = 2;

/// Replicas, each with connections of its own to the pooler: three times as many as it has. With ten
/// times as many, a busy machine lets one wait for a second, and the store then takes it for dead.
const REPLICAS: u32 = 3;

/// Connections of a replica.
const CONNECTIONS: u32 = 2;

/// People who do everything at the same time.
const PEOPLE: u32 = REPLICAS * CONNECTIONS;

/// How often each of them signs in and renews the session.
const TIMES: i64 = 5;

/// Longest a caller waits for a connection. One process works for three of them, on a busy machine.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);

fn config(bouncer: &PgBouncer) -> StoreConfig {
    StoreConfig {
        max_connections: CONNECTIONS,
        acquire_timeout: ACQUIRE_TIMEOUT,
        outbox: true,
        pooler: Pooler::Transaction,
        ..StoreConfig::new(SecretString::from(bouncer.url()))
    }
}

async fn store(bouncer: &PgBouncer) -> Store {
    Store::connect(&config(bouncer), sealer()).await.unwrap()
}

/// Enrols somebody, who then signs in, renews and looks, again and again.
async fn live(store: &Store, name: &str) -> Result<(), StoreError> {
    let person = enrolment(name);
    store.enrol(&person).await.map_err(|error| panic!("{name} enrols: {error:?}")).ok();
    // Without a count before it, statements of one transaction are sent at the same time.
    let (attempt, token) = (accepted(person.user.id), refresh(person.user.id));
    assert!(store.record_sign_in(&sign_in(&person, &attempt, &token)).await?, "{name} signs in");
    let mut presented = person.refresh.as_ref().unwrap().token_hash;
    for time in 1..=TIMES {
        let policy = FailurePolicy::DEFAULT;
        let Admission::Begun(begun, _) =
            store.begin_attempt(name, None, &[], &policy, at(time)).await?
        else {
            panic!("{name} has to wait")
        };
        let reference = store.reference(name, &[&model()]).await?.unwrap();
        assert_eq!(reference.user.id, person.user.id);
        let (attempt, token) = (accepted(person.user.id), refresh(person.user.id));
        let mut signs_in = sign_in(&person, &attempt, &token);
        signs_in.begun = Some(&begun);
        assert!(store.record_sign_in(&signs_in).await?, "{name} signs in");
        let new = hash();
        let renewed = store
            .rotate_refresh_token(presented, new, at(time), at(time + 3_600), LONGEST, None)
            .await?;
        assert!(matches!(renewed, Rotation::Rotated(_)), "{name}: {renewed:?}");
        presented = new;
        let sessions = store.account(session_of(&person)).sessions(at(time)).await;
        assert_eq!(sessions.unwrap().len(), usize::try_from(time).unwrap() + 2, "{name}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_work_through_a_pooler_that_has_fewer_connections() {
    let database = TestDatabase::create().await;
    set_limits(&database).await;
    let bouncer = PgBouncer::start(&database, SERVERS);
    let replicas = join_all((0..REPLICAS).map(|_| store(&bouncer))).await;

    let people = (0..PEOPLE).map(|number| {
        let store = &replicas[usize::try_from(number % REPLICAS).unwrap()];
        async move { live(store, &format!("person.{number}")).await }
    });
    let upkeep = async {
        let retention = Retention {
            inactive_account: Some(TimeDelta::days(1_000)),
            attempt: TimeDelta::days(365),
            old_template: TimeDelta::days(30),
            enrolment_image: None,
        };
        for store in &replicas {
            store.ping().await.unwrap();
            assert_eq!(store.sweep(at(0)).await.unfinished, []);
            assert_eq!(store.retire(&retention, &model(), at(0)).await.unfinished, []);
            store.claim_events(10, TimeDelta::seconds(9), at(10)).await.unwrap();
        }
    };
    let url = SecretString::from(database.url());
    let migrating = tokio::task::spawn_blocking(move || migrate::run(&url));
    let (lived, (), migrated) = tokio::join!(join_all(people), upkeep, migrating);
    for one in lived {
        one.unwrap();
    }
    assert_eq!(migrated.unwrap().unwrap(), [""; 0]);

    let client = database.client().await;
    assert_eq!(count(&client, "users").await, i64::from(PEOPLE));
    let tokens = i64::from(PEOPLE) * (2 + 2 * TIMES);
    assert_eq!(count(&client, "refresh_tokens").await, tokens, "{}", bouncer.log());
    let served = "pg_stat_activity WHERE datname = current_database() \
                  AND application_name = 'faceauth' AND pid <> pg_backend_pid()";
    let served = count(&client, served).await;
    assert!((1..=i64::from(SERVERS)).contains(&served), "{served} processes: {}", bouncer.log());

    // No process was left with anything: whoever gets it next finds it as it was.
    let (pooled, connection) = tokio_postgres::connect(bouncer.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    for _ in 0..SERVERS {
        let left = "SELECT count(*) FROM pg_prepared_statements";
        let left = pooled.simple_query(left).await.unwrap();
        let left = left.iter().find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        assert_eq!(left, Some("0"));
    }
}

/// What the setting is for: diesel-async gives every statement a name, as `prepare` does here.
#[tokio::test]
async fn named_statements_get_lost_in_it() {
    let database = TestDatabase::create().await;
    let bouncer = PgBouncer::start(&database, SERVERS);
    let connect = async || {
        let (client, connection) = tokio_postgres::connect(bouncer.url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    };
    let (ours, others) = (connect().await, connect().await);
    let named = ours.prepare("SELECT 1").await.unwrap();
    ours.query(&named, &[]).await.unwrap();
    // Somebody else's transaction holds the only process that knows the name.
    others.batch_execute("BEGIN; SELECT 1").await.unwrap();
    let lost = ours.query(&named, &[]).await.unwrap_err();
    assert_eq!(lost.code(), Some(&SqlState::INVALID_SQL_STATEMENT_NAME), "{lost}");
}

#[tokio::test]
async fn it_is_noticed_and_nothing_else_is() {
    let database = TestDatabase::create().await;
    set_limits(&database).await;
    let bouncer = PgBouncer::start(&database, SERVERS);
    let (pooled, own) = (SecretString::from(bouncer.url()), SecretString::from(database.url()));
    for (url, shared) in [(pooled, true), (own, false)] {
        for said in [Pooler::None, Pooler::Transaction] {
            assert_eq!(are_processes_shared(&url, said).await.unwrap(), shared, "{said:?}");
        }
    }
}

#[tokio::test]
async fn a_migration_through_it_is_refused() {
    let database = TestDatabase::create().await;
    let bouncer = PgBouncer::start(&database, SERVERS);
    let url = SecretString::from(bouncer.url());
    let refused = tokio::task::spawn_blocking(move || migrate::run(&url)).await.unwrap();
    assert!(matches!(refused, Err(MigrateError::Pooled)), "{refused:?}");
}

/// Notes the limit under which each table, index and so on is made.
const NOTE_LIMITS: &str = "CREATE SCHEMA noted; CREATE TABLE noted.limits (value text); \
    CREATE FUNCTION noted.note() RETURNS event_trigger LANGUAGE plpgsql AS \
    'BEGIN INSERT INTO noted.limits VALUES (current_setting(''statement_timeout'')); END'; \
    CREATE EVENT TRIGGER noting ON ddl_command_start EXECUTE FUNCTION noted.note()";

/// A role with a limit for its requests still migrates for hours.
#[tokio::test]
async fn a_migration_is_not_under_the_limits_of_the_role() {
    let database = TestDatabase::empty().await;
    let client = database.client().await;
    client.batch_execute(NOTE_LIMITS).await.unwrap();
    let name: String =
        client.query_one("SELECT current_database()::text", &[]).await.unwrap().get(0);
    let sql = format!("ALTER DATABASE {name} SET statement_timeout = '1h'");
    client.batch_execute(&sql).await.unwrap();
    let url = SecretString::from(database.url());
    let ran = tokio::task::spawn_blocking(move || migrate::run(&url)).await.unwrap();
    assert!(!ran.unwrap().is_empty());
    let noted = "SELECT DISTINCT value FROM noted.limits";
    let noted = client.query(noted, &[]).await.unwrap();
    let noted: Vec<String> = noted.iter().map(|row| row.get(0)).collect();
    assert_eq!(noted, ["0"]);
}

#[tokio::test]
async fn a_role_without_limits_is_refused() {
    let database = TestDatabase::create().await;
    let bouncer = PgBouncer::start(&database, SERVERS);
    let config = StoreConfig { acquire_timeout: Duration::from_secs(1), ..config(&bouncer) };
    let refused = are_processes_shared(&config.url, config.pooler).await.unwrap_err().to_string();
    assert!(refused.contains("SET statement_timeout = '3000ms'"), "{refused}");
    let store = Store::connect(&config, sealer()).await.unwrap();
    let unready = store.ping().await;
    assert!(matches!(unready, Err(StoreError::Unavailable(_))), "{unready:?}");
}

#[tokio::test]
async fn the_limits_of_the_role_end_a_wait() {
    let database = TestDatabase::create().await;
    set_limits(&database).await;
    let bouncer = PgBouncer::start(&database, SERVERS);
    let (store, client) = (store(&bouncer).await, database.client().await);
    client.batch_execute("BEGIN; LOCK TABLE users").await.unwrap();
    let ended = store.reference("ada", &[]).await.unwrap_err().to_string();
    assert!(ended.contains("lock timeout"), "{ended}");
    client.batch_execute("ROLLBACK").await.unwrap();
    store.reference("ada", &[]).await.unwrap();
}

/// The process whose statement still runs is not given to anybody else.
#[tokio::test]
async fn a_call_that_is_dropped_disturbs_nobody() {
    let database = TestDatabase::create().await;
    set_limits(&database).await;
    let bouncer = PgBouncer::start(&database, SERVERS);
    let (store, client) = (store(&bouncer).await, database.client().await);
    store.ping().await.unwrap();
    client.batch_execute("BEGIN; LOCK TABLE users").await.unwrap();
    let ada = enrolment("ada");
    let given_up = async {
        tokio::select! {
            _ = store.enrol(&ada) => panic!("it waits for the lock"),
            () = until_waiting(&client, 1) => {}
        }
    };
    given_up.await;
    store.ping().await.unwrap();
    client.batch_execute("ROLLBACK").await.unwrap();
    store.enrol(&ada).await.unwrap();
}
