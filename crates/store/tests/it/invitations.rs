//! Invitations: one a name, each used up by one enrolment.

use std::sync::Arc;

use faceauth_store::Store;
use faceauth_store::enrol::{EnrolError, Enrolment};
use faceauth_store::invite::{INVITATION_RETENTION, Invitation, NewInvitation};
use faceauth_store::replay::Idempotency;
use faceauth_test_support::database::TestDatabase;
use tokio::sync::Barrier;

use crate::support::{at, count, enrolment, hash, session_of};

/// When the invitations of these tests end: an enrolment of them is at `at(0)`.
const END: i64 = 60;

pub fn invitation(username: &str) -> NewInvitation {
    NewInvitation {
        secret_hash: hash(),
        invitation: Invitation {
            username: username.parse().unwrap(),
            made_by: Some("abcd2345".into()),
            created_at: at(-60),
            expires_at: at(END),
        },
    }
}

fn invited(username: &str, by: &NewInvitation) -> Enrolment {
    Enrolment { invitation: Some(by.secret_hash), ..enrolment(username) }
}

async fn is_refused(store: &Store, enrolment: &Enrolment) -> bool {
    matches!(store.enrol(enrolment).await, Err(EnrolError::Invitation))
}

#[tokio::test]
async fn an_invitation_enrols_once_and_only_its_name() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    let ada = invitation("Ada");
    assert!(store.invite(&ada).await.unwrap());
    assert_eq!(store.invitation(&ada.secret_hash).await.unwrap(), Some(ada.invitation.clone()));
    assert_eq!(store.invitation(&hash()).await.unwrap(), None);
    assert!(is_refused(&store, &invited("grace", &ada)).await, "of another name");
    assert!(is_refused(&store, &invited("ada", &invitation("ada"))).await, "never made");
    assert_eq!(count(&client, "users").await, 0);
    assert_eq!(count(&client, "invitations").await, 1, "what is refused uses nothing up");

    store.enrol(&invited("ADA", &ada)).await.unwrap();
    assert_eq!(count(&client, "invitations").await, 0);
    assert!(is_refused(&store, &invited("ada", &ada)).await, "used");
    assert!(!store.invite(&invitation("aDa")).await.unwrap(), "the name has an account");
}

#[tokio::test]
async fn the_end_of_an_invitation_counts_in_the_transaction() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let ada = invitation("ada");
    store.invite(&ada).await.unwrap();
    let mut late = invited("ada", &ada);
    late.user.created_at = at(END);
    assert!(is_refused(&store, &late).await);
    late.user.created_at = at(END - 1);
    store.enrol(&late).await.unwrap();
}

#[tokio::test]
async fn the_next_invitation_for_a_name_takes_the_place_of_the_last() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    let [first, mut second] = ["ada", "ADA"].map(invitation);
    second.invitation.made_by = None;
    for one in [&first, &second] {
        assert!(store.invite(one).await.unwrap());
    }
    assert_eq!(count(&client, "invitations").await, 1);
    assert_eq!(store.invitation(&first.secret_hash).await.unwrap(), None);
    assert_eq!(store.invitations().await.unwrap(), [second.invitation.clone()]);
    assert!(is_refused(&store, &invited("ada", &first)).await);
    store.enrol(&invited("ada", &second)).await.unwrap();

    store.invite(&invitation("grace")).await.unwrap();
    assert!(store.revoke_invitation("grace").await.unwrap());
    assert!(!store.revoke_invitation("grace").await.unwrap());
}

/// A service may enrol somebody who was invited as well.
#[tokio::test]
async fn an_enrolment_without_an_invitation_leaves_none_for_its_name() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    store.invite(&invitation("ada")).await.unwrap();
    store.invite(&invitation("grace")).await.unwrap();
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    let left = store.invitations().await.unwrap();
    assert_eq!(left.iter().map(|one| one.username.as_str()).collect::<Vec<_>>(), ["grace"]);
    // One that was made beside goes with the account.
    let made = "INSERT INTO invitations (secret_hash, username, created_at, expires_at) \
                VALUES (sha256('x'), 'Ada', now(), now() + interval '1 day')";
    client.batch_execute(made).await.unwrap();
    store.account(session_of(&ada)).erase(at(9)).await.unwrap();
    assert_eq!(count(&client, "invitations").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_enrolments_at_two_replicas_one_uses_the_invitation() {
    let database = TestDatabase::create().await;
    let replicas = [database.store().await, database.store().await];
    let ada = invitation("ada");
    replicas[0].invite(&ada).await.unwrap();
    let together = Arc::new(Barrier::new(50));
    let tries: Vec<_> = (0..50)
        .map(|number| {
            let (store, together) = (replicas[number % 2].clone(), Arc::clone(&together));
            let enrolment = invited("ada", &ada);
            tokio::spawn(async move {
                together.wait().await;
                store.enrol(&enrolment).await
            })
        })
        .collect();
    let mut outcomes = Vec::new();
    for one in tries {
        outcomes.push(one.await.unwrap());
    }
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let refused = |outcome: &&Result<_, _>| matches!(outcome, Err(EnrolError::Invitation));
    assert_eq!(outcomes.iter().filter(refused).count(), 49, "{outcomes:?}");
    assert_eq!(count(&database.client().await, "users").await, 1);
}

#[tokio::test]
async fn the_same_request_again_learns_of_its_key_and_not_of_the_invitation() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let ada = invitation("ada");
    store.invite(&ada).await.unwrap();
    let key = Idempotency { key_hash: hash(), request_digest: hash() };
    let with_key = || Enrolment { idempotency: Some(key.clone()), ..invited("ada", &ada) };
    store.enrol(&with_key()).await.unwrap();
    assert!(matches!(store.enrol(&with_key()).await, Err(EnrolError::KeyUsed)));
}

#[tokio::test]
async fn an_invitation_stays_known_for_a_while_after_its_end() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    let ada = invitation("ada");
    store.invite(&ada).await.unwrap();
    let forgotten = at(END) + INVITATION_RETENTION;
    store.sweep(forgotten - chrono::TimeDelta::seconds(1)).await;
    assert!(store.invitation(&ada.secret_hash).await.unwrap().is_some());
    store.sweep(forgotten).await;
    assert_eq!(count(&client, "invitations").await, 0);
}
