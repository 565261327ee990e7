//! Limits per client, and browsers of other origins.

use std::net::Ipv4Addr;

use faceauth_test_support::scripted::Shows;

use crate::app::{App, probe};

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
        answer.header("access-control-allow-origin").to_owned()
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
