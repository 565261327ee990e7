//! People who do not exist.

use faceauth_store::seed::{History, Inhabitants};
use faceauth_test_support::database::TestDatabase;

use crate::support::{at, count, embedding, enrolment, model};

#[tokio::test]
async fn made_up_people_have_what_real_ones_have() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let client = database.client().await;
    let nobody = Inhabitants { seeded: 0, real: false };
    assert_eq!(store.inhabitants().await.unwrap(), nobody);

    let history = History { captured_today: 1.0, failing: 1.0, ..History::MONTHLY };
    let faces = |seed| vec![embedding(&model(), seed), embedding(&model(), seed + 1)];
    store.seed(1, &[faces(1), faces(3)], &history, at(0)).await.unwrap();
    // Another run goes on after the last.
    assert_eq!(store.inhabitants().await.unwrap().seeded, 2);
    store.seed(3, &[faces(5)], &history, at(0)).await.unwrap();
    assert_eq!(store.inhabitants().await.unwrap(), Inhabitants { seeded: 3, real: false });

    for (table, rows) in [
        ("users", 3),
        ("consents", 3),
        ("user_keys", 3),
        ("templates", 6),
        ("attempts", 36),
        ("refresh_tokens", 12),
        ("refresh_tokens WHERE used_at IS NULL", 3),
        ("liveness_frames", 72),
        ("failures", 3),
    ] {
        assert_eq!(count(&client, table).await, rows, "{table}");
    }
    // The templates open, so sign-ins of these people can be measured.
    let third = store.reference("seed-0000000003", &[&model()]).await.unwrap().unwrap();
    let score = third.templates[0].embedding.compare(&embedding(&model(), 5)).unwrap();
    assert!(score.value() > 0.99, "{score:?}");
    assert_eq!(store.sweep(at(0)).await.rows, 0, "nothing has expired");

    // The group of a run that fails leaves nobody.
    store.seed(3, &[faces(7), faces(9)], &history, at(0)).await.unwrap_err();
    assert_eq!(count(&client, "users").await, 3);
    for name in ["ada", "seed-ling", "zoe"] {
        store.enrol(&enrolment(name)).await.unwrap();
        assert!(store.inhabitants().await.unwrap().real, "{name}");
        store.unlock(name).await.unwrap();
        let sql = format!("DELETE FROM users WHERE username = '{name}'");
        client.batch_execute(&sql).await.unwrap();
        assert!(!store.inhabitants().await.unwrap().real, "{name}");
    }
}
