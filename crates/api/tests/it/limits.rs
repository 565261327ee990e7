//! Limits per client, and browsers of other origins.

use std::net::Ipv4Addr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use faceauth_store::StoreConfig;
use faceauth_test_support::database::TestDatabase;
use faceauth_test_support::hostile;
use faceauth_test_support::scripted::Shows;
use secrecy::SecretString;
use serde_json::json;

use crate::app::{App, base64, probe};

/// Sign-ins a minute where replicas count together.
const LIMIT: u32 = 5;

const ORIGIN: (&str, &str) = ("origin", "https://app.example.org");

#[tokio::test(flavor = "multi_thread")]
async fn the_sixth_sign_in_of_a_minute_has_to_wait() {
    let app = App::start_with(|s| s.limit_sign_in(5)).await;
    for left in (0..5).rev() {
        let answer = app.verify("nobody", Shows::Person(0));
        assert_eq!(answer.status, 401);
        assert_eq!(answer.header("ratelimit-policy"), "\"sign-in\";q=5;w=60");
        assert!(answer.header("ratelimit").starts_with(&format!("\"sign-in\";r={left};t=")));
        assert_eq!(answer.header("x-ratelimit-limit"), "");
    }
    // Registration and verification share one bucket.
    let refused = app.post_with("/register", &[ORIGIN], &probe("ada", Shows::Person(0)));
    assert_eq!((refused.status, refused.code().as_str()), (429, "rate_limited"));
    let wait: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=12).contains(&wait), "{wait}");
    assert_eq!(refused.json()["retry_after"], wait);
    assert_eq!(refused.header("ratelimit"), format!("\"sign-in\";r=0;t={wait}"));
    assert_eq!(refused.header("ratelimit-policy"), "\"sign-in\";q=5;w=60");
    assert_eq!(refused.header("access-control-allow-origin"), ORIGIN.1);

    // Preflights, probes and other buckets go on.
    let preflight = [ORIGIN, ("access-control-request-method", "POST")];
    for _ in 0..10 {
        assert_eq!(app.send("OPTIONS", "/verify", &preflight, &[]).status, 200);
        assert_eq!(app.get("/healthz").status, 200);
    }
    assert_eq!(app.get("/me").status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forwarded_address_counts_only_from_a_trusted_proxy() {
    let spoof = |app: &App, n: u8| {
        let address = Ipv4Addr::new(203, 0, 113, n).to_string();
        let body = probe("nobody", Shows::Person(0));
        app.post_with("/verify", &[("x-forwarded-for", &address)], &body).status
    };
    let open = App::start_with(|s| s.limit_sign_in(2)).await;
    assert_eq!([spoof(&open, 1), spoof(&open, 2), spoof(&open, 3)], [401, 401, 429]);

    let behind = App::start_with(|s| {
        s.limit_sign_in(2);
        s.settings.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    })
    .await;
    assert_eq!([spoof(&behind, 1), spoof(&behind, 2), spoof(&behind, 3)], [401, 401, 401]);
    assert_eq!([spoof(&behind, 1), spoof(&behind, 1)], [401, 429]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_listed_origins_get_cors_headers() {
    let app = App::start().await;
    let allowed = |origin: &str| {
        let answer = app.send("GET", "/healthz", &[("origin", origin)], &[]);
        let allowed = answer.header("access-control-allow-origin");
        // A page that may read it may know over which protocol it came.
        assert_eq!(answer.header("timing-allow-origin"), allowed);
        allowed.to_owned()
    };
    assert_eq!(allowed(ORIGIN.1), ORIGIN.1);
    for other in ["https://evil.example.org", "https://app.example.org.evil.test", "null"] {
        assert_eq!(allowed(other), "");
    }
    let preflight = |origin: &str| {
        let asked = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            (
                "access-control-request-headers",
                "authorization,baggage,idempotency-key,sentry-trace,traceparent,tracestate,\
                 x-requested-with",
            ),
        ];
        app.send("OPTIONS", "/verify", &asked, &[])
    };
    let granted = preflight(ORIGIN.1);
    assert_eq!(granted.header("access-control-allow-origin"), ORIGIN.1);
    let headers = granted.header("access-control-allow-headers").to_ascii_lowercase();
    assert!(headers.contains("authorization") && headers.contains("idempotency-key"), "{headers}");
    assert_eq!(preflight("https://evil.example.org").header("access-control-allow-origin"), "");
    let refused = app.post_with("/verify", &[ORIGIN], &probe("a b", Shows::Person(0)));
    assert_eq!(refused.header("access-control-allow-origin"), ORIGIN.1);
    let exposed = refused.header("access-control-expose-headers").to_ascii_lowercase();
    assert!(exposed.contains("x-request-id") && exposed.contains("retry-after"), "{exposed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_may_read_the_public_keys() {
    let app = App::start().await;
    let read = |method: &str, more: &[(&str, &str)]| {
        let headers = [&[("origin", "https://evil.example.org")], more].concat();
        app.send(method, "/.well-known/jwks.json", &headers, &[])
    };
    for answer in [read("GET", &[]), read("OPTIONS", &[("access-control-request-method", "GET")])] {
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
}

/// Three replicas on one database, in whose sight one client sends to each in turn.
#[tokio::test(flavor = "multi_thread")]
async fn replicas_count_a_client_together() {
    let database = Arc::new(TestDatabase::create().await);
    let replica = || App::start_on(Arc::clone(&database), |s| s.limit_sign_in(LIMIT));
    let mut replicas = vec![replica(), replica(), replica()];
    let began = Instant::now();
    let send = |app: &App| app.verify("nobody", Shows::Person(0)).status != 429;
    let passed = (0..5).flat_map(|_| &replicas).filter(|app| send(app)).count();
    // What comes back while the test runs on a busy machine.
    let back = (began.elapsed().as_secs() * u64::from(LIMIT) / 60 + 1) as usize;
    assert!((5..=5 + back).contains(&passed), "{passed} passed, {back} came back");

    // A replica that starts anew gives nobody a fresh bucket.
    replicas.clear();
    let fresh = replica();
    let passed = (0..5).filter(|_| send(&fresh)).count();
    let back = (began.elapsed().as_secs() * u64::from(LIMIT) / 60 + 1) as usize;
    assert!(passed <= back, "{passed} passed, {back} came back");
    // Nobody's address is in the database.
    let client = database.client().await;
    let rows = "SELECT count(*), count(*) FILTER (WHERE octet_length(client) = 32) \
                FROM client_limits";
    let row = client.query_one(rows, &[]).await.expect("the counts");
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn dear_pictures_are_counted_by_all_replicas() {
    let database = Arc::new(TestDatabase::create().await);
    let replica = || {
        App::start_on(Arc::clone(&database), |s| {
            let count = |count| NonZeroU32::new(count).expect("positive");
            s.settings.limits.sign_in_per_minute = count(5);
            s.settings.limits.detect_per_minute = count(4);
        })
    };
    let (first, second) = (replica(), replica());
    // It costs three quarters of a minute, and a quarter may be owed.
    let dear = json!({"image": base64(&hostile::progressive_jpeg(4096, 16, 70_000))});
    assert_eq!(first.post("/detect", &dear).code(), "image_undecodable");
    assert_eq!(second.post("/detect", &dear).code(), "rate_limited");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_database_only_doors_that_need_none_stay_open() {
    let nowhere = SecretString::from("postgres://nobody@127.0.0.1:1/none");
    let app = App::start_with(|s| {
        let mut config = StoreConfig::new(nowhere);
        config.acquire_timeout = Duration::from_millis(100);
        s.store = Some(config);
        s.settings.limits.detect_per_minute = NonZeroU32::new(2).expect("positive");
    })
    .await;
    for path in ["/verify", "/register"] {
        let refused = app.post(path, &probe("ada", Shows::Person(0)));
        assert_eq!((refused.status, refused.code().as_str()), (503, "database_unavailable"));
    }
    // Each replica still counts by itself.
    let picture = json!({"image": base64(&Shows::Nobody.picture())});
    let statuses = [(); 3].map(|()| app.post("/detect", &picture).status);
    assert_eq!(statuses, [200, 200, 429]);
}
