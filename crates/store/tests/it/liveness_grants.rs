//! Passed captures: granted, redeemed once, and opened nowhere else.

use faceauth_domain::challenge::Binding;
use faceauth_store::liveness::{Claim, Grant, NewGrant, NewSession};
use faceauth_store::seal::{SealError, SealKeys, Sealer, generate_seal_key_line};
use faceauth_store::{Store, StoreError};
use faceauth_test_support::database::TestDatabase;

use crate::support::{
    at, bound_to, count, embedding, enrolment, grant, hash, model, session, until_waiting,
};

/// Opens a session and claims it.
async fn claimed(store: &Store, binding: Binding) -> NewSession {
    let session = session(binding);
    store.open_liveness_session(&session).await.unwrap();
    let claim =
        store.claim_liveness_session(session.id, session.nonce_hash, None, &[], at(1)).await;
    assert!(matches!(claim, Ok(Claim::Claimed { .. })), "{claim:?}");
    session
}

/// Opens a session, claims it and stores that it passed.
async fn granted(store: &Store, binding: Binding) -> NewGrant {
    let grant = grant(&claimed(store, binding).await);
    assert!(store.grant_liveness(&grant).await.unwrap());
    grant
}

async fn redeem(store: &Store, grant: &NewGrant, seconds: i64) -> Option<Grant> {
    store.redeem_liveness(grant.token_hash, at(seconds)).await.unwrap()
}

#[tokio::test]
async fn a_grant_is_redeemed_once_as_it_was_given() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    for seed in 0..8 {
        let mut given = grant(&claimed(&store, bound_to("Ada")).await);
        given.face = embedding(&model(), seed);
        assert!(store.grant_liveness(&given).await.unwrap());
        let got = redeem(&store, &given, 59).await.unwrap();
        assert_eq!(got.session, given.session);
        assert_eq!(got.binding, given.binding);
        assert_eq!(got.assurance, given.assurance);
        assert_eq!(got.face.model(), given.face.model());
        assert_eq!(got.face.values(), given.face.values());
        assert!(redeem(&store, &given, 59).await.is_none());
    }
    assert!(store.redeem_liveness(hash(), at(1)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_grant_that_came_too_late_is_gone() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let late = granted(&store, Binding::default()).await;
    assert!(redeem(&store, &late, 60).await.is_none());
    let client = database.client().await;
    assert_eq!(count(&client, "liveness_grants").await, 0);
}

#[tokio::test]
async fn a_session_passes_once_and_is_over_then() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let open = session(Binding::default());
    assert!(!store.grant_liveness(&grant(&open)).await.unwrap(), "no such session");
    store.open_liveness_session(&open).await.unwrap();
    assert!(!store.grant_liveness(&grant(&open)).await.unwrap(), "its nonce is not spent");

    let passed = claimed(&store, Binding::default()).await;
    let first = grant(&passed);
    assert!(store.grant_liveness(&first).await.unwrap());
    assert!(!store.grant_liveness(&grant(&passed)).await.unwrap(), "it has one");
    let renewed =
        store.renew_liveness_session(passed.id, hash(), &passed.challenge, at(2)).await.unwrap();
    assert!(!renewed);
    assert!(redeem(&store, &first, 3).await.is_some());
}

#[tokio::test]
async fn of_two_who_redeem_one_grant_one_gets_it() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let given = granted(&store, Binding::default()).await;
    let (client, observer) = (database.client().await, database.client().await);
    client.batch_execute("BEGIN; SELECT FROM liveness_grants FOR UPDATE").await.unwrap();
    let redeemed = (0..2).map(|_| {
        let (store, given) = (store.clone(), given.clone());
        tokio::spawn(async move { redeem(&store, &given, 2).await.is_some() })
    });
    let redeemed: Vec<_> = redeemed.collect();
    until_waiting(&observer, 2).await;
    client.batch_execute("COMMIT").await.unwrap();
    let mut got = 0;
    for redeemed in redeemed {
        got += usize::from(redeemed.await.unwrap());
    }
    assert_eq!(got, 1);
}

/// Somebody who can write to the database moves a face about. It opens nowhere else, and
/// nothing can be tried twice.
#[tokio::test]
async fn a_moved_or_changed_grant_does_not_open() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let client = database.client().await;
    let other = claimed(&store, Binding::default()).await;
    store.enrol(&enrolment("mallory")).await.unwrap();
    let attacks = [
        (SealError::Tampered, format!("session = '{}'", other.id)),
        (SealError::Malformed, "sealed = (SELECT sealed FROM templates LIMIT 1)".to_owned()),
        (SealError::Tampered, "model_id = 'matcher-2'".to_owned()),
        (SealError::Tampered, "sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1)".to_owned()),
        (SealError::Malformed, "sealed = set_byte(sealed, 0, 9)".to_owned()),
    ];
    for (expected, attack) in attacks {
        let given = granted(&store, Binding::default()).await;
        client.batch_execute(&format!("UPDATE liveness_grants SET {attack}")).await.unwrap();
        match store.redeem_liveness(given.token_hash, at(2)).await {
            Err(StoreError::Sealing(error)) => assert_eq!(error, expected, "{attack}"),
            other => panic!("{attack}: {other:?}"),
        }
        assert!(redeem(&store, &given, 2).await.is_none());
    }
}

/// An operator has taken the key away within the minute.
#[tokio::test]
async fn a_grant_whose_key_is_gone_is_over() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let given = granted(&store, Binding::default()).await;
    let line = generate_seal_key_line("next").unwrap();
    let later = database.store_with(Sealer::new(SealKeys::parse(&line).unwrap())).await;
    assert!(redeem(&later, &given, 2).await.is_none());
    // Used up, like one that is too late.
    assert!(redeem(&store, &given, 2).await.is_none());
    assert_eq!(count(&database.client().await, "liveness_grants").await, 0);
}

#[tokio::test]
async fn a_face_cannot_be_redeemed_with_the_token_of_another() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let client = database.client().await;
    let (mine, theirs) =
        (granted(&store, Binding::default()).await, granted(&store, Binding::default()).await);
    let gone = "DELETE FROM liveness_grants WHERE token_hash = $1";
    client.execute(gone, &[&&mine.token_hash[..]]).await.unwrap();
    let relabel = "UPDATE liveness_grants SET token_hash = $1";
    client.execute(relabel, &[&&mine.token_hash[..]]).await.unwrap();
    let opened = store.redeem_liveness(mine.token_hash, at(2)).await;
    assert!(matches!(opened, Err(StoreError::Sealing(SealError::Tampered))), "{opened:?}");
    assert!(redeem(&store, &theirs, 2).await.is_none());
}

/// The same face twice makes two rows that are unlike, and neither shows it.
#[tokio::test]
async fn what_is_stored_is_sealed() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let given = granted(&store, Binding::default()).await;
    granted(&store, Binding::default()).await;
    let client = database.client().await;
    let rows = client.query("SELECT sealed FROM liveness_grants", &[]).await.unwrap();
    let sealed: Vec<Vec<u8>> = rows.iter().map(|row| row.get(0)).collect();
    assert_ne!(sealed[0], sealed[1]);
    for bytes in &sealed {
        for value in given.face.values() {
            assert!(!bytes.windows(4).any(|window| window == value.to_le_bytes()));
        }
    }
}

#[tokio::test]
async fn the_sweep_takes_grants_at_once_and_sessions_take_theirs_along() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let client = database.client().await;
    let given = granted(&store, Binding::default()).await;
    assert_eq!(store.sweep(at(59)).await.rows, 0);
    assert_eq!(store.sweep(at(60)).await.rows, 1);
    assert!(redeem(&store, &given, 2).await.is_none());

    granted(&store, Binding::default()).await;
    client.batch_execute("DELETE FROM liveness_sessions").await.unwrap();
    assert_eq!(count(&client, "liveness_grants").await, 0);
}
