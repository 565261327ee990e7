//! Consecutive failures, counted for all replicas.

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::attempt::Attempt;
use faceauth_domain::failures::{FailurePolicy, PENDING_FOR};
use faceauth_domain::user::UserId;
use faceauth_store::Store;
use faceauth_store::failures::{Admission, Begun, Device, FAILURE_RETENTION};
use faceauth_store::sign_in::SignIn;
use faceauth_test_support::database::TestDatabase;
use uuid::Uuid;

use crate::support::{accepted, at, count, enrolment, refresh, sign_in};

const POLICY: FailurePolicy = FailurePolicy::DEFAULT;

async fn begin(
    store: &Store,
    name: &str,
    device: Option<Device>,
    now: DateTime<Utc>,
) -> Result<Begun, DateTime<Utc>> {
    match store.begin_attempt(name, device, &[], &POLICY, now).await.unwrap() {
        Admission::Begun(begun, _) => Ok(begun),
        Admission::Blocked(until) => Err(until),
    }
}

#[tokio::test]
async fn five_failures_wait_and_each_more_waits_twice_as_long() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    for number in 1..=5 {
        assert_eq!(begin(&store, "ada", None, at(0)).await.unwrap().number(), number);
    }
    assert_eq!(begin(&store, "ada", None, at(0)).await, Err(at(30)));
    // Waiting costs nothing, and another name does not wait.
    assert_eq!(begin(&store, "ada", None, at(29)).await, Err(at(30)));
    assert_eq!(begin(&store, "bob", None, at(29)).await.unwrap().number(), 1);
    assert_eq!(begin(&store, "ada", None, at(30)).await.unwrap().number(), 6);
    assert_eq!(begin(&store, "ada", None, at(30)).await, Err(at(90)));

    let client = database.client().await;
    store.sweep(at(30) + FAILURE_RETENTION - TimeDelta::seconds(1)).await;
    assert_eq!(count(&client, "failures").await, 1);
    store.sweep(at(30) + FAILURE_RETENTION).await;
    assert_eq!(count(&client, "failures").await, 0);
}

/// Begins and fails.
async fn fail(store: &Store, name: &str, now: DateTime<Utc>) {
    let begun = begin(store, name, None, now).await.unwrap();
    store.fail_attempt(&begun, &POLICY, now).await.unwrap();
}

#[tokio::test]
async fn what_was_no_failure_is_taken_back_with_its_delay() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let only = begin(&store, "bob", None, at(0)).await.unwrap();
    store.forgive_attempt(&only, at(0)).await.unwrap();
    assert_eq!(count(&database.client().await, "failures").await, 0);

    for _ in 1..=5 {
        fail(&store, "ada", at(0)).await;
    }
    let sixth = begin(&store, "ada", None, at(30)).await.unwrap();
    store.forgive_attempt(&sixth, at(30)).await.unwrap();
    let again = begin(&store, "ada", None, at(31)).await.unwrap();
    assert_eq!(again.number(), 6);
    // While another is in flight, the next one waits for the delay of that.
    assert_eq!(begin(&store, "ada", None, at(32)).await, Err(at(91)));
    let seventh = begin(&store, "ada", None, at(91)).await.unwrap();
    assert_eq!(seventh.number(), 7);
    store.forgive_attempt(&again, at(91)).await.unwrap();
    store.fail_attempt(&seventh, &POLICY, at(91)).await.unwrap();
    assert_eq!(begin(&store, "ada", None, at(92)).await, Err(at(151)));
}

#[tokio::test]
async fn an_attempt_that_nobody_ends_stops_counting_by_itself() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let mut abandoned = Vec::new();
    for number in 1..=5 {
        let begun = begin(&store, "ada", None, at(0)).await.unwrap();
        assert_eq!(begun.number(), number, "in flight, it counts");
        abandoned.push(begun);
    }
    assert_eq!(begin(&store, "ada", None, at(1)).await, Err(at(30)));
    let later = at(0) + PENDING_FOR;
    let next = begin(&store, "ada", None, later).await.unwrap();
    assert_eq!(next.number(), 1);
    // Decided late, each counts all the same: there is no free try in being slow.
    for begun in abandoned.iter().chain([&next]) {
        store.fail_attempt(begun, &POLICY, later).await.unwrap();
    }
    assert_eq!(begin(&store, "ada", None, later).await, Err(later + TimeDelta::seconds(60)));
}

#[tokio::test]
async fn sign_ins_of_the_owner_give_strangers_no_new_tries() {
    let database = TestDatabase::create().await;
    let replicas = [database.store().await, database.store().await];
    let ada = enrolment("ada");
    replicas[0].enrol(&ada).await.unwrap();
    let device = Some(Device { user: ada.user.id, id: Uuid::new_v4() });
    let mut tries = 0;
    let spent = 'attack: loop {
        for known in [None, device] {
            for i in 0..5 {
                match begin(&replicas[i % 2], "ada", None, at(0)).await {
                    Ok(begun) => {
                        replicas[i % 2].fail_attempt(&begun, &POLICY, at(0)).await.unwrap();
                        tries += 1;
                    }
                    Err(until) => break 'attack until,
                }
            }
            // The owner, at the same moment: on another unknown device, when that may wait no
            // more, or on a known one.
            let now = if known.is_none() { at(30) } else { at(0) };
            let begun = begin(&replicas[0], "ada", known, now).await;
            let Ok(begun) = begun else { continue };
            let attempt = Attempt { at: now, ..accepted(ada.user.id) };
            let token = refresh(ada.user.id);
            let sign_in = SignIn { begun: Some(&begun), ..sign_in(&ada, &attempt, &token) };
            assert!(replicas[0].record_sign_in(&sign_in).await.unwrap());
        }
    };
    let budget = POLICY.unknown_devices;
    assert_eq!(tries, budget.tries);
    assert_eq!(spent, at(0) + budget.one_every);
    // A known device goes on, and an operator gives the others theirs back.
    assert!(begin(&replicas[1], "ada", device, at(0)).await.is_ok());
    assert!(replicas[0].unlock("ada").await.unwrap());
    assert!(begin(&replicas[1], "ada", None, at(0)).await.is_ok());
}

#[tokio::test]
async fn two_replicas_count_together() {
    let database = TestDatabase::create().await;
    let replicas = [database.store().await, database.store().await];
    let attempts = (0..40).map(|i| {
        let store = replicas[i % 2].clone();
        tokio::spawn(async move { begin(&store, "ada", None, at(0)).await })
    });
    let attempts: Vec<_> = attempts.collect();
    let mut numbers = Vec::new();
    for attempt in attempts {
        match attempt.await.unwrap() {
            Ok(begun) => numbers.push(begun.number()),
            Err(until) => assert_eq!(until, at(30)),
        }
    }
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn a_known_device_counts_apart_and_its_success_forgives_everybody() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    let device = Device { user: ada.user.id, id: Uuid::new_v4() };
    for _ in 1..=5 {
        fail(&store, "ada", at(0)).await;
    }
    assert_eq!(begin(&store, "ada", None, at(1)).await, Err(at(30)));
    // A device of another account is none of this one.
    let foreign = Device { user: UserId(Uuid::new_v4()), id: device.id };
    assert_eq!(begin(&store, "ada", Some(foreign), at(1)).await, Err(at(30)));

    let known = begin(&store, "ada", Some(device), at(1)).await.unwrap();
    assert_eq!((known.number(), known.known_device()), (1, Some(device.id)));
    let token = refresh(ada.user.id);
    assert!(
        store
            .record_sign_in(&SignIn {
                begun: Some(&known),
                ..sign_in(&ada, &accepted(ada.user.id), &token)
            })
            .await
            .unwrap()
    );
    assert_eq!(begin(&store, "ada", None, at(2)).await.unwrap().number(), 1);
}

#[tokio::test]
async fn a_success_elsewhere_forgives_its_own_kind_and_an_operator_all() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    let device = Device { user: ada.user.id, id: Uuid::new_v4() };
    let known = begin(&store, "ada", Some(device), at(0)).await.unwrap();
    store.fail_attempt(&known, &POLICY, at(0)).await.unwrap();
    fail(&store, "ada", at(0)).await;
    let second = begin(&store, "ada", None, at(0)).await.unwrap();
    let token = refresh(ada.user.id);
    assert!(
        store
            .record_sign_in(&SignIn {
                begun: Some(&second),
                ..sign_in(&ada, &accepted(ada.user.id), &token)
            })
            .await
            .unwrap()
    );
    assert_eq!(begin(&store, "ada", None, at(0)).await.unwrap().number(), 1);
    assert_eq!(begin(&store, "ada", Some(device), at(0)).await.unwrap().number(), 2);
    assert!(store.unlock("ada").await.unwrap());
    assert!(!store.unlock("ada").await.unwrap());
    assert_eq!(begin(&store, "ada", Some(device), at(0)).await.unwrap().number(), 1);
}
