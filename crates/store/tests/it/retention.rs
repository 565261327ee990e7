//! Forgetting people and events, on one replica at a time.

use chrono::TimeDelta;
use faceauth_domain::attempt::{AttemptKind, AttemptOutcome};
use faceauth_store::retire::{Retention, Retired};
use faceauth_test_support::database::TestDatabase;

use crate::support::{accepted, at, attempt, count, enrolment, hash, model, refresh};

const DAY: i64 = 86_400;

fn retention(days: Option<i64>, attempts: i64) -> Retention {
    Retention {
        inactive_account: days.map(TimeDelta::days),
        attempt: TimeDelta::days(attempts),
        old_template: TimeDelta::days(90),
        enrolment_image: Some(TimeDelta::days(999)),
    }
}

#[tokio::test]
async fn accounts_that_nobody_uses_are_erased_and_others_are_not() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let [idle, signs_in, refreshes] = ["idle", "signs.in", "refreshes"].map(enrolment);
    for person in [&idle, &signs_in, &refreshes] {
        store.enrol(person).await.unwrap();
    }
    let mut sign_in = accepted(signs_in.user.id);
    sign_in.at = at(5 * DAY);
    let token = refresh(signs_in.user.id);
    assert!(
        store.record_sign_in(&crate::support::sign_in(&signs_in, &sign_in, &token)).await.unwrap()
    );
    let (used, next) = (refreshes.refresh.as_ref().unwrap().token_hash, hash());
    store
        .rotate_refresh_token(used, next, at(3_000), at(9 * DAY), crate::support::LONGEST, None)
        .await
        .unwrap();
    store
        .rotate_refresh_token(next, hash(), at(5 * DAY), at(9 * DAY), crate::support::LONGEST, None)
        .await
        .unwrap();

    let kept = retention(None, 999);
    assert_eq!(store.retire(&kept, &model(), at(99 * DAY)).await, Retired::default());
    let week = retention(Some(7), 999);
    assert_eq!(
        store.retire(&week, &model(), at(7 * DAY) - TimeDelta::seconds(1)).await.accounts,
        []
    );
    let retired = store.retire(&week, &model(), at(7 * DAY)).await;
    assert_eq!(retired.accounts, [idle.user.id]);
    assert!(store.reference("idle", &[]).await.unwrap().is_none());
    assert_eq!(store.retire(&week, &model(), at(12 * DAY)).await.accounts.len(), 2);
    let client = database.client().await;
    assert_eq!(count(&client, "users").await, 0);
    assert_eq!(count(&client, "templates").await, 0);
}

#[tokio::test]
async fn old_events_are_deleted() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    for day in 0..3 {
        let mut line = attempt(None, AttemptKind::Verify, AttemptOutcome::NoTemplate);
        line.at = at(day * DAY);
        store.record_attempt(&line).await.unwrap();
    }
    let retired = store.retire(&retention(None, 1), &model(), at(2 * DAY)).await;
    assert_eq!(retired.attempts, 2);
    assert_eq!(count(&database.client().await, "attempts").await, 1);
}

#[tokio::test]
async fn one_replica_at_a_time_does_it() {
    let database = TestDatabase::create().await;
    let (store, mut client) = (database.store().await, database.client().await);
    store.enrol(&enrolment("idle")).await.unwrap();
    // Another replica is at it.
    let other = client.transaction().await.unwrap();
    other.batch_execute("SELECT pg_advisory_xact_lock(x'7265746972656421'::bigint)").await.unwrap();
    let week = retention(Some(7), 999);
    assert_eq!(store.retire(&week, &model(), at(9 * DAY)).await, Retired::default());
    other.rollback().await.unwrap();
    assert_eq!(store.retire(&week, &model(), at(9 * DAY)).await.accounts.len(), 1);
}
