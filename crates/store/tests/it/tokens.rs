//! Rotation, reuse, sign-out and the sweep.

use chrono::TimeDelta;
use faceauth_domain::user::User;
use faceauth_store::Store;
use faceauth_store::rotate::{REFRESH_TOKEN_RETENTION, Renewed, Rotation};
use faceauth_store::sessions::{NewRefreshToken, OfSession};
use faceauth_store::sign_in::{FaceAlone, SignIn};
use faceauth_test_support::database::TestDatabase;
use uuid::Uuid;

use crate::support::{at, count, enrolment, hash};

/// An account with its first token.
async fn signed_in(store: &Store) -> (User, NewRefreshToken) {
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    (ada.user, ada.refresh.unwrap())
}

async fn rotate(store: &Store, presented: [u8; 32], now: i64) -> (Rotation, [u8; 32]) {
    let new = hash();
    let rotation = store
        .rotate_refresh_token(
            presented,
            new,
            at(now),
            at(now + 3_600),
            crate::support::LONGEST,
            None,
        )
        .await;
    (rotation.unwrap(), new)
}

#[tokio::test]
async fn a_rotation_keeps_the_session_and_its_start() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let (user, first) = signed_in(&store).await;
    let mut presented = first.token_hash;
    for now in 1..4 {
        let (rotation, new) = rotate(&store, presented, now).await;
        let expected = Rotation::Rotated(Renewed {
            user: user.clone(),
            session: first.session,
            auth_time: first.auth_time,
            acr: first.acr.clone(),
            attested: None,
            client: None,
        });
        assert_eq!(rotation, expected);
        presented = new;
    }
}

#[tokio::test]
async fn unknown_and_expired_tokens_are_told_apart() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let (_, first) = signed_in(&store).await;
    assert_eq!(rotate(&store, hash(), 1).await.0, Rotation::Unknown);
    assert_eq!(
        rotate(&store, first.token_hash, 3_600).await.0,
        Rotation::Expired(OfSession { user: first.user, session: first.session })
    );
    // Late is no theft: the session lives.
    assert!(matches!(rotate(&store, first.token_hash, 3_599).await.0, Rotation::Rotated(_)));
}

#[tokio::test]
async fn reuse_revokes_the_family_and_no_other() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let (user, first) = signed_in(&store).await;
    let other = NewRefreshToken { session: Uuid::new_v4(), token_hash: hash(), ..first.clone() };
    let sign_in = crate::support::add_face_attempt(user.id);
    let reference = store.reference("ada", &[&crate::support::model()]).await.unwrap().unwrap();
    let matched = reference.templates[0].id;
    assert!(
        store
            .record_sign_in(&SignIn {
                attempt: &sign_in,
                refresh: &other,
                matched,
                begun: None,
                upgrade: None,
                alone: FaceAlone::UnlessPasskey,
            })
            .await
            .unwrap()
    );

    let (_, second) = rotate(&store, first.token_hash, 1).await;
    let (_, third) = rotate(&store, second, 2).await;
    assert!(matches!(rotate(&store, first.token_hash, 3).await.0, Rotation::Reused(_)));
    assert!(matches!(rotate(&store, third, 4).await.0, Rotation::Reused(_)));
    assert!(matches!(rotate(&store, other.token_hash, 5).await.0, Rotation::Rotated(_)));
}

#[tokio::test]
async fn of_many_that_present_one_token_at_once_one_wins_and_the_session_ends() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let (_, first) = signed_in(&store).await;
    let requests = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { rotate(&store, first.token_hash, 1).await })
    });
    let mut winners = Vec::new();
    for request in requests.collect::<Vec<_>>() {
        match request.await.unwrap() {
            (Rotation::Rotated(_), new) => winners.push(new),
            (Rotation::Reused(_), _) => {}
            (other, _) => panic!("{other:?}"),
        }
    }
    assert_eq!(winners.len(), 1);
    assert!(matches!(rotate(&store, winners[0], 2).await.0, Rotation::Reused(_)));
}

/// A rotation that has not committed when the family is revoked adds a token that the
/// revocation cannot see. It must be worth nothing all the same.
#[tokio::test]
async fn a_rotation_in_flight_does_not_outlive_the_revocation() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let (user, first) = signed_in(&store).await;
    let (_, second) = rotate(&store, first.token_hash, 1).await;

    // The rotation of `second`, by hand, held open.
    let client = database.client().await;
    let third = hash();
    client.batch_execute("BEGIN").await.unwrap();
    let used = "UPDATE refresh_tokens SET used_at = now() WHERE token_hash = $1";
    client.execute(used, &[&&second[..]]).await.unwrap();
    let add = "INSERT INTO refresh_tokens \
               (token_hash, user_id, session, auth_time, acr, issued_at, expires_at) \
               SELECT $1, user_id, session, auth_time, acr, issued_at, expires_at \
               FROM refresh_tokens WHERE token_hash = $2";
    client.execute(add, &[&&third[..], &&second[..]]).await.unwrap();

    let thief = {
        let store = store.clone();
        tokio::spawn(async move { rotate(&store, first.token_hash, 2).await.0 })
    };
    // Until the revocation waits for the row.
    let observer = database.client().await;
    while count(&observer, "pg_locks WHERE NOT granted").await == 0 {
        tokio::task::yield_now().await;
    }
    client.batch_execute("COMMIT").await.unwrap();
    assert!(matches!(thief.await.unwrap(), Rotation::Reused(_)));

    let unmarked = count(&observer, "refresh_tokens WHERE revoked_at IS NULL").await;
    assert_eq!(unmarked, 1, "the race did not happen");
    assert!(matches!(rotate(&store, third, 3).await.0, Rotation::Reused(_)));
    assert!(store.reference(&user.username.key(), &[]).await.unwrap().is_some());
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let (_, first) = signed_in(&store).await;
    let (_, second) = rotate(&store, first.token_hash, 1).await;
    assert_eq!(store.revoke_session(hash(), at(2)).await.unwrap(), None);
    let of = OfSession { user: first.user, session: first.session };
    assert_eq!(store.revoke_session(second, at(2)).await.unwrap(), Some(of));
    assert_eq!(store.revoke_session(second, at(2)).await.unwrap(), None);
    assert!(matches!(rotate(&store, second, 3).await.0, Rotation::Reused(_)));
}

#[tokio::test]
async fn the_sweep_takes_whole_sessions_long_after_their_end() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let (_, first) = signed_in(&store).await;
    let (_, second) = rotate(&store, first.token_hash, 3_000).await;
    let client = database.client().await;
    // From before there were months: those go session by session.
    let earlier = "UPDATE refresh_tokens SET auth_time = '2026-01-01'";
    client.batch_execute(earlier).await.unwrap();

    // The first token is due, the session is not: it keeps the proof of its use.
    let first_due = at(3_600) + REFRESH_TOKEN_RETENTION;
    assert_eq!(store.sweep(first_due).await.rows, 0);
    let session_due = at(6_600) + REFRESH_TOKEN_RETENTION;
    assert_eq!(store.sweep(session_due).await.rows, 2);
    assert_eq!(count(&client, "refresh_tokens").await, 0);
    assert_eq!(rotate(&store, second, 1).await.0, Rotation::Unknown);
}

/// Presents a token for a successor that only its first presenter can make.
async fn repeat(store: &Store, presented: [u8; 32], new: [u8; 32], now: i64) -> Rotation {
    let (now, until) = (at(now), at(now + 3_600));
    let within = Some(TimeDelta::seconds(30));
    let rotation =
        store.rotate_refresh_token(presented, new, now, until, crate::support::LONGEST, within);
    rotation.await.unwrap()
}

#[tokio::test]
async fn a_lost_answer_is_given_again_and_nobody_else_gets_it() {
    let database = TestDatabase::create().await;
    let replicas = [database.store().await, database.store().await];
    let (user, first) = signed_in(&replicas[0]).await;
    let (second, third) = (hash(), hash());
    let is_for = |rotation: &Rotation| match rotation {
        Rotation::Rotated(renewed) | Rotation::Repeated(renewed) => {
            renewed.user == user && renewed.session == first.session
        }
        _ => false,
    };
    // Fifty at once, at two replicas: one uses the token, the others get the same.
    let requests = (0..50).map(|i| {
        let store = replicas[i % 2].clone();
        tokio::spawn(async move { repeat(&store, first.token_hash, second, 1).await })
    });
    let mut rotated = 0;
    for request in requests.collect::<Vec<_>>() {
        let rotation = request.await.unwrap();
        assert!(is_for(&rotation), "{rotation:?}");
        rotated += usize::from(matches!(rotation, Rotation::Rotated(_)));
    }
    assert_eq!(rotated, 1);
    assert_eq!(count(&database.client().await, "refresh_tokens").await, 2);
    let late = repeat(&replicas[1], first.token_hash, second, 30).await;
    assert!(matches!(late, Rotation::Repeated(_)), "{late:?}");
    // Going on with the successor ends the grace of the one before.
    assert!(is_for(&repeat(&replicas[0], second, third, 2).await));
    let thief = repeat(&replicas[1], first.token_hash, second, 3).await;
    assert!(matches!(thief, Rotation::Reused(_)), "{thief:?}");
    assert!(matches!(repeat(&replicas[0], third, hash(), 4).await, Rotation::Reused(_)));
}

#[tokio::test]
async fn a_thief_gets_nothing_by_the_grace() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    // After it, and within it without the proof (another successor) or without any.
    for (now, proof, within) in [(31, true, true), (2, false, true), (2, false, false)] {
        let ada = enrolment(&format!("ada.{}", Uuid::new_v4()));
        store.enrol(&ada).await.unwrap();
        let first = ada.refresh.clone().unwrap().token_hash;
        let second = hash();
        assert!(matches!(repeat(&store, first, second, 1).await, Rotation::Rotated(_)));
        let guess = if proof { second } else { hash() };
        let stolen = match within {
            true => repeat(&store, first, guess, now).await,
            false => rotate(&store, first, now).await.0,
        };
        assert!(matches!(stolen, Rotation::Reused(_)), "{now} {proof} {within}: {stolen:?}");
        let owner = repeat(&store, second, hash(), now + 1).await;
        assert!(matches!(owner, Rotation::Reused(_)), "the session has ended");
    }
    // A token of another session is no successor, though its hash is known.
    let (_, first) = signed_in(&store).await;
    let other = enrolment("grace");
    store.enrol(&other).await.unwrap();
    let foreign = other.refresh.unwrap().token_hash;
    assert!(matches!(repeat(&store, first.token_hash, hash(), 1).await, Rotation::Rotated(_)));
    assert!(matches!(repeat(&store, first.token_hash, foreign, 2).await, Rotation::Reused(_)));
    // Signing out ends it as well.
    let bob = enrolment("bob");
    store.enrol(&bob).await.unwrap();
    let (first, second) = (bob.refresh.unwrap().token_hash, hash());
    assert!(matches!(repeat(&store, first, second, 1).await, Rotation::Rotated(_)));
    store.revoke_session(second, at(1)).await.unwrap();
    assert!(matches!(repeat(&store, first, second, 2).await, Rotation::Reused(_)));
}
