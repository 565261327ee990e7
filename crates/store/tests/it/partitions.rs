//! Tables become partitions while the release before serves, and it goes on serving.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_store::migrate;
use faceauth_test_support::database::TestDatabase;
use secrecy::SecretString;
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;

use crate::support::{count, enrolment, hash};

/// The migrations of this file, the newest first.
const MIGRATIONS: [&str; 7] = [
    "2026-11-28-000236_tokens_partitioned",
    "2026-11-28-000235_tokens_boundary_validated",
    "2026-11-28-000234_tokens_boundary",
    "2026-11-28-000233_frames_partitioned",
    "2026-11-28-000232_frames_boundary_validated",
    "2026-11-28-000231_frames_boundary",
    "2026-11-28-000230_partitions",
];

/// What a replica of the release before sends to renew a session.
const OWNER: &str = "SELECT id FROM users WHERE id = ANY \
    (SELECT user_id FROM refresh_tokens WHERE token_hash = $1) FOR NO KEY UPDATE";
const USE: &str = "UPDATE refresh_tokens SET used_at = now() WHERE token_hash = $1 \
    AND used_at IS NULL AND expires_at > now() AND NOT EXISTS (SELECT FROM refresh_tokens AS family \
    WHERE family.session = refresh_tokens.session AND family.revoked_at IS NOT NULL) \
    RETURNING id";
const NEXT: &str = "INSERT INTO refresh_tokens (token_hash, user_id, session, auth_time, acr, \
    issued_at, expires_at) SELECT $1, user_id, session, auth_time, acr, now(), \
    now() + interval '30 days' FROM refresh_tokens WHERE token_hash = $2";
const TOUCH: &str = "UPDATE users SET last_active_at = now() WHERE id = ANY \
    (SELECT user_id FROM refresh_tokens WHERE token_hash = $1)";
/// To remember frames, and to forget them.
const REMEMBER: &str = "INSERT INTO liveness_frames (digest, expires_at) \
    VALUES ($1, now() + interval '1 day'), ($2, now() + interval '1 day') ON CONFLICT DO NOTHING";
const FORGET: &str = "DELETE FROM liveness_frames WHERE digest = ANY ($1)";
/// To sweep.
const SWEEP: [&str; 3] = [
    "DELETE FROM liveness_frames WHERE ctid = ANY (ARRAY(SELECT ctid FROM liveness_frames \
     WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
    "DELETE FROM refresh_tokens WHERE ctid = ANY (ARRAY(SELECT used.ctid FROM \
     (SELECT session FROM refresh_tokens WHERE used_at IS NULL AND expires_at <= $1 \
     ORDER BY expires_at) AS last, LATERAL (SELECT ctid FROM refresh_tokens \
     WHERE session = last.session AND used_at IS NOT NULL OFFSET 0 FOR UPDATE SKIP LOCKED) AS used \
     LIMIT $2))",
    "DELETE FROM refresh_tokens WHERE ctid = ANY (ARRAY(SELECT ctid FROM refresh_tokens \
     WHERE used_at IS NULL AND expires_at <= $1 AND (SELECT true FROM refresh_tokens AS used \
     WHERE used.session = refresh_tokens.session AND used.used_at IS NOT NULL LIMIT 1) IS NULL \
     ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
];

/// [`token`] of `n`.
const HASH: &str = "decode(lpad(to_hex(n), 64, '0'), 'hex')";

/// Rows of each table that are there before.
const ROWS: i64 = 20_000;

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

async fn migrate(database: &TestDatabase) -> Vec<String> {
    let url = SecretString::from(database.url());
    blocking(move || migrate::run(&url)).await.unwrap()
}

/// The time of the database, by which its rows are made here.
async fn now(client: &Client) -> DateTime<Utc> {
    let now: SystemTime = client.query_one("SELECT clock_timestamp()", &[]).await.unwrap().get(0);
    now.into()
}

/// Takes the migrations back, so that the database is as the release before left it.
async fn undo(client: &Client) {
    for folder in MIGRATIONS {
        let path = faceauth_test_support::paths::root().join("migrations").join(folder);
        let down = std::fs::read_to_string(path.join("down.sql")).unwrap();
        let version = folder.split_once('_').unwrap().0.replace('-', "");
        let forget = format!(
            "BEGIN; {}; DELETE FROM __diesel_schema_migrations WHERE version = '{version}'; COMMIT",
            down.trim().trim_end_matches(';')
        );
        client.batch_execute(&forget).await.unwrap();
    }
}

/// Many sessions of one person and many frames, as of before there were partitions. A quarter of the
/// sessions is over since long ago, and so are a quarter of the frames.
async fn fill(database: &TestDatabase, client: &Client) -> String {
    let ada = enrolment("ada");
    database.store().await.enrol(&ada).await.unwrap();
    let user = ada.user.id.0.to_string();
    let rows = format!(
        "DELETE FROM refresh_tokens; \
         INSERT INTO refresh_tokens (token_hash, user_id, session, auth_time, acr, issued_at, \
         expires_at) SELECT {HASH}, '{user}', gen_random_uuid(), begun, 'face', \
         begun, begun + interval '30 days' FROM generate_series(1, {ROWS}) n, \
         LATERAL (SELECT now() - CASE WHEN n % 4 = 0 THEN interval '200 days' ELSE interval '1 day' \
         END) AS at (begun); \
         INSERT INTO liveness_frames SELECT {HASH}, \
         now() + CASE WHEN n % 4 = 0 THEN interval '-1 hour' ELSE interval '20 hours' END \
         FROM generate_series(1, {ROWS}) n"
    );
    client.batch_execute(&rows).await.unwrap();
    user
}

/// The hash of a token, or the digest of a frame: its number in 32 bytes, as [`HASH`] makes it.
fn token(number: i64) -> Vec<u8> {
    [&[0; 24], &number.to_be_bytes()[..]].concat()
}

#[tokio::test]
async fn replicas_of_the_release_before_renew_claim_and_sweep_while_it_migrates() {
    let database = TestDatabase::create().await;
    let client = database.client().await;
    undo(&client).await;
    fill(&database, &client).await;
    let migrated = AtomicBool::new(false);

    // Statements are prepared before, and sent on the same connection ever after.
    let replica = async {
        let mut old = database.client().await;
        let mut prepared = Vec::new();
        for sql in [OWNER, USE, NEXT, TOUCH, REMEMBER, FORGET] {
            prepared.push(old.prepare(sql).await.unwrap());
        }
        let [owner, use_up, next, touch, remember, forget] = &prepared[..] else { unreachable!() };
        let (mut renewed, mut new, mut after) = (0_i64, 0_i64, 0);
        // Some more when it is done: on the tables as they are then.
        while after < 20 {
            after += usize::from(migrated.load(Ordering::Relaxed));
            // None of those that are over.
            let presented = token(4 * renewed + 1);
            let successor = hash().to_vec();
            let rotation = old.transaction().await.unwrap();
            assert_eq!(rotation.query(owner, &[&presented]).await.unwrap().len(), 1);
            assert_eq!(rotation.query(use_up, &[&presented]).await.unwrap().len(), 1);
            let parameters: [&(dyn ToSql + Sync); 2] = [&successor, &presented];
            assert_eq!(rotation.execute(next, &parameters).await.unwrap(), 1);
            assert_eq!(rotation.execute(touch, &[&presented]).await.unwrap(), 1);
            rotation.commit().await.unwrap();
            renewed += 1;
            // Used up once.
            assert_eq!(old.query(use_up, &[&presented]).await.unwrap().len(), 0);

            let (fresh, other) = (hash().to_vec(), hash().to_vec());
            assert_eq!(old.execute(remember, &[&fresh, &token(1)]).await.unwrap(), 1);
            assert_eq!(old.execute(remember, &[&fresh, &other]).await.unwrap(), 1);
            assert_eq!(old.execute(forget, &[&vec![&other]]).await.unwrap(), 1);
            new += 1;
        }
        (renewed, new)
    };
    let sweeper = async {
        let old = database.client().await;
        let mut prepared = Vec::new();
        for sql in SWEEP {
            prepared.push(old.prepare(sql).await.unwrap());
        }
        let mut swept = 0;
        loop {
            let last = migrated.load(Ordering::Relaxed);
            for (statement, kept) in prepared.iter().zip([0, 30, 30]) {
                let before = SystemTime::from(now(&old).await - TimeDelta::days(kept));
                swept += old.execute(statement, &[&before, &500_i64]).await.unwrap();
            }
            if last {
                return swept;
            }
        }
    };
    let migration = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let ran = migrate(&database).await;
        migrated.store(true, Ordering::Relaxed);
        ran
    };
    let ((renewed, new), swept, ran) = tokio::join!(replica, sweeper, migration);
    assert_eq!(ran.len(), MIGRATIONS.len(), "{ran:?}");
    assert!(renewed > 20 && swept > 0, "{renewed} {swept}");

    // What is not over is there, once, in the partition that was the table.
    let live = "refresh_tokens WHERE auth_time > now() - interval '9 days'";
    assert_eq!(count(&client, live).await, ROWS * 3 / 4 + renewed);
    let distinct = "(SELECT DISTINCT id, token_hash FROM refresh_tokens) AS tokens";
    assert_eq!(count(&client, "refresh_tokens").await, count(&client, distinct).await);
    let first = count(&client, "refresh_tokens_first").await;
    assert_eq!(count(&client, "refresh_tokens").await, first, "none was moved");
    assert_eq!(count(&client, "refresh_tokens WHERE used_at IS NOT NULL").await, renewed);
    let frames = "liveness_frames WHERE expires_at > now()";
    assert_eq!(count(&client, frames).await, ROWS * 3 / 4 + new);
    // The new release goes on with it.
    let store = database.store().await;
    let swept = store.sweep(now(&client).await).await;
    assert_eq!(swept.unfinished, []);
    assert_eq!(count(&client, "liveness_frames").await, ROWS * 3 / 4 + new);
    assert_eq!(count(&client, "refresh_tokens").await, ROWS * 3 / 4 + renewed);
    store.ping().await.unwrap();
}

/// The release before deletes rows by their place in a table. Each partition has a row there.
#[tokio::test]
async fn a_sweep_of_the_release_before_never_deletes_what_lies_elsewhere() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    let user = fill(&database, &client).await;
    // The first partitions are gone, as they are after some months.
    let early = "TRUNCATE refresh_tokens, liveness_frames; \
                 DROP TABLE refresh_tokens_first, liveness_frames_first";
    client.batch_execute(early).await.unwrap();
    let moment = |text: &str| -> DateTime<Utc> { text.parse().unwrap() };
    for (n, now) in [(1, "2031-05-31T12:00:00Z"), (2, "2031-06-30T12:00:00Z")] {
        store.keep_partitions(TimeDelta::days(9999), moment(now)).await;
        let row = format!(
            "INSERT INTO refresh_tokens (token_hash, user_id, session, auth_time, acr, issued_at, \
             expires_at) SELECT {HASH}, '{user}', gen_random_uuid(), '{now}', 'face', '{now}', \
             timestamptz '{now}' + interval '1 hour' FROM (VALUES ({n})) AS row (n); \
             INSERT INTO liveness_frames SELECT {HASH}, '2031-07-01'::date + {n} \
             FROM (VALUES ({n})) AS row (n)"
        );
        client.batch_execute(&row).await.unwrap();
    }
    for (sql, table) in SWEEP.iter().zip(["liveness_frames", "refresh_tokens", "refresh_tokens"]) {
        let before = SystemTime::from(moment("2031-06-01T00:00:00Z"));
        let refused = client.execute(*sql, &[&before, &500_i64]).await.unwrap_err();
        let message = refused.as_db_error().unwrap().message();
        assert_eq!(message, "a ctid does not tell rows of several partitions apart");
        assert_eq!(count(&client, table).await, 2);
    }
    // What else deletes goes on: the frames of an attempt that is given back, and an account.
    client.execute(FORGET, &[&vec![token(1), token(9)]]).await.unwrap();
    assert_eq!(count(&client, "liveness_frames").await, 1);
    client.batch_execute("DELETE FROM users").await.unwrap();
    assert_eq!(count(&client, "refresh_tokens").await, 0);
}

/// The role that serves need not own the tables. What it may do, it may still do after the
/// migration, and it makes and drops partitions by functions.
#[tokio::test]
async fn a_role_that_only_reads_and_writes_rows_keeps_partitions() {
    let database = TestDatabase::create().await;
    let client = database.client().await;
    undo(&client).await;
    let role = database.role().await.name;
    let grant =
        format!("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}");
    client.batch_execute(&grant).await.unwrap();
    migrate(&database).await;

    let serving = database.client().await;
    serving.batch_execute(&format!("SET SESSION AUTHORIZATION {role}")).await.unwrap();
    let work = "SELECT partitions_make(t, '2031-05-01', '2031-05-03'), \
                partitions_drop(t, '2031-06-01') \
                FROM unnest(ARRAY['attempts', 'refresh_tokens', 'liveness_frames']) AS t";
    for row in serving.query(work, &[]).await.unwrap() {
        let (made, dropped): (i32, i32) = (row.get(0), row.get(1));
        assert!(made > 0 && dropped > 0, "{made} {dropped}");
    }
    let rows = "INSERT INTO liveness_frames VALUES (sha256('frame'), '2031-06-01'); \
                DELETE FROM liveness_frames WHERE digest = sha256('frame'); \
                SELECT FROM refresh_tokens WHERE token_hash = sha256('token')";
    serving.batch_execute(rows).await.unwrap();
    // Nothing else, and no table that is not meant.
    for (revoked, call) in [
        ("DELETE", "partitions_drop('liveness_frames', '2031-06-01')"),
        ("INSERT", "partitions_make('liveness_frames', '2031-06-01', '2031-06-02')"),
        ("TRUNCATE", "partitions_drop('users', '2031-06-01')"),
    ] {
        let revoke = format!("REVOKE {revoked} ON liveness_frames FROM {role}");
        client.batch_execute(&revoke).await.unwrap();
        let refused = serving.batch_execute(&format!("SELECT {call}")).await.unwrap_err();
        let code = refused.as_db_error().unwrap().code();
        assert_eq!(*code, tokio_postgres::error::SqlState::INSUFFICIENT_PRIVILEGE, "{call}");
    }
}
