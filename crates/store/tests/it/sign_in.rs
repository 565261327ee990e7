//! The audit trail and sign-ins.

use faceauth_domain::attempt::{AttemptKind, AttemptOutcome};
use faceauth_domain::failures::FailurePolicy;
use faceauth_domain::user::UserId;
use faceauth_store::failures::Admission;
use faceauth_store::rotate::Rotation;
use faceauth_store::sign_in::SignIn;
use faceauth_test_support::database::TestDatabase;
use uuid::Uuid;

use crate::support::{
    accepted, at, attempt, count, enrolment, hash, refresh, sign_in, until_waiting,
};

const KINDS: [AttemptKind; 5] = AttemptKind::ALL;
const OUTCOMES: [AttemptOutcome; 10] = AttemptOutcome::ALL;

/// The schema's lists of words are the domain's.
#[tokio::test]
async fn every_kind_and_outcome_is_stored_and_no_other() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    for kind in KINDS {
        for outcome in OUTCOMES {
            store.record_attempt(&attempt(None, kind, outcome)).await.unwrap();
        }
    }
    let client = database.client().await;
    assert_eq!(count(&client, "attempts").await as usize, KINDS.len() * OUTCOMES.len());
    for column in ["kind", "outcome"] {
        let forged = format!("UPDATE attempts SET {column} = 'other'");
        let error = client.batch_execute(&forged).await.unwrap_err();
        let constraint = error.as_db_error().and_then(|e| e.constraint()).unwrap().to_owned();
        assert_eq!(constraint, format!("attempts_{column}_known"));
    }
}

#[tokio::test]
async fn an_attempt_on_an_erased_account_is_kept_without_it() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let gone = Some(UserId(Uuid::now_v7()));
    let refused = attempt(gone, AttemptKind::Verify, AttemptOutcome::NonMatch);
    store.record_attempt(&refused).await.unwrap();
    let client = database.client().await;
    assert_eq!(count(&client, "attempts WHERE user_id IS NULL").await, 1);
}

#[tokio::test]
async fn a_sign_in_is_recorded_with_its_token_or_not_at_all() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let client = database.client().await;
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    let token = refresh(ada.user.id);
    assert!(store.record_sign_in(&sign_in(&ada, &accepted(ada.user.id), &token)).await.unwrap());
    let rotated = store
        .rotate_refresh_token(token.token_hash, hash(), at(1), at(2), crate::support::LONGEST, None)
        .await;
    assert!(matches!(rotated, Ok(Rotation::Rotated(_))), "{rotated:?}");

    let before = crate::support::total_rows(&client).await;
    // The same token again: the attempt goes with it.
    assert!(store.record_sign_in(&sign_in(&ada, &accepted(ada.user.id), &token)).await.is_err());
    // Erased while the picture was looked at: nobody is signed in.
    let gone = UserId(Uuid::now_v7());
    assert!(!store.record_sign_in(&sign_in(&ada, &accepted(gone), &refresh(gone))).await.unwrap());
    assert_eq!(crate::support::total_rows(&client).await, before);
}

/// A statement sees the database as it was before it waited for a lock. Here it waits.
#[tokio::test]
async fn what_is_removed_while_a_sign_in_waits_refuses_it() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let (client, remover) = (database.client().await, database.client().await);
    let removals = [
        ("nothing", "SELECT 1", true),
        ("consent", "UPDATE consents SET withdrawn_at = now() WHERE user_id = $person", false),
        ("face", "DELETE FROM templates WHERE user_id = $person", false),
        ("account", "DELETE FROM users WHERE id = $person", false),
    ];
    for (name, removal, stands) in removals {
        let person = enrolment(name);
        let user = person.user.id;
        store.enrol(&person).await.unwrap();
        let admission = store.begin_attempt(name, None, &[], &FailurePolicy::DEFAULT, at(0)).await;
        let Admission::Begun(begun, _) = admission.unwrap() else { panic!("{name} has to wait") };
        let id = format!("'{}'::uuid", user.0);
        let lock = format!("BEGIN; SELECT FROM users WHERE id = {id} FOR NO KEY UPDATE");
        remover.batch_execute(&lock).await.unwrap();
        remover.batch_execute(&removal.replace("$person", &id)).await.unwrap();

        let (attempt, token) = (accepted(user), refresh(user));
        let waiting = SignIn { begun: Some(&begun), ..sign_in(&person, &attempt, &token) };
        let commit = async {
            until_waiting(&client, 1).await;
            remover.batch_execute("COMMIT").await.unwrap();
        };
        let (recorded, ()) = tokio::join!(store.record_sign_in(&waiting), commit);
        assert_eq!(recorded.unwrap(), stands, "{name}");
        let written = i64::from(stands);
        let of = |table: &str, kind: &str| format!("{table} WHERE user_id = {id} {kind}");
        let lines = count(&client, &of("attempts", "AND kind = 'verify'")).await;
        assert_eq!(lines, written, "{name}");
        let enrolled = person.refresh.as_ref().unwrap().session;
        let others = of("refresh_tokens", &format!("AND session <> '{enrolled}'"));
        assert_eq!(count(&client, &others).await, written, "{name}");
        let counted = count(&client, &format!("failures WHERE username_key = '{name}'")).await;
        assert_eq!(counted, 1 - written, "{name}");
    }
}
