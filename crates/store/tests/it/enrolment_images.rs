//! Sealed pictures of enrolled faces: what they are good for, and that they go.

use chrono::TimeDelta;
use faceauth_domain::embedding::ModelId;
use faceauth_store::retire::Retention;
use faceauth_test_support::database::TestDatabase;
use uuid::Uuid;

use crate::support::{anybody, at, count, enrolment, image, model, session_of, template};

const IMAGES: &str = "enrolment_images";

fn next_model() -> ModelId {
    ModelId::new("matcher-2")
}

#[tokio::test]
async fn each_is_embedded_anew_once_and_follows_its_template() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    assert_eq!(store.old_images(&model()).await.unwrap(), 0);
    assert!(store.next_old_images(&model(), Uuid::nil()).await.unwrap().is_empty());
    assert_eq!(store.old_images(&next_model()).await.unwrap(), 2);
    let images = store.next_old_images(&next_model(), Uuid::nil()).await.unwrap();
    let mut bytes: Vec<&[u8]> = images.iter().map(|old| old.image.bytes()).collect();
    bytes.sort_unstable();
    assert_eq!(bytes, [image(1).bytes(), image(2).bytes()]);
    let rest = store.next_old_images(&next_model(), images[0].id).await.unwrap();
    assert_eq!(rest.iter().map(|old| old.id).collect::<Vec<_>>(), [images[1].id]);

    let mut new = template(&next_model(), 9);
    new.image = None;
    assert!(store.embed_anew(&images[0], &new, &anybody()).await.unwrap());
    let again = template(&next_model(), 8);
    assert!(!store.embed_anew(&images[0], &again, &anybody()).await.unwrap(), "it has been done");
    assert_eq!(store.old_images(&next_model()).await.unwrap(), 1);
    let reference = store.reference("ada", &[&next_model()]).await.unwrap().unwrap();
    assert_eq!(reference.templates.len(), 1);

    let account = store.account(session_of(&ada));
    // It belongs to the new template now, and goes with that.
    assert!(account.remove_face(ada.templates[0].id, at(9)).await.unwrap());
    assert!(account.remove_face(ada.templates[1].id, at(9)).await.unwrap());
    assert_eq!(count(&client, IMAGES).await, 1);
    assert!(account.remove_face(new.id, at(9)).await.unwrap());
    assert_eq!(count(&client, IMAGES).await, 0);
}

#[tokio::test]
async fn withdrawn_consent_takes_them_and_makes_no_template() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    let images = store.next_old_images(&next_model(), Uuid::nil()).await.unwrap();
    store.account(session_of(&ada)).withdraw_consent(at(1)).await.unwrap();
    assert_eq!(count(&client, IMAGES).await, 0);
    assert!(!store.embed_anew(&images[0], &template(&next_model(), 9), &anybody()).await.unwrap());
    assert_eq!(count(&client, "templates").await, 0);
}

#[tokio::test]
async fn they_go_after_their_time_and_all_of_them_when_none_are_kept() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    store.enrol(&enrolment("ada")).await.unwrap();
    let kept = |days: Option<i64>| Retention {
        inactive_account: None,
        attempt: TimeDelta::days(999),
        old_template: TimeDelta::days(999),
        enrolment_image: days.map(TimeDelta::days),
    };
    let retire = async |days, now| store.retire(&kept(days), &model(), now).await.images;
    // They were taken at 1 and 2 seconds.
    let day = 86_400;
    assert_eq!(retire(Some(1), at(day)).await, 0);
    assert_eq!(retire(Some(1), at(day + 1)).await, 1);
    assert_eq!(count(&client, IMAGES).await, 1);
    assert_eq!(retire(None, at(3)).await, 1);
    assert_eq!(count(&client, "templates").await, 2);
}
