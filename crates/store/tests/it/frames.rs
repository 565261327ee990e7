//! A frame is new once, on whichever side of midnight it comes, and whoever asks.

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::challenge::{Binding, SESSION_TTL};
use faceauth_store::Store;
use faceauth_store::liveness::{Claim, LIVENESS_FRAME_RETENTION, NewSession};
use faceauth_store::partitions::KeptPartitions;
use faceauth_test_support::database::TestDatabase;

use crate::support::{count, hash, session, until_waiting};

/// What a replica of the release before sends, with as many rows as there are frames.
const INSERT: &str = "INSERT INTO \"liveness_frames\" (\"digest\", \"expires_at\") \
                      VALUES ($1, $2) ON CONFLICT DO NOTHING";

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// How many of the frames of a capture at `now` were submitted before.
async fn known(store: &Store, digests: &[[u8; 32]], now: DateTime<Utc>) -> usize {
    let new =
        NewSession { issued_at: now, expires_at: now + SESSION_TTL, ..session(Binding::default()) };
    store.open_liveness_session(&new).await.unwrap();
    match store.claim_liveness_session(new.id, new.nonce_hash, None, digests, now).await.unwrap() {
        Claim::Claimed { replayed, .. } => replayed,
        other => panic!("{other:?}"),
    }
}

/// Makes the days from which and to which frames of these tests go.
async fn days(store: &Store) {
    let kept = store.keep_partitions(TimeDelta::days(9999), moment("2031-05-07T12:00:00Z")).await;
    assert_eq!(kept.unfinished, []);
    let kept = store.keep_partitions(TimeDelta::days(9999), moment("2031-05-07T12:00:00Z")).await;
    assert_eq!(kept, KeptPartitions::default(), "nothing is made or dropped again");
}

#[tokio::test]
async fn a_frame_is_known_for_a_day_and_new_after_it() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    days(&store).await;
    let digest = hash();
    let first = moment("2031-05-07T13:00:00Z");
    assert_eq!(known(&store, &[digest], first).await, 0);
    let instant = TimeDelta::microseconds(1);
    // It lies in the partition of the day before.
    assert_eq!(known(&store, &[digest], first + LIVENESS_FRAME_RETENTION - instant).await, 1);
    assert_eq!(known(&store, &[digest], first + LIVENESS_FRAME_RETENTION).await, 0);
    // And from then on for another day.
    assert_eq!(known(&store, &[digest], first + LIVENESS_FRAME_RETENTION + instant).await, 1);
    // A clock that goes behind finds what the others have added.
    assert_eq!(known(&store, &[digest], first - TimeDelta::hours(2)).await, 1);
}

#[tokio::test]
async fn a_day_is_dropped_at_its_end() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    days(&store).await;
    let [morning, evening] = [hash(), hash()];
    known(&store, &[morning], moment("2031-05-08T00:00:00Z")).await;
    known(&store, &[evening], moment("2031-05-08T23:59:59Z")).await;
    assert_eq!(count(&client, "liveness_frames_2031_05_09").await, 2);
    let years = TimeDelta::days(9999);
    // The first is forgotten since a day; it goes with the last.
    store.keep_partitions(years, moment("2031-05-09T23:59:59Z")).await;
    assert_eq!(count(&client, "liveness_frames_2031_05_09").await, 2);
    let kept = store.keep_partitions(years, moment("2031-05-10T00:00:00Z")).await;
    assert_eq!((kept.dropped > 0, kept.unfinished), (true, vec![]));
    assert_eq!(count(&client, "liveness_frames").await, 0);
    assert_eq!(known(&store, &[morning], moment("2031-05-10T00:00:01Z")).await, 0);
}

/// A frame that comes on both sides of midnight at the same moment is new for one of both, whichever
/// release they are of.
#[tokio::test]
async fn of_two_claims_on_both_sides_of_midnight_one_finds_the_frame_new() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    days(&store).await;
    let (before, after) = (moment("2031-05-07T23:59:59Z"), moment("2031-05-08T00:00:01Z"));
    for (held, late) in [(before, after), (after, before)] {
        let digest = hash();
        let (mut old, observer) = (database.client().await, database.client().await);
        let first = old.transaction().await.unwrap();
        let expires_at = std::time::SystemTime::from(held + LIVENESS_FRAME_RETENTION);
        assert_eq!(first.execute(INSERT, &[&&digest[..], &expires_at]).await.unwrap(), 1);
        let second = {
            let store = store.clone();
            tokio::spawn(async move { known(&store, &[hash(), digest, hash()], late).await })
        };
        until_waiting(&observer, 1).await;
        first.commit().await.unwrap();
        assert_eq!(second.await.unwrap(), 1);
        // The release before asks last.
        let expires_at = std::time::SystemTime::from(late + LIVENESS_FRAME_RETENTION);
        assert_eq!(old.execute(INSERT, &[&&digest[..], &expires_at]).await.unwrap(), 0);
        let rows = format!("liveness_frames WHERE digest = '\\x{}'", hex(&digest));
        assert_eq!(count(&observer, &rows).await, 1);
    }
}

/// Two replicas, one of whose clocks is past midnight, and the same captures in any order.
#[tokio::test]
async fn of_many_claims_around_midnight_each_frame_is_new_once() {
    let database = TestDatabase::create().await;
    let replicas = [database.store().await, database.store().await];
    days(&replicas[0]).await;
    let times = [moment("2031-05-07T23:59:59Z"), moment("2031-05-08T00:00:01Z")];
    let mut digests: Vec<[u8; 32]> = (0..30).map(|_| hash()).collect();
    let mut claims = Vec::new();
    for turn in 0..24 {
        digests.reverse();
        let (store, digests) = (replicas[turn % 2].clone(), digests.clone());
        let time = times[turn / 2 % 2];
        claims.push(tokio::spawn(async move { known(&store, &digests, time).await }));
    }
    let mut new = 0;
    for claim in claims {
        new += digests.len() - claim.await.unwrap();
    }
    assert_eq!(new, digests.len());
    let client = database.client().await;
    assert_eq!(count(&client, "liveness_frames").await, 30);
}

/// What came before there were days goes one by one, as ever.
#[tokio::test]
async fn frames_of_the_first_partition_are_swept() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    let old = moment("2026-11-01T12:00:00Z");
    assert_eq!(known(&store, &[hash(), hash()], old).await, 0);
    assert_eq!(count(&client, "liveness_frames_first").await, 2);
    client.batch_execute("DELETE FROM liveness_sessions").await.unwrap();
    let end = old + LIVENESS_FRAME_RETENTION;
    assert_eq!(store.sweep(end - TimeDelta::microseconds(1)).await.rows, 0);
    let swept = store.sweep(end).await;
    assert_eq!((swept.rows, swept.unfinished), (2, vec![]));
}

/// A day that nobody has made is made with the rows that wait for it.
#[tokio::test]
async fn frames_find_a_place_when_nobody_has_made_their_day() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    let digest = hash();
    let late = moment("2031-05-07T12:00:00Z");
    assert_eq!(known(&store, &[digest], late).await, 0);
    assert_eq!(count(&client, "liveness_frames_rest").await, 1);
    days(&store).await;
    assert_eq!(count(&client, "liveness_frames_rest").await, 0);
    assert_eq!(count(&client, "liveness_frames_2031_05_08").await, 1);
    assert_eq!(known(&store, &[digest], late).await, 1);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
