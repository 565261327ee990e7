//! The audit trail by months.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::attempt::{Attempt, AttemptKind, AttemptOutcome};
use faceauth_store::migrate;
use faceauth_store::partitions::KeptPartitions;
use faceauth_store::retire::Retention;
use faceauth_test_support::database::TestDatabase;
use secrecy::SecretString;
use tokio_postgres::Client;

use crate::support::{accepted, attempt, count, enrolment, model, session_of};

/// What a replica of the release before sends.
const INSERT: &str = "INSERT INTO attempts (user_id, kind, outcome, assurance, reasons, \
    pad_bona_fide, attestation, model_id, client_hash, at) \
    VALUES ($1::text::uuid, 'verify', 'accepted', NULL, '{}', true, NULL, 'm', '', now())";
const SELECT: &str = "SELECT id, kind, outcome, assurance, reasons, attestation, model_id, at \
    FROM attempts WHERE user_id = $1::text::uuid AND id < $2 ORDER BY at DESC, id DESC LIMIT 20";
const OLD: &str = "SELECT id FROM attempts WHERE at <= now() ORDER BY at LIMIT $1";
const DELETE: &str = "DELETE FROM attempts WHERE id = ANY ($1)";

/// Rows that are there before.
const ROWS: i64 = 20_000;

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

/// The database as the release before left it, with one person who has a long history.
async fn before(database: &TestDatabase, client: &Client) -> String {
    let ada = enrolment("ada");
    database.store().await.enrol(&ada).await.unwrap();
    // The tests begin in another month.
    client.batch_execute("UPDATE attempts SET at = now() - interval '1 year'").await.unwrap();
    undo(client).await;
    let fill = format!(
        "INSERT INTO attempts (user_id, kind, outcome, pad_bona_fide, model_id, client_hash, at) \
         SELECT id, 'verify', 'accepted', true, 'm', '', now() - ({ROWS} + 1 - n) * interval '1 minute' \
         FROM users, generate_series(1, {ROWS}) n"
    );
    client.batch_execute(&fill).await.unwrap();
    ada.user.id.0.to_string()
}

/// Takes the migrations back.
async fn undo(client: &Client) {
    let undo = |folder: &str| {
        let path = faceauth_test_support::paths::root().join("migrations").join(folder);
        std::fs::read_to_string(path.join("down.sql")).unwrap()
    };
    for (folder, version) in [
        ("2026-11-27-000172_attempts_partitioned", "20261127000172"),
        ("2026-11-27-000171_attempts_boundary_validated", "20261127000171"),
        ("2026-11-27-000170_attempts_boundary", "20261127000170"),
    ] {
        let forget = format!(
            "{}; DELETE FROM __diesel_schema_migrations WHERE version = '{version}'",
            undo(folder).trim().trim_end_matches(';')
        );
        client.batch_execute(&forget).await.unwrap();
    }
}

#[tokio::test]
async fn replicas_of_the_release_before_write_and_read_while_it_migrates() {
    let database = TestDatabase::create().await;
    let client = database.client().await;
    let user = before(&database, &client).await;
    let rows_before = count(&client, "attempts").await;
    let last: i64 = client.query_one("SELECT max(id) FROM attempts", &[]).await.unwrap().get(0);
    let migrated = AtomicBool::new(false);

    // Statements are prepared before, and sent on the same connection ever after.
    let replica = async {
        let old = database.client().await;
        let insert = old.prepare(INSERT).await.unwrap();
        let select = old.prepare(SELECT).await.unwrap();
        let mut written = 0_i64;
        let mut after = 0;
        // Some more when it is done: on the tables as they are then.
        while after < 20 {
            after += usize::from(migrated.load(Ordering::Relaxed));
            assert_eq!(old.execute(&insert, &[&user]).await.unwrap(), 1);
            written += 1;
            let page = old.query(&select, &[&user, &i64::MAX]).await.unwrap();
            assert_eq!(page.len(), 20);
            let ids: Vec<i64> = page.iter().map(|row| row.get(0)).collect();
            assert!(ids.is_sorted_by(|one, next| one > next), "{ids:?}");
        }
        let ids: Vec<i64> =
            old.query(OLD, &[&2_i64]).await.unwrap().iter().map(|row| row.get(0)).collect();
        assert_eq!(old.execute(DELETE, &[&ids]).await.unwrap(), 2);
        written - 2
    };
    let migration = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let url = SecretString::from(database.url());
        let ran = blocking(move || migrate::run(&url)).await;
        migrated.store(true, Ordering::Relaxed);
        ran.unwrap()
    };
    let (written, ran) = tokio::join!(replica, migration);
    assert_eq!(ran.len(), 3, "{ran:?}");
    assert!(written > 20, "{written}");
    assert_eq!(count(&client, "attempts").await, rows_before + written);
    assert_eq!(count(&client, "attempts_first").await, rows_before + written, "none was moved");
    let distinct = "(SELECT DISTINCT id FROM attempts) AS ids";
    assert_eq!(count(&client, distinct).await, rows_before + written);
    assert!(count(&client, &format!("attempts WHERE id > {last}")).await >= written);
}

/// Who may do what with the table and its columns.
async fn privileges(client: &Client) -> Vec<String> {
    let sql = "SELECT acl::text FROM (SELECT relacl AS acl FROM pg_class \
               WHERE oid = 'attempts'::regclass UNION ALL SELECT attacl FROM pg_attribute \
               WHERE attrelid = 'attempts'::regclass) AS granted WHERE acl IS NOT NULL ORDER BY 1";
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// The role that serves need not own the table. The migration made a new one of its name, and the
/// grants stayed with the first partition.
#[tokio::test]
async fn who_may_use_the_table_may_use_it_with_partitions_and_without() {
    const FORGET: &str = "DELETE FROM __diesel_schema_migrations WHERE version = '20261128000237'";
    let database = TestDatabase::create().await;
    let client = database.client().await;
    let (serving, reading) = (database.role().await.name, database.role().await.name);
    before(&database, &client).await;
    let grant = format!(
        "{FORGET}; GRANT SELECT, INSERT, DELETE ON attempts TO {serving} WITH GRANT OPTION; \
         GRANT SELECT (at, outcome) ON attempts TO {reading}"
    );
    client.batch_execute(&grant).await.unwrap();
    let whole = privileges(&client).await;
    assert_eq!(whole.len(), 3, "{whole:?}");
    let url = SecretString::from(database.url());
    let migrate = || {
        let url = url.clone();
        blocking(move || migrate::run(&url).unwrap().len())
    };
    assert_eq!((migrate().await, privileges(&client).await), (4, whole.clone()));

    // A role that was mended by hand, as far as somebody has noticed, while others go on.
    let revoke = format!(
        "{FORGET}; REVOKE ALL ON attempts FROM {serving}, {reading}; \
         GRANT SELECT ON attempts TO {serving}; GRANT UPDATE ON attempts TO {reading}"
    );
    client.batch_execute(&revoke).await.unwrap();
    let (mut writer, mut reader) = (database.client().await, database.client().await);
    let (writes, reads) =
        (writer.transaction().await.unwrap(), reader.transaction().await.unwrap());
    writes.execute(INSERT, &[&None::<&str>]).await.unwrap();
    reads.query_one("SELECT count(*) FROM attempts", &[]).await.unwrap();
    assert_eq!(migrate().await, 1);
    writes.commit().await.unwrap();
    reads.commit().await.unwrap();
    let mended = privileges(&client).await;
    for (role, kept) in [(&serving, "=a*r*d*/"), (&reading, "=w/"), (&reading, "=r/")] {
        assert!(mended.iter().any(|acl| acl.contains(&format!("{role}{kept}"))), "{mended:?}");
    }
    // Nothing is missing, so nothing is done.
    client.batch_execute(FORGET).await.unwrap();
    assert_eq!((migrate().await, privileges(&client).await), (1, mended.clone()));

    // The way back hands them on as well.
    client.batch_execute("DELETE FROM attempts").await.unwrap();
    undo(&client).await;
    assert_eq!(privileges(&client).await, mended);
}

#[tokio::test]
async fn a_line_finds_a_place_when_nobody_has_made_its_month() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let client = database.client().await;
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    let late: DateTime<Utc> = "2031-05-07T12:00:00Z".parse().unwrap();
    store.record_attempt(&Attempt { at: late, ..accepted(ada.user.id) }).await.unwrap();
    assert_eq!(count(&client, "attempts_rest").await, 1);

    // Two replicas make the months at the same time, and the line moves to its own.
    let (one, other) = (database.client().await, database.client().await);
    let make = "SELECT partitions_make('attempts', '2031-06-01', '2031-07-01')";
    let (one, other) = tokio::join!(one.batch_execute(make), other.batch_execute(make));
    assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
    assert_eq!(count(&client, "attempts_rest").await, 0);
    assert_eq!(count(&client, "attempts_2031_05").await, 1);
    assert_eq!(store.account(session_of(&ada)).attempts(None, 9).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_month_that_is_old_enough_is_dropped_whole() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let client = database.client().await;
    let year = TimeDelta::days(365);
    let moment = |text: &str| -> DateTime<Utc> { text.parse().unwrap() };
    store.keep_partitions(year, moment("2031-05-01T00:00:00Z")).await;
    let stranger = attempt(None, AttemptKind::Verify, AttemptOutcome::NoTemplate);
    for at in ["2031-05-01T00:00:00Z", "2031-05-31T23:59:59Z", "2031-06-01T00:00:00Z"] {
        store.record_attempt(&Attempt { at: moment(at), ..stranger.clone() }).await.unwrap();
    }
    // A year after the first, but not after the last of the month.
    let kept = store.keep_partitions(year, moment("2032-05-30T00:00:00Z")).await;
    assert_eq!((kept.unfinished, count(&client, "attempts").await), (vec![], 3));
    let kept = store.keep_partitions(year, moment("2032-05-31T00:00:00Z")).await;
    assert_eq!((kept.dropped > 0, kept.unfinished), (true, vec![]));
    assert_eq!(count(&client, "attempts").await, 1);
    assert_eq!(count(&client, "attempts_2031_06").await, 1);
    // What is kept for a shorter time goes line by line, to the second.
    let short = Retention {
        inactive_account: None,
        attempt: TimeDelta::days(30),
        old_template: TimeDelta::days(30),
        enrolment_image: None,
    };
    store.retire(&short, &model(), moment("2031-07-01T00:00:00Z")).await;
    assert_eq!(count(&client, "attempts").await, 0);
    // Nor is a month that is over made again, to be dropped a minute later.
    store.keep_partitions(short.attempt, moment("2032-05-31T00:00:00Z")).await;
    let again = store.keep_partitions(short.attempt, moment("2032-05-31T00:01:00Z")).await;
    assert_eq!(again, KeptPartitions::default());
}
