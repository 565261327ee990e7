//! A database that falls silent, or answers and takes no writes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use faceauth_store::StoreConfig;
use faceauth_test_support::database::TestDatabase;
use faceauth_test_support::proxy::Proxy;
use faceauth_test_support::scripted::Shows;
use secrecy::SecretString;

use crate::app::App;

const ADA: Shows = Shows::Person(0);

/// Longest until requests are served again.
const RECOVERY: Duration = Duration::from_secs(5);

/// Longest any request takes: for a connection and for one call, and what a busy machine adds.
const LONGEST_ANSWER: Duration = Duration::from_secs(10);

/// Requests that are sent at once.
const REQUESTS: usize = 24;

/// Asks until the service says `status`, and says how long that took.
fn until_readiness(app: &App, status: u16) -> Duration {
    let began = Instant::now();
    while app.get("/readyz").status != status {
        assert!(began.elapsed() < Duration::from_secs(30), "readiness is never {status}");
        std::thread::sleep(Duration::from_millis(20));
    }
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_database_is_unavailable_and_the_replica_not_ready() {
    let app = App::start().await;
    let client = app.database.client().await;
    assert_eq!(app.register("ada", ADA).status, 201);
    until_readiness(&app, 200);
    let full = "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                RAISE EXCEPTION 'could not extend file: No space left on device' \
                USING ERRCODE = '53100'; END $$; \
                DO $$ DECLARE name regclass; BEGIN \
                FOR name IN SELECT oid FROM pg_class WHERE relkind = 'r' \
                AND relnamespace = 'public'::regnamespace LOOP \
                EXECUTE format('CREATE TRIGGER full_disk BEFORE INSERT ON %s \
                FOR EACH ROW EXECUTE FUNCTION full_disk()', name); END LOOP; END $$";
    client.batch_execute(full).await.unwrap();
    let refused = app.register("grace", Shows::Person(1));
    assert_eq!((refused.status, refused.code().as_str()), (503, "database_unavailable"));
    assert!(!refused.header("retry-after").is_empty());
    let refused = app.verify("ada", ADA);
    assert_eq!((refused.status, refused.code().as_str()), (503, "database_unavailable"));
    until_readiness(&app, 503);
    assert_eq!(app.get("/healthz").status, 200, "a restart would not help");
    client.batch_execute("DROP FUNCTION full_disk CASCADE").await.unwrap();
    until_readiness(&app, 200);
    assert_eq!(app.verify("ada", ADA).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_is_answered_when_the_database_falls_silent() {
    let database = Arc::new(TestDatabase::create().await);
    let proxy = Proxy::start(&database).await;
    let url = SecretString::from(proxy.url());
    let app = App::start_on(Arc::clone(&database), |s| s.store = Some(StoreConfig::new(url)));
    assert_eq!(app.register("ada", ADA).status, 201);
    until_readiness(&app, 200);

    // Many at once, frozen wherever they happen to be, three times over.
    for round in 0..3 {
        let answers: Vec<(u16, Duration)> = std::thread::scope(|scope| {
            let requests: Vec<_> = (0..REQUESTS)
                .map(|number| {
                    let app = &app;
                    scope.spawn(move || {
                        let began = Instant::now();
                        let answer = match number % 3 {
                            0 => app.get("/readyz"),
                            1 => app.verify("ada", ADA),
                            _ => app.register(&format!("ada.{number}"), ADA),
                        };
                        (answer.status, began.elapsed())
                    })
                })
                .collect();
            std::thread::sleep(Duration::from_millis(20));
            proxy.freeze_existing();
            requests.into_iter().map(|request| request.join().expect("an answer")).collect()
        });
        assert!(
            answers.iter().all(|(status, took)| {
                [200, 201, 409, 429, 503].contains(status) && *took < LONGEST_ANSWER
            }),
            "{answers:?}"
        );
        assert!(until_readiness(&app, 200) < RECOVERY);
        // Somebody new: sign-ins that were cut off may make "ada" wait.
        assert_eq!(app.register(&format!("eve.{round}"), ADA).status, 201);
    }
}
