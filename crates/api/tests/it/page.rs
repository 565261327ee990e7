//! The page, the documentation, and what every answer carries.

use faceauth_test_support::scripted::{Mood, Shows};

use crate::app::{App, Page};

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_served_beside_the_api() {
    let page = Page::new();
    let folder = page.0.clone();
    let app = App::start_with(|s| s.settings.frontend_dir = Some(folder)).await;
    let index = app.get("/");
    assert_eq!((index.status, index.text().as_str()), (200, "<title>page</title>"));
    assert_eq!(index.header("cache-control"), "no-cache");
    let policy = index.header("content-security-policy");
    assert!(policy.contains("default-src 'self'") && !policy.contains("'unsafe-"), "{policy}");
    let asset = app.get("/assets/app-1a2b.js");
    assert_eq!(asset.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(app.get("/assets/gone.js").code(), "not_found");
    assert_eq!(app.get("/../Cargo.toml").code(), "not_found");
    assert_eq!(app.get("/%2e%2e/%2e%2e/etc/passwd").code(), "not_found");
    assert_eq!(app.send("POST", "/nowhere", &[], &[]).code(), "not_found");
    assert_eq!(app.get("/healthz").text(), "{\"status\":\"ok\"}");
    let wrong = app.get("/verify");
    assert_eq!((wrong.code().as_str(), wrong.header("allow")), ("method_not_allowed", "POST"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_told_what_a_capture_must_be_like() {
    let app = App::start_with(|s| s.settings.policy.require_liveness = true).await;
    let answer = app.get("/capture");
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    let limits = answer.json();
    assert_eq!(limits["liveness_required"], true);
    assert_eq!(limits["registration"], "open");
    let quality = faceauth_domain::quality::QualityPolicy::ENROLMENT;
    let least = limits["face"]["min_eye_distance"].as_f64().expect("a number");
    assert!((least - f64::from(quality.min_eye_distance_px)).abs() < 1e-6);
    let open = App::start().await.get("/capture").json();
    assert_eq!(open["liveness_required"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documentation_works_offline() {
    let app = App::start().await;
    assert_eq!(app.get("/openapi.json").text(), faceauth_api::openapi_json());
    assert_eq!(app.get("/docs").header("location"), "/docs/");
    let docs = app.get("/docs/");
    assert_eq!(docs.status, 200);
    assert!(!docs.text().contains("http://") && !docs.text().contains("https://"));
    for file in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js"] {
        assert_eq!(app.get(&format!("/docs/{file}")).status, 200, "{file}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_standing_headers() {
    let app = App::start().await;
    for answer in [app.get("/healthz"), app.get("/nowhere"), app.send("PUT", "/me", &[], &[])] {
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("api-version"), env!("CARGO_PKG_VERSION"));
        assert_eq!(answer.header("x-request-id").len(), 36);
    }
    let named = |id: &str| app.send("GET", "/healthz", &[("x-request-id", id)], &[]);
    assert_eq!(named("trace-1.a_b").header("x-request-id"), "trace-1.a_b");
    for unsafe_id in ["two words", "<script>", &"x".repeat(65)] {
        assert_ne!(named(unsafe_id).header("x-request-id"), unsafe_id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_tell_alive_from_ready() {
    let app = App::start().await;
    assert_eq!((app.get("/healthz").status, app.get("/readyz").status), (200, 200));
    app.analyzer.set_mood(Mood::Loading);
    assert_eq!(app.get("/healthz").status, 200);
    let waiting = app.get("/readyz");
    assert_eq!((waiting.status, waiting.code().as_str()), (503, "model_unavailable"));
    assert_eq!(waiting.header("retry-after"), "5");
    let early = app.verify("ada", Shows::Person(0));
    assert_eq!((early.status, early.code().as_str()), (503, "model_unavailable"));
}
