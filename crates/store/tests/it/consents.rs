//! Consent, and the races with what depends on it.

use faceauth_domain::template::MAX_TEMPLATES_PER_USER as MOST;
use faceauth_store::templates::AddFaceError;
use faceauth_test_support::database::TestDatabase;

use crate::support::{add_face_attempt, at, count, enrolment, model, template, until_waiting};

#[tokio::test]
async fn a_face_that_races_with_a_withdrawal_does_not_stay() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    let (id, mut client) = (ada.user.id, database.client().await);
    let locked = client.transaction().await.unwrap();
    let lock = format!("SELECT FROM users WHERE id = '{id}' FOR UPDATE");
    locked.batch_execute(&lock).await.unwrap();
    let withdraw = tokio::spawn({
        let store = store.clone();
        async move { store.withdraw_consent(id, at(5)).await }
    });
    let observer = database.client().await;
    until_waiting(&observer, 1).await;
    let add = tokio::spawn({
        let store = store.clone();
        async move { store.add_face(id, &template(&model(), 9), &add_face_attempt(id), MOST).await }
    });
    until_waiting(&observer, 2).await;
    locked.rollback().await.unwrap();
    assert!(withdraw.await.unwrap().unwrap());
    assert!(matches!(add.await.unwrap(), Err(AddFaceError::ConsentWithdrawn)));
    assert_eq!(count(&observer, "templates").await, 0);

    assert!(store.grant_consent(id, "2", at(6)).await.unwrap());
    store.add_face(id, &template(&model(), 9), &add_face_attempt(id), MOST).await.unwrap();
    let export = store.export(id).await.unwrap().unwrap();
    assert_eq!((export.consents.len(), export.faces.len()), (2, 1));
    assert_eq!(export.consents[0].withdrawn_at, Some(at(5)));

    store.erase_user(id).await.unwrap();
    assert!(!store.grant_consent(id, "3", at(7)).await.unwrap());
    assert!(!store.withdraw_consent(id, at(7)).await.unwrap());
    assert!(store.export(id).await.unwrap().is_none());
}
