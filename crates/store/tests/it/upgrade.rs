//! Moving from one matcher to the next.

use chrono::TimeDelta;
use faceauth_domain::embedding::ModelId;
use faceauth_store::retire::Retention;
use faceauth_store::sign_in::{FaceAlone, SignIn};
use faceauth_store::upgrade::{ModelCount, Upgrade};
use faceauth_test_support::database::TestDatabase;

use crate::support::{
    accepted, anybody, at, enrolment, model, refresh, session_of, sign_in, template,
};

const DAY: i64 = 86_400;

fn next_model() -> ModelId {
    ModelId::new("matcher-2")
}

#[tokio::test]
async fn a_sign_in_writes_one_template_of_the_next_model_and_old_ones_go_later() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let (ada, bob) = (enrolment("ada"), enrolment("bob"));
    for person in [&ada, &bob] {
        store.enrol(person).await.unwrap();
    }
    let (id, matched) = (ada.user.id, ada.templates[0].id);
    // Two replicas at once, and once more: one template.
    let sign_in = || {
        let store = store.clone();
        async move {
            let mut new = template(&next_model(), 9);
            new.created_at = at(0);
            let (attempt, refresh) = (accepted(id), refresh(id));
            let sign_in = SignIn {
                attempt: &attempt,
                refresh: &refresh,
                matched,
                begun: None,
                upgrade: Some(Upgrade { template: &new, policy: &anybody() }),
                alone: FaceAlone::UnlessPasskey,
            };
            store.record_sign_in(&sign_in).await
        }
    };
    let both = (tokio::spawn(sign_in()), tokio::spawn(sign_in()));
    assert!(both.0.await.unwrap().unwrap() && both.1.await.unwrap().unwrap());
    assert!(sign_in().await.unwrap());
    let reference = store.reference("ada", &[&model(), &next_model()]).await.unwrap().unwrap();
    let models: Vec<_> =
        reference.templates.iter().map(|t| t.embedding.model().as_str().to_owned()).collect();
    assert_eq!(models.iter().filter(|m| *m == "matcher-2").count(), 1, "{models:?}");
    assert_eq!(models.len(), 3);
    let count = |model: ModelId, people, templates| ModelCount { model, people, templates };
    assert_eq!(
        store.model_counts().await.unwrap(),
        [count(model(), 2, 4), count(next_model(), 1, 1)]
    );

    let retention = Retention {
        inactive_account: None,
        attempt: TimeDelta::days(999),
        old_template: TimeDelta::days(90),
        enrolment_image: None,
    };
    let retire = async |now| store.retire(&retention, &next_model(), now).await.templates;
    assert_eq!(retire(at(90 * DAY) - TimeDelta::seconds(1)).await, 0);
    assert_eq!(retire(at(90 * DAY)).await, 2);
    // A person who has not moved keeps their templates.
    assert_eq!(
        store.model_counts().await.unwrap(),
        [count(model(), 1, 2), count(next_model(), 1, 1)]
    );
}

#[tokio::test]
async fn nothing_is_written_for_who_has_withdrawn_consent() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    store.account(session_of(&ada)).withdraw_consent(at(1)).await.unwrap();
    let new = template(&next_model(), 9);
    let (attempt, refresh) = (accepted(ada.user.id), refresh(ada.user.id));
    let late = SignIn {
        upgrade: Some(Upgrade { template: &new, policy: &anybody() }),
        ..sign_in(&ada, &attempt, &refresh)
    };
    assert!(!store.record_sign_in(&late).await.unwrap());
    assert_eq!(store.model_counts().await.unwrap(), []);
}
