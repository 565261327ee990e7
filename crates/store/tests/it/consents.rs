//! Consent, and the races with what depends on it.

use faceauth_store::account::{AccountError, EnrolmentRight, TokenSession};
use faceauth_store::faces::AddFaceError;
use faceauth_store::sign_in::{FaceAlone, SignIn};
use faceauth_test_support::database::TestDatabase;

use crate::support::{
    accepted, add_face_by, at, count, enrolment, enrolment_token, model, refresh, session_of,
    template, until_waiting,
};

#[tokio::test]
async fn a_face_that_races_with_a_withdrawal_does_not_stay() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    let (id, mut client) = (ada.user.id, database.client().await);
    let session = session_of(&ada);
    let locked = client.transaction().await.unwrap();
    let lock = format!("SELECT FROM users WHERE id = '{id}' FOR UPDATE");
    locked.batch_execute(&lock).await.unwrap();
    let withdraw = tokio::spawn({
        let store = store.clone();
        async move { store.account(session).withdraw_consent(at(5)).await }
    });
    let observer = database.client().await;
    until_waiting(&observer, 1).await;
    let add = tokio::spawn({
        let store = store.clone();
        async move {
            add_face_by(&store, EnrolmentRight::Session(session), &template(&model(), 9)).await
        }
    });
    until_waiting(&observer, 2).await;
    locked.rollback().await.unwrap();
    withdraw.await.unwrap().unwrap();
    assert!(matches!(add.await.unwrap(), Err(AddFaceError::SessionOver)));
    assert_eq!(count(&observer, "templates").await, 0);

    // The way back is a reset; consent comes before the face.
    let token = enrolment_token();
    store.reset_account("ada", &token, at(6)).await.unwrap();
    let right = EnrolmentRight::Token { user: id, id: token.id };
    let add = async || add_face_by(&store, right, &template(&model(), 9)).await;
    assert!(matches!(add().await, Err(AddFaceError::ConsentWithdrawn)));
    store.enrolling(right).grant_consent("2", at(6)).await.unwrap();
    add().await.unwrap();
    let again = refresh(id);
    let [face] = &store.reference("ada", &[&model()]).await.unwrap().unwrap().templates[..] else {
        panic!("one face");
    };
    let (attempt, matched) = (accepted(id), face.id);
    let signed_in = SignIn {
        attempt: &attempt,
        refresh: &again,
        matched,
        begun: None,
        upgrade: None,
        alone: FaceAlone::UnlessPasskey,
    };
    assert!(store.record_sign_in(&signed_in).await.unwrap());
    let account = store.account(TokenSession { user: id, id: again.session });
    let export = account.export().await.unwrap();
    assert_eq!((export.consents.len(), export.faces.len()), (2, 1));
    assert_eq!(export.consents[0].withdrawn_at, Some(at(5)));

    account.erase(at(9)).await.unwrap();
    let over = |outcome| assert!(matches!(outcome, Err(AccountError::SessionOver)), "{outcome:?}");
    over(store.enrolling(right).grant_consent("3", at(7)).await);
    over(account.withdraw_consent(at(7)).await);
    over(account.export().await.map(drop));
}
