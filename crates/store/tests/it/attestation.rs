//! Keys of devices, their counters, and what a device proved.

use faceauth_domain::attempt::{Attempt, AttemptKind, AttemptOutcome};
use faceauth_domain::attestation::{AttestationFinding, AttestationFlaw, Attested};
use faceauth_domain::challenge::Binding;
use faceauth_domain::user::Username;
use faceauth_store::attestation::{ATTESTED_KEY_RETENTION, AttestedKey};
use faceauth_store::liveness::Claim;
use faceauth_store::rotate::Rotation;
use faceauth_test_support::database::TestDatabase;
use futures_util::future::join_all;

use crate::support::{
    LONGEST, accepted, at, attempt, count, enrolment, grant, hash, refresh, session, session_of,
    sign_in,
};

fn key() -> AttestedKey {
    AttestedKey { id: hash(), public_key: vec![4; 65], app: hash(), counter: 0 }
}

fn name(name: &str) -> Username {
    Username::parse(name).unwrap()
}

#[tokio::test]
async fn a_key_is_attested_once_and_its_counter_rises() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let key = key();
    assert_eq!(store.attested_key(key.id).await.unwrap(), None);
    assert!(!store.raise_attested_counter(key.id, 1, None, at(0)).await.unwrap(), "unknown");
    assert!(store.keep_attested_key(&key, None, at(0)).await.unwrap());
    assert_eq!(store.attested_key(key.id).await.unwrap(), Some(key.clone()));
    let again = AttestedKey { public_key: vec![5; 65], ..key.clone() };
    assert!(!store.keep_attested_key(&again, None, at(1)).await.unwrap());
    assert_eq!(store.attested_key(key.id).await.unwrap(), Some(key.clone()), "as it was");
    for (counter, rises) in [(0, false), (3, true), (3, false), (2, false), (u32::MAX, true)] {
        let raised = store.raise_attested_counter(key.id, counter, None, at(2)).await.unwrap();
        assert_eq!(raised, rises, "{counter}");
    }
    let known = store.attested_key(key.id).await.unwrap().unwrap();
    assert_eq!(known, AttestedKey { counter: u32::MAX, ..key });
}

/// At two replicas, which share nothing but the database.
#[tokio::test]
async fn of_fifty_uses_of_one_counter_one_wins() {
    let database = TestDatabase::create().await;
    let replicas = [database.store().await, database.store().await];
    let key = key();
    assert!(replicas[0].keep_attested_key(&key, None, at(0)).await.unwrap());
    let uses = (0..50).map(|n| replicas[n % 2].raise_attested_counter(key.id, 7, None, at(1)));
    let won = join_all(uses).await.into_iter().filter(|won| *won.as_ref().unwrap()).count();
    assert_eq!(won, 1);
    let keeps = [AttestedKey { id: hash(), ..key }];
    let keeps = (0..50).map(|n| replicas[n % 2].keep_attested_key(&keeps[0], None, at(1)));
    let won = join_all(keeps).await.into_iter().filter(|won| *won.as_ref().unwrap()).count();
    assert_eq!(won, 1);
}

#[tokio::test]
async fn a_key_goes_with_the_name_it_last_signed_for() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    let account = store.account(session_of(&ada));
    let (hers, shared, nobodys) = (key(), key(), key());
    store.keep_attested_key(&hers, Some(&name("ADA")), at(0)).await.unwrap();
    store.keep_attested_key(&shared, Some(&name("ada")), at(0)).await.unwrap();
    store.keep_attested_key(&nobodys, None, at(0)).await.unwrap();
    assert_eq!(account.export().await.unwrap().attested_keys, 2);
    // A use without a name changes no name; one for somebody else does.
    store.raise_attested_counter(hers.id, 1, None, at(1)).await.unwrap();
    store.raise_attested_counter(shared.id, 1, Some(&name("bob")), at(1)).await.unwrap();
    assert_eq!(account.export().await.unwrap().attested_keys, 1);
    account.erase(at(9)).await.unwrap();
    assert_eq!(store.attested_key(hers.id).await.unwrap(), None);
    assert!(store.attested_key(shared.id).await.unwrap().is_some());
    assert_eq!(count(&client, "attested_keys").await, 2);
}

#[tokio::test]
async fn a_key_that_is_not_used_is_forgotten() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let (used, unused) = (key(), key());
    for key in [&used, &unused] {
        store.keep_attested_key(key, None, at(0)).await.unwrap();
    }
    store.raise_attested_counter(used.id, 1, None, at(1)).await.unwrap();
    assert_eq!(store.sweep(at(0) + ATTESTED_KEY_RETENTION).await.rows, 1);
    assert_eq!(store.attested_key(unused.id).await.unwrap(), None);
    assert!(store.attested_key(used.id).await.unwrap().is_some());
}

#[tokio::test]
async fn what_a_device_proved_lasts_as_long_as_the_session() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    let (attempt, mut token) = (accepted(ada.user.id), refresh(ada.user.id));
    token.attested = Some(Attested::AndroidStrongBox);
    assert!(store.record_sign_in(&sign_in(&ada, &attempt, &token)).await.unwrap());
    let mut presented = token.token_hash;
    for second in 1..4 {
        let next = hash();
        let rotation = store
            .rotate_refresh_token(presented, next, at(second), at(99), LONGEST, None)
            .await
            .unwrap();
        let Rotation::Rotated(renewed) = rotation else { panic!("{rotation:?}") };
        assert_eq!(renewed.attested, token.attested);
        presented = next;
    }
    let sessions = store.account(session_of(&ada)).export().await.unwrap().sessions;
    let attested = sessions.iter().filter(|session| session.attestation.is_some()).count();
    assert_eq!((sessions.len(), attested), (5, 4));
}

#[tokio::test]
async fn a_grant_and_an_attempt_keep_what_was_found() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let open = session(Binding::default());
    store.open_liveness_session(&open).await.unwrap();
    let claim = store.claim_liveness_session(open.id, open.nonce_hash, None, &[], at(1)).await;
    assert!(matches!(claim, Ok(Claim::Claimed { .. })));
    let grant = grant(&open);
    assert!(store.grant_liveness(&grant).await.unwrap());
    let redeemed = store.redeem_liveness(grant.token_hash, at(2)).await.unwrap().unwrap();
    assert_eq!(redeemed.attested, Some(Attested::AndroidTee));

    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    let refused = Attempt {
        attestation: Some(AttestationFinding::Flawed(AttestationFlaw::Revoked)),
        ..attempt(Some(ada.user.id), AttemptKind::Verify, AttemptOutcome::LivenessFailed)
    };
    store.record_attempt(&refused).await.unwrap();
    let account = store.account(session_of(&ada));
    let newest = account.attempts(None, 1).await.unwrap().remove(0);
    assert_eq!(newest.attestation.as_deref(), Some("revoked"));
}
