//! Adding, listing, removing and opening references.

use faceauth_domain::embedding::ModelId;
use faceauth_domain::enrolment::Misfit;
use faceauth_domain::template::{MAX_TEMPLATES_PER_USER as MOST, TemplateId};
use faceauth_store::StoreError;
use faceauth_store::account::{AccountError, EnrolmentRight, TokenSession};
use faceauth_store::enrol::{EnrolError, Enrolment};
use faceauth_store::faces::AddFaceError;
use faceauth_store::seal::SealError;
use faceauth_test_support::database::TestDatabase;

use crate::support::{
    add_face, add_face_attempt, at, count, embedding, enrolment, model, session_of, strict,
    template,
};

#[tokio::test]
async fn a_template_of_another_model_is_not_even_read() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    let other = ModelId::new("matcher-2");
    let added = template(&other, 9);
    add_face(&store, &ada, &added).await.unwrap();

    let ids = async |model: &ModelId| -> Vec<TemplateId> {
        let reference = store.reference("ada", &[model]).await.unwrap().unwrap();
        assert!(reference.templates.iter().all(|t| t.embedding.model() == model));
        reference.templates.iter().map(|t| t.id).collect()
    };
    assert_eq!(ids(&model()).await, [ada.templates[0].id, ada.templates[1].id]);
    assert_eq!(ids(&other).await, [added.id]);
    assert_eq!(ids(&ModelId::new("matcher-3")).await, []);
}

#[tokio::test]
async fn faces_are_listed_oldest_first_and_removed_by_their_owner_only() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let (ada, bob) = (enrolment("ada"), enrolment("bob"));
    store.enrol(&ada).await.unwrap();
    store.enrol(&bob).await.unwrap();

    let (adas, bobs) = (store.account(session_of(&ada)), store.account(session_of(&bob)));
    let listed = adas.faces().await.unwrap();
    let expected: Vec<_> = ada.templates.iter().map(|t| (t.id, model(), t.created_at)).collect();
    let listed: Vec<_> = listed.into_iter().map(|f| (f.id, f.model, f.created_at)).collect();
    assert_eq!(listed, expected);

    let target = ada.templates[0].id;
    assert!(!bobs.remove_face(target, at(9)).await.unwrap());
    assert!(adas.remove_face(target, at(9)).await.unwrap());
    assert!(!adas.remove_face(target, at(9)).await.unwrap());
    assert_eq!(adas.faces().await.unwrap().len(), 1);
    assert_eq!(bobs.faces().await.unwrap().len(), 2);
    // A session of somebody else opens nothing.
    let foreign = TokenSession { user: ada.user.id, ..session_of(&bob) };
    assert!(matches!(store.account(foreign).faces().await, Err(AccountError::SessionOver)));
}

#[tokio::test]
async fn no_race_passes_the_cap() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    let requests = (0..MOST as u8 + 4).map(|seed| {
        let (store, ada) = (store.clone(), ada.clone());
        let add = async move { add_face(&store, &ada, &template(&model(), seed)).await };
        tokio::spawn(add)
    });
    let mut added = ada.templates.len();
    for request in requests.collect::<Vec<_>>() {
        match request.await.unwrap() {
            Ok(()) => added += 1,
            Err(AddFaceError::TooMany) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(added, MOST);
    assert_eq!(store.account(session_of(&ada)).faces().await.unwrap().len(), MOST);
    let client = database.client().await;
    let attempts = count(&client, "attempts WHERE kind = 'add_face'").await;
    assert_eq!(attempts as usize, MOST - ada.templates.len());
}

#[tokio::test]
async fn nobody_adds_a_face_to_an_erased_account() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    store.account(session_of(&ada)).erase(at(9)).await.unwrap();
    let refused = add_face(&store, &ada, &template(&model(), 1)).await;
    assert!(matches!(refused, Err(AddFaceError::SessionOver)), "{refused:?}");
}

#[tokio::test]
async fn what_is_stored_is_sealed_and_differs_each_time() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let mut ada = enrolment("ada");
    // The same face twice.
    ada.templates[1].embedding = ada.templates[0].embedding.clone();
    store.enrol(&ada).await.unwrap();

    let client = database.client().await;
    let rows = client.query("SELECT sealed, key_id FROM templates", &[]).await.unwrap();
    let sealed: Vec<Vec<u8>> = rows.iter().map(|row| row.get(0)).collect();
    let key: String = client.query_one("SELECT id::text FROM user_keys", &[]).await.unwrap().get(0);
    assert_eq!(rows[0].get::<_, String>(1), key);
    assert_ne!(sealed[0], sealed[1]);
    for bytes in &sealed {
        for value in ada.templates[0].embedding.values() {
            assert!(!bytes.windows(4).any(|window| window == value.to_le_bytes()));
        }
    }
}

/// Somebody who can write to the database moves rows about. None opens elsewhere.
#[tokio::test]
async fn a_moved_or_changed_row_does_not_open() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    store.enrol(&enrolment("ada")).await.unwrap();
    store.enrol(&enrolment("mallory")).await.unwrap();
    let client = database.client().await;

    let attacks = [
        (
            "ada",
            "matcher-1",
            SealError::Tampered,
            "UPDATE templates SET sealed = (SELECT t.sealed FROM templates t JOIN users u ON u.id = t.user_id WHERE u.username = 'mallory' LIMIT 1)",
        ),
        (
            "ada",
            "matcher-1",
            SealError::UnknownKey,
            "UPDATE templates SET user_id = (SELECT id FROM users WHERE username = 'ada')",
        ),
        ("ada", "matcher-2", SealError::Tampered, "UPDATE templates SET model_id = 'matcher-2'"),
        ("ada", "matcher-1", SealError::UnknownKey, "UPDATE templates SET key_id = 'older'"),
        (
            "ada",
            "matcher-1",
            SealError::Tampered,
            "UPDATE templates SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1)",
        ),
        (
            "ada",
            "matcher-1",
            SealError::Malformed,
            "UPDATE templates SET sealed = set_byte(sealed, 0, 9)",
        ),
    ];
    for (name, model, expected, attack) in attacks {
        client.batch_execute("BEGIN").await.unwrap();
        client
            .batch_execute("CREATE TEMP TABLE IF NOT EXISTS kept AS TABLE templates")
            .await
            .unwrap();
        client.batch_execute(attack).await.unwrap();
        client.batch_execute("COMMIT").await.unwrap();
        let opened = store.reference(name, &[&ModelId::new(model)]).await;
        match opened {
            Err(StoreError::Sealing(error)) => assert_eq!(error, expected, "{attack}"),
            other => panic!("{attack}: {other:?}"),
        }
        let restore = "DELETE FROM templates; INSERT INTO templates TABLE kept";
        client.batch_execute(restore).await.unwrap();
        assert!(store.reference("ada", &[&crate::support::model()]).await.is_ok());
    }
}

/// Whatever adds a face passes the same rule, under the lock of the account.
#[tokio::test]
async fn a_face_that_does_not_match_those_there_are_is_not_stored() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    // Seeds 0 and 3 point nearly opposite ways.
    let (same, other) = (embedding(&model(), 1), embedding(&model(), 4));
    assert!(same.compare(&other).unwrap().value() < 0.0);
    let strictly = strict(0.5);
    let with =
        |seed| faceauth_store::faces::NewTemplate { image: None, ..template(&model(), seed) };
    let ada = Enrolment {
        templates: vec![with(1), with(1)],
        policy: strictly.clone(),
        ..enrolment("ada")
    };
    let two_people = Enrolment { templates: vec![with(1), with(1), with(4)], ..ada.clone() };
    let refused = store.enrol(&two_people).await;
    assert!(matches!(refused, Err(EnrolError::Misfit(2, Misfit::SomebodyElse))), "{refused:?}");
    store.enrol(&ada).await.unwrap();
    let account = store.enrolling(EnrolmentRight::Session(session_of(&ada)));
    let attempt = add_face_attempt(ada.user.id);
    let refused = account.add_face(&with(4), &attempt, &strictly).await;
    assert!(matches!(refused, Err(AddFaceError::Misfit(Misfit::SomebodyElse))), "{refused:?}");
    assert_eq!(count(&client, "attempts WHERE kind = 'add_face'").await, 0);
    account.add_face(&with(1), &attempt, &strictly).await.unwrap();
    // Without any face nothing shows whose the next one is.
    client.batch_execute("DELETE FROM templates").await.unwrap();
    let refused = account.add_face(&with(1), &attempt, &strictly).await;
    assert!(matches!(refused, Err(AddFaceError::Misfit(Misfit::NothingToCompare))), "{refused:?}");
    assert_eq!(count(&client, "templates").await, 0);
}
