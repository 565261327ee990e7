//! Liveness sessions: opened, claimed, renewed and forgotten.

use faceauth_domain::attempt::{AttemptKind, AttemptOutcome};
use faceauth_domain::challenge::{
    Action, Binding, Challenge, ClaimedChallenge, Kinds, MAX_ATTEMPTS, Purpose, SESSION_TTL,
};
use faceauth_domain::user::Username;
use faceauth_store::liveness::{Claim, LIVENESS_SESSION_RETENTION, NewSession};
use faceauth_store::{Store, StoreError};
use faceauth_test_support::database::TestDatabase;
use uuid::Uuid;

use crate::support::{at, attempt, bound_to, count, hash, session, until_waiting};

/// Opens a session and returns it.
async fn opened(store: &Store, binding: Binding) -> NewSession {
    let session = session(binding);
    store.open_liveness_session(&session).await.unwrap();
    session
}

/// Claims with `nonce` at `at(seconds)`, by nobody in particular.
async fn claim(
    store: &Store,
    id: Uuid,
    nonce: [u8; 32],
    digests: &[[u8; 32]],
    seconds: i64,
) -> Claim {
    store.claim_liveness_session(id, nonce, None, digests, at(seconds)).await.unwrap()
}

/// How many frames the claim of a new session finds submitted before.
async fn replayed(store: &Store, digests: &[[u8; 32]]) -> usize {
    let new = opened(store, Binding::default()).await;
    match claim(store, new.id, new.nonce_hash, digests, 1).await {
        Claim::Claimed { replayed, .. } => replayed,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_claim_returns_what_was_opened_with_one_attempt_less() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let mut ada = session(bound_to("Ada"));
    ada.kinds = Kinds::new(&Action::ALL).unwrap();
    ada.challenge = Challenge::from_steps(Action::ALL.to_vec());
    store.open_liveness_session(&ada).await.unwrap();

    let expected = ClaimedChallenge {
        session: ada.id,
        binding: ada.binding.clone(),
        kinds: ada.kinds.clone(),
        challenge: ada.challenge.clone(),
        issued_at: ada.issued_at,
        expires_at: ada.expires_at,
        attempts_left: MAX_ATTEMPTS - 1,
    };
    let claimed = claim(&store, ada.id, ada.nonce_hash, &[hash()], 1).await;
    assert_eq!(claimed, Claim::Claimed { challenge: expected, replayed: 0 });
}

#[tokio::test]
async fn a_nonce_is_good_once_and_only_its_own() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let open = opened(&store, Binding::default()).await;
    assert_eq!(claim(&store, Uuid::new_v4(), open.nonce_hash, &[], 1).await, Claim::Unknown);
    assert_eq!(claim(&store, open.id, hash(), &[], 1).await, Claim::Spent);
    let claimed = claim(&store, open.id, open.nonce_hash, &[], 2).await;
    assert!(matches!(claimed, Claim::Claimed { .. }), "{claimed:?}");
    assert_eq!(claim(&store, open.id, open.nonce_hash, &[], 3).await, Claim::Spent);
}

#[tokio::test]
async fn a_session_ends_on_time() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let end = SESSION_TTL.num_seconds();
    let (late, just) =
        (opened(&store, Binding::default()).await, opened(&store, Binding::default()).await);
    assert_eq!(claim(&store, late.id, late.nonce_hash, &[], end).await, Claim::Expired);
    let claimed = claim(&store, just.id, just.nonce_hash, &[], end - 1).await;
    assert!(matches!(claimed, Claim::Claimed { .. }), "{claimed:?}");
    assert_eq!(claim(&store, just.id, just.nonce_hash, &[], end).await, Claim::Expired);
}

#[tokio::test]
async fn somebody_else_spends_nothing() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let client = database.client().await;
    let ada = opened(&store, bound_to("Ada")).await;
    let (name, stranger) = (Username::parse("aDA").unwrap(), Username::parse("bob").unwrap());
    let as_whom = async |name: &Username, purpose, nonce| {
        let wanted = Some((name, purpose));
        store.claim_liveness_session(ada.id, nonce, wanted, &[hash()], at(1)).await.unwrap()
    };
    assert_eq!(as_whom(&stranger, Purpose::Verify, ada.nonce_hash).await, Claim::Foreign);
    assert_eq!(as_whom(&name, Purpose::Register, ada.nonce_hash).await, Claim::Foreign);
    // Without the nonce one does not even hear whose it is.
    assert_eq!(as_whom(&stranger, Purpose::Verify, hash()).await, Claim::Spent);
    assert_eq!(count(&client, "liveness_frames").await, 0);
    let mine = as_whom(&name, Purpose::Verify, ada.nonce_hash).await;
    let Claim::Claimed { challenge, .. } = mine else { panic!("{mine:?}") };
    assert_eq!(challenge.attempts_left, MAX_ATTEMPTS - 1);
    assert_eq!(count(&client, "liveness_frames").await, 1);
}

#[tokio::test]
async fn of_fifty_claims_at_once_one_wins() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let open = opened(&store, Binding::default()).await;
    let digests: Vec<[u8; 32]> = (0..12).map(|_| hash()).collect();
    // Keeps the first ones back, so that they all come to the row before it changes.
    let (client, observer) = (database.client().await, database.client().await);
    client.batch_execute("BEGIN; SELECT FROM liveness_sessions FOR UPDATE").await.unwrap();
    let claims = (0..50).map(|_| {
        let (store, digests) = (store.clone(), digests.clone());
        tokio::spawn(async move { claim(&store, open.id, open.nonce_hash, &digests, 1).await })
    });
    let claims: Vec<_> = claims.collect();
    until_waiting(&observer, 2).await;
    client.batch_execute("COMMIT").await.unwrap();
    let mut won = 0;
    for answer in claims {
        match answer.await.unwrap() {
            Claim::Claimed { challenge, replayed } => {
                assert_eq!((challenge.attempts_left, replayed), (MAX_ATTEMPTS - 1, 0));
                won += 1;
            }
            other => assert_eq!(other, Claim::Spent),
        }
    }
    assert_eq!(won, 1);
    assert_eq!(count(&client, "liveness_frames").await, 12);
    assert_eq!(count(&client, "liveness_sessions WHERE attempts_left = 2").await, 1);
}

#[tokio::test]
async fn every_attempt_has_a_nonce_and_steps_of_its_own() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let open = opened(&store, Binding::default()).await;
    let renew = async |nonce, seconds| {
        let steps = Challenge::from_steps(vec![Action::MoveCloser, Action::TurnRight]);
        store.renew_liveness_session(open.id, nonce, &steps, at(seconds)).await.unwrap()
    };
    assert!(!renew(hash(), 1).await, "the first nonce is still good");

    let mut nonce = open.nonce_hash;
    for left in (0..MAX_ATTEMPTS).rev() {
        let claimed = claim(&store, open.id, nonce, &[], 2).await;
        let Claim::Claimed { challenge, .. } = claimed else { panic!("{claimed:?}") };
        assert_eq!(challenge.attempts_left, left);
        if left < MAX_ATTEMPTS - 1 {
            assert_eq!(challenge.challenge.steps(), [Action::MoveCloser, Action::TurnRight]);
            assert_eq!(challenge.issued_at, at(3));
            assert_eq!(challenge.expires_at, open.expires_at);
        }
        nonce = hash();
        assert!(!renew(nonce, SESSION_TTL.num_seconds()).await, "expired");
        assert_eq!(renew(nonce, 3).await, left > 0);
        if left > 0 {
            assert!(!renew(hash(), 3).await, "the next nonce is out");
        }
    }
    assert_eq!(claim(&store, open.id, nonce, &[], 4).await, Claim::Spent);
    let gone = Challenge::from_steps(vec![Action::TurnLeft]);
    assert!(!store.renew_liveness_session(Uuid::new_v4(), hash(), &gone, at(1)).await.unwrap());
}

#[tokio::test]
async fn frames_are_recognised_in_whatever_session() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let client = database.client().await;
    let [a, b, c, d] = [hash(), hash(), hash(), hash()];

    // A claim that fails remembers nothing.
    let open = opened(&store, Binding::default()).await;
    assert_eq!(claim(&store, open.id, hash(), &[a, b], 1).await, Claim::Spent);
    assert_eq!(claim(&store, open.id, open.nonce_hash, &[a, b], 999).await, Claim::Expired);
    assert_eq!(count(&client, "liveness_frames").await, 0);

    assert_eq!(replayed(&store, &[]).await, 0);
    // A frame that stands in one capture twice is no replay of another one.
    assert_eq!(replayed(&store, &[b, a, b]).await, 0);
    assert_eq!(replayed(&store, &[c, a]).await, 1);
    assert_eq!(replayed(&store, &[a, b, c, a]).await, 3);
    assert_eq!(replayed(&store, &[d]).await, 0);
    assert_eq!(count(&client, "liveness_frames").await, 4);
}

#[tokio::test]
async fn an_attempt_that_the_service_failed_at_is_given_back_once() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let client = database.client().await;
    let (digests, other) = ([hash(), hash()], hash());
    assert_eq!(replayed(&store, &[other]).await, 0);
    let open = opened(&store, Binding::default()).await;
    let claimed = claim(&store, open.id, open.nonce_hash, &digests, 1).await;
    let Claim::Claimed { challenge, .. } = claimed else { panic!("{claimed:?}") };

    let nonce = open.nonce_hash;
    assert!(store.unclaim_liveness_session(&challenge, nonce, &digests).await.unwrap());
    assert!(!store.unclaim_liveness_session(&challenge, nonce, &digests).await.unwrap());
    assert_eq!(count(&client, "liveness_frames").await, 1, "the other capture's");
    // All is as before: the same nonce, as many attempts, and no replay.
    let again = claim(&store, open.id, nonce, &digests, 2).await;
    assert_eq!(again, Claim::Claimed { challenge: challenge.clone(), replayed: 0 });

    // A session that has gone on is left alone.
    let steps = Challenge::from_steps(vec![Action::MoveCloser, Action::TurnRight]);
    assert!(store.renew_liveness_session(open.id, hash(), &steps, at(3)).await.unwrap());
    assert!(!store.unclaim_liveness_session(&challenge, nonce, &digests).await.unwrap());
    assert_eq!(count(&client, "liveness_frames").await, 3);
}

/// The same frames in opposite orders, held back in the middle: had each taken the half it
/// came with first, both would now wait for the other.
#[tokio::test]
async fn common_frames_make_no_deadlock() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let mut digests: Vec<[u8; 32]> = (0..40).map(|_| hash()).collect();
    digests.sort_unstable();
    let (client, observer) = (database.client().await, database.client().await);
    let middle = "INSERT INTO liveness_frames VALUES ($1, now())";
    client.batch_execute("BEGIN").await.unwrap();
    client.execute(middle, &[&&digests[20][..]]).await.unwrap();
    let mut claims = Vec::new();
    for _ in 0..2 {
        digests.reverse();
        let (store, digests) = (store.clone(), digests.clone());
        claims.push(tokio::spawn(async move { replayed(&store, &digests).await }));
    }
    until_waiting(&observer, 2).await;
    client.batch_execute("ROLLBACK").await.unwrap();
    let mut found = Vec::new();
    for claim in claims {
        found.push(claim.await.unwrap());
    }
    found.sort_unstable();
    assert_eq!(found, [0, 40]);
}

#[tokio::test]
async fn the_sweep_takes_each_row_in_its_time() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let open = opened(&store, Binding::default()).await;
    claim(&store, open.id, open.nonce_hash, &[], 1).await;

    let end = open.expires_at + LIVENESS_SESSION_RETENTION;
    let instant = chrono::TimeDelta::microseconds(1);
    assert_eq!(store.sweep(end - instant).await.rows, 0);
    let late = claim(&store, open.id, open.nonce_hash, &[], 300).await;
    assert_eq!(late, Claim::Expired);
    assert_eq!(store.sweep(end).await.rows, 1);
    assert_eq!(claim(&store, open.id, open.nonce_hash, &[], 999).await, Claim::Unknown);
}

/// What the domain cannot read does not get in, and what was made unreadable is an error.
#[tokio::test]
async fn rows_hold_known_words_only() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let client = database.client().await;
    let open = opened(&store, bound_to("ada")).await;
    let refused = [
        ("steps = '{}'", "liveness_sessions_steps_known"),
        ("steps = '{jump}'", "liveness_sessions_steps_known"),
        ("steps = '{turn_left,NULL}'", "liveness_sessions_steps_known"),
        ("kinds = '{blink}'", "liveness_sessions_kinds_known"),
        ("purpose = 'pay'", "liveness_sessions_purpose_known"),
        ("nonce_hash = 'short'", "liveness_sessions_nonce_length"),
        ("attempts_left = 0", "liveness_sessions_attempts_remain"),
    ];
    for (change, constraint) in refused {
        let error = client.batch_execute(&format!("UPDATE liveness_sessions SET {change}")).await;
        let error = error.unwrap_err();
        assert_eq!(error.as_db_error().unwrap().constraint(), Some(constraint), "{change}");
    }
    let none_left = NewSession { attempts_left: 0, ..session(Binding::default()) };
    let refused = store.open_liveness_session(&none_left).await;
    assert!(matches!(refused, Err(StoreError::Database(_))), "{refused:?}");

    client.batch_execute("UPDATE liveness_sessions SET username = 'a b'").await.unwrap();
    let unreadable =
        store.claim_liveness_session(open.id, open.nonce_hash, None, &[hash()], at(1)).await;
    let message = unreadable.unwrap_err().to_string();
    assert_eq!(message, "the database failed: a row holds a malformed username");
    assert_eq!(count(&client, "liveness_sessions WHERE nonce_hash IS NULL").await, 0);
    assert_eq!(count(&client, "liveness_frames").await, 0);
}

#[tokio::test]
async fn the_audit_trail_takes_liveness() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let failed = attempt(None, AttemptKind::Liveness, AttemptOutcome::LivenessFailed);
    store.record_attempt(&failed).await.unwrap();
    let client = database.client().await;
    let recorded = "attempts WHERE kind = 'liveness' AND outcome = 'liveness_failed'";
    assert_eq!(count(&client, recorded).await, 1);
}
