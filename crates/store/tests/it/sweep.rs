//! The sweep gets done, however much there is and whatever fails.

use chrono::TimeDelta;
use faceauth_store::retire::Retention;
use faceauth_store::sweep::Why;
use faceauth_test_support::database::TestDatabase;
use tokio_postgres::Client;

use crate::support::{at, count, enrolment, model};

/// Rows that are over.
const MANY: i64 = 30_000;

/// Makes `rows` liveness sessions that ended long before `at(0)`.
async fn ended_sessions(client: &Client, rows: i64) {
    let sql = format!(
        "INSERT INTO liveness_sessions (id, kinds, steps, issued_at, expires_at, attempts_left) \
         SELECT gen_random_uuid(), '{{turn_left,look_up}}', '{{look_up}}', '2026-01-01', \
         timestamptz '2026-01-01' + n * interval '1 second', 1 FROM generate_series(1, {rows}) n"
    );
    client.batch_execute(&sql).await.unwrap();
}

async fn failures(client: &Client, rows: i64) {
    let sql = format!(
        "INSERT INTO failures SELECT 'name.' || n, '00000000-0000-0000-0000-000000000000', 1, \
         NULL, '2026-01-01' FROM generate_series(1, {rows}) n"
    );
    client.batch_execute(&sql).await.unwrap();
}

/// Deleting a row of `table` takes this long.
async fn slow_down(client: &Client, table: &str, seconds: f64) {
    let sql = format!(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         PERFORM pg_sleep({seconds}); RETURN OLD; END $$; \
         CREATE TRIGGER slow BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION slow()"
    );
    client.batch_execute(&sql).await.unwrap();
}

async fn refuse_deletes(client: &Client, table: &str) {
    let sql = format!(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         RAISE EXCEPTION 'not today'; END $$; \
         CREATE TRIGGER refuse BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()"
    );
    client.batch_execute(&sql).await.unwrap();
}

#[tokio::test]
async fn however_many_rows_are_over_they_all_go() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    ended_sessions(&client, MANY).await;
    failures(&client, MANY).await;
    let swept = store.sweep(at(0)).await;
    assert_eq!(swept.rows, u64::try_from(2 * MANY).unwrap());
    assert_eq!(swept.unfinished, []);
    assert_eq!(count(&client, "liveness_sessions").await, 0);
    assert_eq!(count(&client, "failures").await, 0);
}

/// One statement for all of them would take longer than a statement may, and never succeed.
#[tokio::test]
async fn rows_that_one_statement_could_not_delete_in_time_go() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    ended_sessions(&client, 2_000).await;
    failures(&client, 5).await;
    // Four seconds together; a statement ends after three.
    slow_down(&client, "liveness_sessions", 0.002).await;
    let mut rounds = 0;
    while count(&client, "liveness_sessions").await > 0 {
        let swept = store.sweep(at(0)).await;
        assert!(swept.unfinished.iter().all(|left| left.why == Why::Behind), "{swept:?}");
        rounds += 1;
        assert!(rounds < 10, "it does not catch up");
    }
    assert_eq!(count(&client, "failures").await, 0);
}

#[tokio::test]
async fn a_table_that_fails_does_not_stop_the_others() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    ended_sessions(&client, 10).await;
    failures(&client, 10).await;
    refuse_deletes(&client, "liveness_sessions").await;
    let swept = store.sweep(at(0)).await;
    assert_eq!(swept.rows, 10);
    assert_eq!(count(&client, "failures").await, 0);
    let [left] = &swept.unfinished[..] else { panic!("{swept:?}") };
    assert!(left.what == "liveness_sessions" && matches!(left.why, Why::Failed(_)), "{left:?}");
}

#[tokio::test]
async fn what_is_retired_goes_in_batches_too() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    store.enrol(&enrolment("idle")).await.unwrap();
    let attempts = format!(
        "INSERT INTO attempts (kind, outcome, pad_bona_fide, model_id, client_hash, at) \
         SELECT 'verify', 'no_template', true, 'm', '', '2027-01-14' \
         FROM generate_series(1, {MANY})"
    );
    client.batch_execute(&attempts).await.unwrap();
    let people = "INSERT INTO users SELECT gen_random_uuid(), 'user.' || n, 'user.' || n, \
                  '2026-01-01', '2026-01-01' FROM generate_series(1, 50) n";
    client.batch_execute(people).await.unwrap();
    refuse_deletes(&client, "enrolment_images").await;
    let day = TimeDelta::days(1);
    let retention = Retention {
        inactive_account: Some(TimeDelta::days(365)),
        attempt: day,
        old_template: day,
        enrolment_image: None,
    };
    let retired = store.retire(&retention, &model(), at(0) + day / 2).await;
    assert_eq!(retired.accounts.len(), 50);
    assert_eq!(retired.attempts, usize::try_from(MANY).unwrap());
    let [left] = &retired.unfinished[..] else { panic!("{retired:?}") };
    assert!(left.what == "enrolment images" && matches!(left.why, Why::Failed(_)), "{left:?}");
}

/// A session that was renewed for months is many rows, which go with its last one.
#[tokio::test]
async fn a_long_session_goes_as_a_whole() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    let (user, session) = (ada.user.id, ada.refresh.as_ref().unwrap().session);
    let tokens = format!(
        "INSERT INTO refresh_tokens (token_hash, user_id, session, auth_time, acr, issued_at, \
         expires_at, used_at) SELECT sha256(n::text::bytea), '{user}', '{session}', '2026-01-01', \
         'face', '2026-01-01', '2026-01-02', '2026-01-01' FROM generate_series(1, 5000) n"
    );
    client.batch_execute(&tokens).await.unwrap();
    // They belong to one session. What it began before goes one by one.
    let earlier = "UPDATE refresh_tokens SET auth_time = '2026-01-01'";
    client.batch_execute(earlier).await.unwrap();
    // Its last token is over at `at(3_600)`.
    let kept = faceauth_store::rotate::REFRESH_TOKEN_RETENTION;
    let swept = store.sweep(at(3_599) + kept).await;
    assert_eq!(swept.rows, 0);
    let swept = store.sweep(at(3_600) + kept).await;
    assert_eq!((swept.rows, swept.unfinished), (5_001, vec![]));
    assert_eq!(count(&client, "refresh_tokens").await, 0);
}
