//! What is asked under a session that ends at the same moment, and enrolment tokens.

use std::sync::Arc;

use faceauth_domain::template::TemplateId;
use faceauth_store::Store;
use faceauth_store::account::{AccountError, EnrolmentRight};
use faceauth_store::enrol::Enrolment;
use faceauth_store::faces::AddFaceError;
use faceauth_test_support::database::TestDatabase;
use uuid::Uuid;

use crate::support::{
    LONGEST, accepted, add_face, add_face_by, at, count, enrolment, enrolment_token, hash, model,
    refresh, session_of, sign_in, template, total_rows, until_waiting,
};

/// What ends a session.
#[derive(Debug, Clone, Copy)]
enum End {
    AtTheList,
    SignOut,
    Reuse,
    Reset,
    Withdrawal,
    Erasure,
}

impl End {
    const ALL: [Self; 6] =
        [Self::AtTheList, Self::SignOut, Self::Reuse, Self::Reset, Self::Withdrawal, Self::Erasure];

    async fn happen(self, store: &Store, person: &Enrolment) {
        let account = store.account(session_of(person));
        let token = person.refresh.as_ref().unwrap().token_hash;
        match self {
            Self::AtTheList => {
                assert!(account.end_session(session_of(person).id, at(1)).await.unwrap());
            }
            Self::SignOut => {
                assert!(store.revoke_session(token, at(1)).await.unwrap().is_some());
            }
            Self::Reuse => {
                store
                    .rotate_refresh_token(token, hash(), at(1), at(9), LONGEST, None)
                    .await
                    .unwrap();
            }
            Self::Reset => {
                let name = person.user.username.key();
                store.reset_account(&name, &enrolment_token(), at(1)).await.unwrap().unwrap();
            }
            Self::Withdrawal => account.withdraw_consent(at(1)).await.unwrap(),
            Self::Erasure => account.erase(at(9)).await.unwrap(),
        }
    }
}

/// Every change an account holder makes; whether the session was over.
async fn change(which: usize, store: &Store, person: &Enrolment) -> Option<bool> {
    let account = store.account(session_of(person));
    let right = EnrolmentRight::Session(session_of(person));
    let over = |error: AccountError| matches!(error, AccountError::SessionOver);
    Some(match which {
        0 => match add_face(store, person, &template(&model(), 1)).await {
            Err(AddFaceError::SessionOver) => true,
            Ok(()) => false,
            Err(other) => panic!("{other}"),
        },
        1 => account.remove_face(person.templates[0].id, at(9)).await.is_err_and(over),
        2 => account.erase(at(9)).await.is_err_and(over),
        3 => account.withdraw_consent(at(2)).await.is_err_and(over),
        4 => store.enrolling(right).grant_consent("2", at(2)).await.is_err_and(over),
        5 => account.end_session(Uuid::new_v4(), at(2)).await.is_err_and(over),
        _ => return None,
    })
}

#[tokio::test]
async fn no_change_gets_past_an_end_that_comes_first() {
    let database = TestDatabase::create().await;
    let (store, observer) = (database.store().await, database.client().await);
    for end in End::ALL {
        let mut which = 0;
        loop {
            let person = Arc::new(enrolment(&format!("{end:?}.{which}").to_lowercase()));
            store.enrol(&person).await.unwrap();
            if matches!(end, End::Reuse) {
                // So that the next use is the second.
                let used = person.refresh.as_ref().unwrap().token_hash;
                store
                    .rotate_refresh_token(used, hash(), at(0), at(9), LONGEST, None)
                    .await
                    .unwrap();
            }
            let mut client = database.client().await;
            let held = client.transaction().await.unwrap();
            let id = person.user.id;
            let lock = format!("SELECT FROM users WHERE id = '{id}' FOR UPDATE");
            held.batch_execute(&lock).await.unwrap();
            let ends = tokio::spawn({
                let (store, person) = (store.clone(), Arc::clone(&person));
                async move { end.happen(&store, &person).await }
            });
            until_waiting(&observer, 1).await;
            let changes = tokio::spawn({
                let (store, person) = (store.clone(), Arc::clone(&person));
                async move { change(which, &store, &person).await }
            });
            if which < 6 {
                until_waiting(&observer, 2).await;
            }
            held.rollback().await.unwrap();
            ends.await.unwrap();
            match changes.await.unwrap() {
                Some(over) => assert!(over, "{end:?} and change {which}"),
                None => break,
            }
            which += 1;
        }
    }
}

#[tokio::test]
async fn nothing_is_read_under_a_session_that_has_ended() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    for end in End::ALL {
        let person = enrolment(&format!("{end:?}").to_lowercase());
        store.enrol(&person).await.unwrap();
        let account = store.account(session_of(&person));
        let enrolling = store.enrolling(EnrolmentRight::Session(session_of(&person)));
        let reads = async || {
            [
                account.user().await.map(drop),
                account.faces().await.map(drop),
                account.attempts(None, 9).await.map(drop),
                account.export().await.map(drop),
                account.sessions(at(1)).await.map(drop),
                enrolling.owner().await.map(drop),
            ]
        };
        assert!(reads().await.iter().all(Result::is_ok), "{end:?}");
        if matches!(end, End::Reuse) {
            let used = person.refresh.as_ref().unwrap().token_hash;
            store.rotate_refresh_token(used, hash(), at(0), at(9), LONGEST, None).await.unwrap();
            assert!(reads().await.iter().all(Result::is_ok), "a renewed session lives");
        }
        end.happen(&store, &person).await;
        let over = |read: &Result<(), AccountError>| matches!(read, Err(AccountError::SessionOver));
        assert!(reads().await.iter().all(over), "{end:?}: {:?}", reads().await);
    }
}

#[tokio::test]
async fn one_enrolment_token_enrols_one_face_and_a_reset_takes_it_back() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    let reset = async || {
        let token = enrolment_token();
        store.reset_account("ada", &token, at(1)).await.unwrap().unwrap();
        EnrolmentRight::Token { user: ada.user.id, id: token.id }
    };
    let (first, second) = (reset().await, reset().await);
    let add = async |right| add_face_by(&store, right, &template(&model(), 3)).await;
    assert!(matches!(add(first).await, Err(AddFaceError::SessionOver)));
    // It was issued for this account, and for no other.
    let bob = enrolment("bob");
    store.enrol(&bob).await.unwrap();
    let EnrolmentRight::Token { id, .. } = second else { panic!("a token") };
    let foreign = EnrolmentRight::Token { user: bob.user.id, id };
    assert!(matches!(add(foreign).await, Err(AddFaceError::SessionOver)));

    let requests = (0..50).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { add_face_by(&store, second, &template(&model(), 3)).await })
    });
    let mut added = 0;
    for request in requests.collect::<Vec<_>>() {
        match request.await.unwrap() {
            Ok(()) => added += 1,
            Err(AddFaceError::SessionOver) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(added, 1);
    let client = database.client().await;
    assert_eq!(count(&client, "enrolment_tokens").await, 0);
    assert_eq!(count(&client, "attempts WHERE kind = 'add_face'").await, 1);

    // What is never used goes with its time, or with the account.
    reset().await;
    assert_eq!(store.sweep(at(3_599)).await.rows, 0);
    assert_eq!(store.sweep(at(3_600)).await.rows, 1);
    let unused = reset().await;
    client.batch_execute("DELETE FROM users").await.unwrap();
    assert_eq!(count(&client, "enrolment_tokens").await, 0);
    assert!(matches!(add(unused).await, Err(AddFaceError::SessionOver)));
}

#[tokio::test]
async fn a_sign_in_in_flight_does_not_outlive_what_it_rests_on() {
    let database = TestDatabase::create().await;
    let (store, observer) = (database.store().await, database.client().await);
    for end in [End::Reset, End::Withdrawal, End::Erasure] {
        let person = Arc::new(enrolment(&format!("{end:?}").to_lowercase()));
        store.enrol(&person).await.unwrap();
        let id = person.user.id;
        let mut client = database.client().await;
        let held = client.transaction().await.unwrap();
        let lock = format!("SELECT FROM users WHERE id = '{id}' FOR UPDATE");
        held.batch_execute(&lock).await.unwrap();
        let ends = tokio::spawn({
            let (store, person) = (store.clone(), Arc::clone(&person));
            async move { end.happen(&store, &person).await }
        });
        until_waiting(&observer, 1).await;
        let signs_in = tokio::spawn({
            let (store, person) = (store.clone(), Arc::clone(&person));
            async move {
                let (attempt, refresh) = (accepted(id), refresh(id));
                store.record_sign_in(&sign_in(&person, &attempt, &refresh)).await.unwrap()
            }
        });
        until_waiting(&observer, 2).await;
        held.rollback().await.unwrap();
        ends.await.unwrap();
        assert!(!signs_in.await.unwrap(), "{end:?}");
        let live = format!("refresh_tokens WHERE user_id = '{id}' AND revoked_at IS NULL");
        assert_eq!(count(&observer, &live).await, 0, "{end:?}");
    }
}

#[tokio::test]
async fn the_very_face_that_matched_must_be_there() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    assert!(store.account(session_of(&ada)).remove_face(ada.templates[0].id, at(9)).await.unwrap());
    let before = total_rows(&client).await;
    let (attempt, refresh) = (accepted(ada.user.id), refresh(ada.user.id));
    let by = |matched: TemplateId| {
        let sign_in = sign_in(&ada, &attempt, &refresh);
        faceauth_store::sign_in::SignIn { matched, ..sign_in }
    };
    assert!(!store.record_sign_in(&by(ada.templates[0].id)).await.unwrap());
    // Nor somebody else's.
    let bob = enrolment("bob");
    store.enrol(&bob).await.unwrap();
    let enrolled = total_rows(&client).await;
    assert!(!store.record_sign_in(&by(bob.templates[0].id)).await.unwrap());
    assert_eq!(total_rows(&client).await, enrolled);
    assert!(before < enrolled);
    assert!(store.record_sign_in(&by(ada.templates[1].id)).await.unwrap());
}
