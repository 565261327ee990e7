//! Rotation of the deployment's keys, while it serves, and what destroying a person's key does.

use faceauth_store::StoreError;
use faceauth_store::account::EnrolmentRight;
use faceauth_store::reseal::Outdated;
use faceauth_store::seal::{Owner, SealError, SealKeys, Sealer, generate_seal_key_line};
use faceauth_test_support::database::TestDatabase;

use crate::support::{
    add_face, add_face_by, at, count, embedding, enrolment, enrolment_token, model, session_of,
    template,
};

fn line(id: &str) -> String {
    generate_seal_key_line(id).unwrap().to_string()
}

fn sealer(text: &str) -> Sealer {
    Sealer::new(SealKeys::parse(text).unwrap())
}

#[tokio::test]
async fn after_resealing_the_old_key_can_be_forgotten() {
    let database = TestDatabase::create().await;
    let (old, new) = (line("2026"), line("2027"));
    let before = database.store_with(sealer(&old)).await;
    for n in 0..120 {
        before.enrol(&enrolment(&format!("user.{n}"))).await.unwrap();
    }
    let rotating = database.store_with(sealer(&format!("{new}\n{old}"))).await;
    let ada = enrolment("ada");
    rotating.enrol(&ada).await.unwrap();
    assert_eq!(rotating.outdated().await.unwrap(), Outdated { keys: 120, templates: 0 });
    // An interruption between two batches loses nothing.
    assert_eq!(rotating.reseal(at(0)).await.unwrap(), 100);
    assert_eq!(rotating.outdated().await.unwrap().rows(), 20);
    let half = database.store_with(sealer(&new)).await;
    assert!(half.reference("ada", &[&model()]).await.is_ok());
    assert_eq!(rotating.reseal(at(0)).await.unwrap(), 20);
    assert_eq!(rotating.reseal(at(0)).await.unwrap(), 0);
    assert_eq!(rotating.outdated().await.unwrap(), Outdated::default());

    let after = database.store_with(sealer(&new)).await;
    for name in ["ada", "user.0", "user.119"] {
        let reference = after.reference(name, &[&model()]).await.unwrap().unwrap();
        assert_eq!(reference.templates.len(), 2, "{name}");
    }
    let gone = before.reference("user.0", &[&model()]).await;
    assert!(matches!(gone, Err(StoreError::Sealing(SealError::UnknownKey))));
}

#[tokio::test]
async fn people_sign_in_and_enrol_while_keys_are_rotated() {
    let database = TestDatabase::create().await;
    let (old, new) = (line("2026"), line("2027"));
    let store = database.store_with(sealer(&old)).await;
    let people: Vec<_> = (0..40).map(|n| enrolment(&format!("user.{n}"))).collect();
    for person in &people {
        store.enrol(person).await.unwrap();
    }
    // A replica that has been restarted with the new key, and one that only knows of it.
    let replicas = [
        database.store_with(sealer(&format!("{new}\n{old}"))).await,
        database.store_with(sealer(&format!("{old}\n{new}"))).await,
    ];
    let busy = (0..4).map(|worker| {
        let (store, people) = (replicas[worker % 2].clone(), people.clone());
        tokio::spawn(async move {
            for person in people.iter().skip(worker).step_by(2) {
                let name = person.user.username.key();
                let face = template(&model(), 9);
                add_face(&store, person, &face).await.unwrap();
                let reference = store.reference(&name, &[&model()]).await.unwrap().unwrap();
                assert!(reference.templates.iter().any(|t| t.id == face.id));
            }
        })
    });
    let busy: Vec<_> = busy.collect();
    let mut moved = 0;
    while replicas[0].outdated().await.unwrap().rows() > 0 {
        moved += replicas[0].reseal(at(0)).await.unwrap();
    }
    for worker in busy {
        worker.await.unwrap();
    }
    assert_eq!(moved, 40);
    let client = database.client().await;
    assert_eq!(count(&client, "user_keys WHERE key_id = '2027'").await, 40);
}

#[tokio::test]
async fn templates_of_the_first_release_open_and_move_to_a_key_of_their_owner() {
    let database = TestDatabase::create().await;
    let (old, new) = (line("2026"), line("2027"));
    let store = database.store_with(sealer(&format!("{new}\n{old}"))).await;
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    // As it was stored then: sealed by a key of the deployment, and nobody has a key.
    let first = sealer(&old);
    let sealed = first.seal(Owner::Account(ada.user.id), &ada.templates[0].embedding).unwrap();
    let hex: String = sealed.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let client = database.client().await;
    let legacy = format!(
        "DELETE FROM user_keys; DELETE FROM templates WHERE id <> '{0}'; \
         UPDATE templates SET key_id = '2026', sealed = decode('{hex}', 'hex')",
        ada.templates[0].id.0
    );
    client.batch_execute(&legacy).await.unwrap();
    let opens = async || {
        let reference = store.reference("ada", &[&model()]).await.unwrap().unwrap();
        let score = reference.templates[0].embedding.compare(&embedding(&model(), 1)).unwrap();
        assert!(score.value() > 0.999_999);
    };
    opens().await;
    assert_eq!(store.outdated().await.unwrap(), Outdated { keys: 0, templates: 1 });
    assert_eq!(store.reseal(at(0)).await.unwrap(), 1);
    assert_eq!(store.outdated().await.unwrap().rows(), 0);
    opens().await;
    assert_eq!(count(&client, "user_keys WHERE key_id = '2027'").await, 1);
}

#[tokio::test]
async fn an_old_backup_of_templates_is_worth_nothing_without_the_persons_key() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    let client = database.client().await;
    client.batch_execute("CREATE TEMP TABLE backup AS TABLE templates").await.unwrap();
    store.account(session_of(&ada)).withdraw_consent(at(1)).await.unwrap();
    assert_eq!(count(&client, "user_keys").await, 0);
    let token = enrolment_token();
    store.reset_account("ada", &token, at(2)).await.unwrap();
    let right = EnrolmentRight::Token { user: ada.user.id, id: token.id };
    store.enrolling(right).grant_consent("2", at(2)).await.unwrap();
    add_face_by(&store, right, &template(&model(), 3)).await.unwrap();

    // The deployment's keys are the same; the person's is another.
    client.batch_execute("INSERT INTO templates TABLE backup").await.unwrap();
    let opened = store.reference("ada", &[&model()]).await;
    assert!(matches!(opened, Err(StoreError::Sealing(SealError::UnknownKey))), "{opened:?}");
}
