//! A database that is down, gone, or busy.

use std::time::{Duration, Instant};

use faceauth_store::{Store, StoreConfig, StoreError, UrlError, migrate};
use faceauth_test_support::database::{TestDatabase, sealer};
use secrecy::SecretString;

use crate::support::{enrolment, model};

/// Longest any call may take here beyond its own timeout; the machine may be busy.
const SLACK: Duration = Duration::from_secs(3);

fn config(url: &str) -> StoreConfig {
    let acquire_timeout = Duration::from_millis(200);
    StoreConfig { acquire_timeout, ..StoreConfig::new(SecretString::from(url)) }
}

#[tokio::test]
async fn an_unreachable_database_is_told_quickly_and_does_not_stop_start_up() {
    // Port 1 refuses; 192.0.2.1 (RFC 5737) never answers.
    for url in [
        "postgres://faceauth:hunter2@127.0.0.1:1/faceauth",
        "postgres://faceauth:hunter2@192.0.2.1/faceauth?sslmode=disable",
        "postgres://faceauth@%2Fnowhere/faceauth",
    ] {
        let start = Instant::now();
        let store = Store::connect(&config(url), sealer()).await.unwrap();
        let ping = store.ping().await;
        assert!(matches!(ping, Err(StoreError::Unavailable(_))), "{url}: {ping:?}");
        let reference = store.reference("ada", &[&model()]).await;
        assert!(matches!(reference, Err(StoreError::Unavailable(_))), "{url}: {reference:?}");
        assert!(start.elapsed() < SLACK, "{url}: {:?}", start.elapsed());
        assert!(!format!("{ping:?}{reference:?}").contains("hunter2"));
    }
}

#[tokio::test]
async fn migrating_says_why_it_cannot_and_hides_the_password() {
    let url = SecretString::from("postgres://faceauth:hunter2@127.0.0.1:1/faceauth");
    let failed = tokio::task::spawn_blocking(move || migrate::run(&url)).await.unwrap();
    let failed = failed.unwrap_err();
    assert!(matches!(failed, migrate::MigrateError::Unavailable(_)), "{failed:?}");
    assert!(failed.to_string().contains("refused"), "{failed}");
    assert!(!format!("{failed} {failed:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_bad_url_stops_start_up() {
    let store = Store::connect(&config("postgres://db.example/faceauth"), sealer()).await;
    assert_eq!(store.err(), Some(UrlError::EncryptionUnsaid));
}

/// A server without TLS is not talked to in clear when TLS was asked for.
#[tokio::test]
async fn encryption_is_never_dropped_silently() {
    let (port, requests) = clear_server();
    let url = format!("postgres://faceauth:hunter2@127.0.0.1:{port}/faceauth?sslmode=verify-full");
    let store = Store::connect(&config(&url), sealer()).await.unwrap();
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
    let requests = requests.lock().unwrap();
    assert!(!requests.is_empty());
    // Only the SSLRequest (length 8, code 80877103) was sent.
    assert!(requests.iter().all(|bytes| bytes == &[0, 0, 0, 8, 4, 210, 22, 47]), "{requests:?}");
}

/// Answers every SSLRequest with "no" and notes all that is sent.
fn clear_server() -> (u16, std::sync::Arc<std::sync::Mutex<Vec<Vec<u8>>>>) {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let requests = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = requests.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut bytes = vec![0; 8];
            if stream.read_exact(&mut bytes).is_err() || stream.write_all(b"N").is_err() {
                continue;
            }
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest);
            bytes.extend(rest);
            noted.lock().unwrap().push(bytes);
        }
    });
    (port, requests)
}

#[tokio::test]
async fn a_restart_of_the_database_is_survived() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    store.enrol(&enrolment("ada")).await.unwrap();
    let client = database.client().await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    client.batch_execute(cut).await.unwrap();
    assert!(store.reference("ada", &[&model()]).await.unwrap().is_some());
}

#[tokio::test]
async fn a_lock_that_is_not_freed_is_unavailability() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let client = database.client().await;
    client.batch_execute("BEGIN; LOCK TABLE users").await.unwrap();
    let start = Instant::now();
    let waited = store.reference("ada", &[&model()]).await;
    assert!(matches!(waited, Err(StoreError::Unavailable(_))), "{waited:?}");
    // The lock timeout is two seconds.
    assert!(start.elapsed() < Duration::from_secs(2) + SLACK, "{:?}", start.elapsed());
    client.batch_execute("ROLLBACK").await.unwrap();
    assert!(store.reference("ada", &[&model()]).await.unwrap().is_none());
}
