//! Sessions by the month of their sign-in: a session lies in one month and goes as a whole.

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_store::Store;
use faceauth_store::enrol::Enrolment;
use faceauth_store::rotate::{REFRESH_TOKEN_RETENTION, Rotation};
use faceauth_store::sessions::NewRefreshToken;
use faceauth_test_support::database::TestDatabase;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::support::{LONGEST, count, enrolment, hash, refresh, session_of};

/// How long a token of these tests is good.
const TOKEN: TimeDelta = TimeDelta::days(32);

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

async fn keep(store: &Store, now: &str) {
    let kept = store.keep_partitions(TimeDelta::days(9999), moment(now)).await;
    assert_eq!(kept.unfinished, []);
}

/// The months that there are, in order.
async fn months(client: &Client) -> Vec<String> {
    let sql = "SELECT substr(relname, 16) FROM pg_class WHERE relkind = 'r' \
               AND relname LIKE 'refresh\\_tokens\\_2%' ORDER BY 1";
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// A person who signs in at `now`.
async fn signed_in(store: &Store, name: &str, now: &str) -> (Enrolment, NewRefreshToken) {
    let person = enrolment(name);
    let now = moment(now);
    let token = NewRefreshToken {
        auth_time: now,
        issued_at: now,
        expires_at: now + TOKEN,
        ..refresh(person.user.id)
    };
    let person = Enrolment { refresh: Some(token.clone()), ..person };
    store.enrol(&person).await.unwrap();
    (person, token)
}

async fn renew_within(
    store: &Store,
    token: [u8; 32],
    now: &str,
    longest: TimeDelta,
) -> (Rotation, [u8; 32]) {
    let (now, next) = (moment(now), hash());
    let rotation = store.rotate_refresh_token(token, next, now, now + TOKEN, longest, None).await;
    (rotation.unwrap(), next)
}

async fn renew(store: &Store, token: [u8; 32], now: &str) -> (Rotation, [u8; 32]) {
    renew_within(store, token, now, LONGEST).await
}

async fn rows(client: &Client, table: &str, session: Uuid) -> i64 {
    count(client, &format!("{table} WHERE session = '{session}'")).await
}

#[tokio::test]
async fn a_session_lies_in_the_month_of_its_sign_in_however_long_it_lasts() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    keep(&store, "2031-05-01T00:00:00Z").await;
    let (_, first) = signed_in(&store, "ada", "2031-05-31T23:59:00Z").await;
    let (_, second) = renew(&store, first.token_hash, "2031-06-20T00:00:00Z").await;
    let (_, third) = renew(&store, second, "2031-07-10T00:00:00Z").await;
    let (last, _) = renew(&store, third, "2031-08-05T00:00:00Z").await;
    assert!(matches!(last, Rotation::Rotated(_)), "{last:?}");
    assert_eq!(rows(&client, "refresh_tokens_2031_05", first.session).await, 4);
    // The first token expired two months ago. Its use still shows that somebody has a copy.
    keep(&store, "2031-08-28T00:00:00Z").await;
    let (stolen, _) = renew(&store, first.token_hash, "2031-08-28T00:00:00Z").await;
    assert!(matches!(stolen, Rotation::Reused(_)), "{stolen:?}");
    // With days and months past, the session lives no more.
    for now in ["2031-08-28T00:00:01Z", "2031-09-27T00:00:00Z"] {
        keep(&store, now).await;
        for token in [first.token_hash, second, third] {
            let (rotation, _) = renew(&store, token, now).await;
            assert!(matches!(rotation, Rotation::Reused(_)), "{now} {rotation:?}");
        }
    }
}

#[tokio::test]
async fn a_month_goes_when_all_of_its_sessions_have_been_over_for_long() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    keep(&store, "2031-05-01T00:00:00Z").await;
    let (_, short) = signed_in(&store, "ada", "2031-05-02T00:00:00Z").await;
    let (_, long) = signed_in(&store, "bob", "2031-05-05T00:00:00Z").await;
    let (_, next) = renew(&store, long.token_hash, "2031-06-01T00:00:00Z").await;
    let (_, last) = renew(&store, next, "2031-06-30T12:00:00Z").await;
    let over = moment("2031-06-30T12:00:00Z") + TOKEN + REFRESH_TOKEN_RETENTION;
    let before = (over - TimeDelta::seconds(1)).to_rfc3339();
    assert_eq!(months(&client).await, ["2031_05", "2031_06"]);
    keep(&store, &before).await;
    assert_eq!(
        months(&client).await,
        ["2031_05", "2031_08", "2031_09", "2031_10"],
        "June is empty"
    );
    assert_eq!(rows(&client, "refresh_tokens_2031_05", short.session).await, 1);
    assert_eq!(rows(&client, "refresh_tokens_2031_05", long.session).await, 3);
    let (late, _) = renew(&store, last, &before).await;
    assert!(matches!(late, Rotation::Expired(_)), "{late:?}");
    keep(&store, &over.to_rfc3339()).await;
    assert_eq!(months(&client).await, ["2031_08", "2031_09", "2031_10"]);
    assert_eq!(count(&client, "refresh_tokens").await, 0);
    for token in [short.token_hash, long.token_hash, next, last] {
        assert_eq!(renew(&store, token, &before).await.0, Rotation::Unknown);
    }
}

/// A session that was ended is never alive again, also while its month goes.
#[tokio::test]
async fn an_ended_session_stays_ended_until_its_month_is_gone() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    keep(&store, "2031-05-01T00:00:00Z").await;
    let (ada, first) = signed_in(&store, "ada", "2031-05-31T12:00:00Z").await;
    let (_, second) = renew(&store, first.token_hash, "2031-06-10T00:00:00Z").await;
    store.revoke_session(second, moment("2031-06-11T00:00:00Z")).await.unwrap().unwrap();
    let mut now = moment("2031-06-11T00:00:00Z");
    while now < moment("2031-12-01T00:00:00Z") {
        let text = now.to_rfc3339();
        keep(&store, &text).await;
        store.sweep(now).await;
        for token in [first.token_hash, second] {
            let (rotation, _) = renew(&store, token, &text).await;
            let lives = matches!(rotation, Rotation::Rotated(_) | Rotation::Repeated(_));
            assert!(!lives, "{text} {rotation:?}");
        }
        assert!(store.account(session_of(&ada)).user().await.is_err(), "{text}");
        now += TimeDelta::days(7);
    }
    let client = database.client().await;
    assert_eq!(count(&client, "refresh_tokens").await, 0);
}

/// Where sessions last for years, the others of their month do not wait for them.
#[tokio::test]
async fn sessions_that_are_over_leave_a_month_in_which_one_lives_for_years() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    let years = TimeDelta::days(3_650);
    keep(&store, "2031-05-01T00:00:00Z").await;
    let (_, short) = signed_in(&store, "ada", "2031-05-02T00:00:00Z").await;
    let (_, used) = renew(&store, short.token_hash, "2031-05-09T00:00:00Z").await;
    let (_, long) = signed_in(&store, "bob", "2031-05-05T00:00:00Z").await;
    let mut token = long.token_hash;
    for month in 6..=12 {
        let now = format!("2031-{month:02}-01T00:00:00Z");
        let (renewed, next) = renew_within(&store, token, &now, years).await;
        assert!(matches!(renewed, Rotation::Rotated(_)), "{renewed:?}");
        token = next;
        keep(&store, &now).await;
    }
    // Until half a year after the sign-in nothing is deleted one by one.
    let signed_in = moment("2031-05-02T00:00:00Z");
    let half_a_year = signed_in + TimeDelta::days(180) + REFRESH_TOKEN_RETENTION;
    assert_eq!(store.sweep(half_a_year).await.rows, 0);
    let swept = store.sweep(half_a_year + TimeDelta::seconds(1)).await;
    assert_eq!((swept.rows, swept.unfinished), (2, vec![]));
    assert_eq!(renew(&store, used, "2031-12-02T00:00:00Z").await.0, Rotation::Unknown);
    assert_eq!(rows(&client, "refresh_tokens_2031_05", long.session).await, 8);
    let (lives, _) = renew_within(&store, token, "2031-12-02T00:00:00Z", years).await;
    assert!(matches!(lives, Rotation::Rotated(_)), "{lives:?}");
}

#[tokio::test]
async fn a_session_finds_a_place_when_nobody_has_made_its_month() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    let (_, first) = signed_in(&store, "ada", "2031-05-31T12:00:00Z").await;
    let (_, second) = renew(&store, first.token_hash, "2031-06-02T00:00:00Z").await;
    assert_eq!(rows(&client, "refresh_tokens_rest", first.session).await, 2);
    keep(&store, "2031-06-02T00:00:00Z").await;
    assert_eq!(rows(&client, "refresh_tokens_2031_05", first.session).await, 2);
    let (third, _) = renew(&store, second, "2031-06-03T00:00:00Z").await;
    assert!(matches!(third, Rotation::Rotated(_)), "{third:?}");
}
