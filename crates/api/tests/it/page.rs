//! The page, the documentation, and what every answer carries.

use faceauth_api::settings::{Accent, Logo, PageLook, Scheme, SecurityTxt, SecurityTxtFields};
use faceauth_test_support::scripted::{Mood, Shows};

use crate::app::{App, Page};

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_served_beside_the_api() {
    let page = Page::new("page");
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
    let allow = wrong.header("allow").to_owned();
    assert_eq!((wrong.code().as_str(), allow.as_str()), ("method_not_allowed", "POST, OPTIONS"));
    // The file that is served says how long it may be kept, not the spelling of its address.
    let spelled = app.get("/%61ssets/app-1a2b.js");
    assert_eq!(spelled.header("cache-control"), "public, max-age=31536000, immutable");
    let raw = app.raw("GET /assets/../index.html HTTP/1.1");
    assert!(raw.starts_with("HTTP/1.1 200") && raw.contains("cache-control: no-cache"), "{raw}");
    let range = app.send("GET", "/", &[("range", "bytes=999-")], &[]);
    assert_eq!(range.status, 416);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_is_ours() {
    let page = Page::new("refusals");
    std::fs::write(page.0.join(".env"), "SECRET=1").expect("a hidden file");
    let folder = page.0.clone();
    let served = App::start_with(|s| s.settings.frontend_dir = Some(folder)).await;
    let bare = App::start().await;
    for app in [&served, &bare] {
        for path in [
            "/.well-known/security.txt",
            "/.well-known/nothing",
            "/.env",
            "/.git/config",
            "/x:",
            "/x%3e",
            "/*",
            "/%2e%2e%2fetc/passwd",
            "/a%2fb",
            "/%ff",
            "/assets",
            "/docs/nope.js",
            "/docs/../index.html:",
            "/me/faces/",
        ] {
            for method in ["GET", "HEAD", "POST", "DELETE"] {
                let raw = app.raw(&format!("{method} {path} HTTP/1.1"));
                assert!(raw.contains("content-type: application/problem+json"), "{path}: {raw}");
                let ours = raw.contains("\"code\":\"not_found\"")
                    || raw.contains("\"code\":\"method_not_allowed\"");
                assert!(ours || method == "HEAD", "{path}: {raw}");
                assert!(raw.starts_with("HTTP/1.1 40"), "{path}: {raw}");
            }
        }
        // Nothing that could be sent is acceptable: it is sent as it is.
        let codings = [("accept-encoding", "identity;q=0, br")];
        assert_eq!(app.send("GET", "/healthz", &codings, &[]).status, 200);
        assert_eq!(app.send("GET", "/nowhere", &codings, &[]).code(), "not_found");
        let preflight = |headers: &[(&str, &str)]| app.send("OPTIONS", "/verify", headers, &[]);
        let (origin, method) = ("origin", "access-control-request-method");
        for asked in [
            vec![(origin, "https://evil.example.org"), (method, "POST")],
            vec![(origin, "https://app.example.org"), (method, "PUT")],
            vec![(method, "POST")],
            vec![
                (origin, "https://app.example.org"),
                (method, "POST"),
                ("access-control-request-headers", "x-api-key"),
            ],
        ] {
            let refused = preflight(&asked);
            assert_eq!((refused.status, refused.code().as_str()), (400, "invalid_field"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_read_can_be_asked_for() {
    let app = App::start().await;
    for path in ["/healthz", "/readyz", "/capture", "/.well-known/jwks.json", "/openapi.json"] {
        let (read, asked) = (app.get(path), app.send("HEAD", path, &[], &[]));
        assert_eq!((asked.status, asked.body.len()), (200, 0), "{path}");
        assert_eq!(asked.header("content-type"), read.header("content-type"));
    }
    assert_eq!(app.send("HEAD", "/me", &[], &[]).status, 401);
    let methods = app.send("OPTIONS", "/me", &[], &[]);
    assert_eq!((methods.status, methods.header("allow")), (204, "GET, HEAD, DELETE, OPTIONS"));
}

#[tokio::test(flavor = "multi_thread")]
async fn security_txt_is_served_until_it_expires() {
    let fields = SecurityTxtFields {
        contact: vec!["mailto:security@example.org".to_owned()],
        expires: "2100-01-01T00:00:00Z".to_owned(),
        ..SecurityTxtFields::default()
    };
    let file = SecurityTxt::new(&fields).expect("a file");
    let app = App::start_with(|s| s.settings.security_txt = Some(file)).await;
    let answer = app.get("/.well-known/security.txt");
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(
        answer.text(),
        "Contact: mailto:security@example.org\nExpires: 2100-01-01T00:00:00Z\n"
    );
    app.clock.advance(chrono::TimeDelta::days(365 * 200));
    assert_eq!(app.get("/.well-known/security.txt").code(), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_login_page_is_kept_by_nobody_and_framed_by_nobody() {
    let page = Page::new("login");
    let folder = page.0.clone();
    let app = App::start_with(|s| s.settings.frontend_dir = Some(folder)).await;
    let login = app.get("/login?request=secret");
    assert_eq!((login.status, login.text().as_str()), (200, "<title>login</title>"));
    assert_eq!(login.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(login.header("cache-control"), "no-store");
    assert_eq!((login.header("etag"), login.header("last-modified")), ("", ""));
    assert_eq!(login.header("referrer-policy"), "no-referrer");
    assert!(login.header("content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!(App::start().await.get("/login").code(), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_look_of_the_page_is_what_is_configured() {
    let app = App::start().await;
    assert_eq!(app.get("/page").json(), serde_json::json!({}));
    assert_eq!(app.get("/page/logo").code(), "not_found");

    let drawing = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    let look = PageLook {
        name: Some("Wool & Thread".parse().expect("a name")),
        logo: Some(Logo::new(drawing.to_vec()).expect("a logo")),
        accent_light: Some(Accent::parse("#9a3412", Scheme::Light).expect("readable")),
        accent_dark: Some(Accent::parse("#fdba74", Scheme::Dark).expect("readable")),
    };
    let app = App::start_with(|s| s.settings.page_look = look).await;
    assert_eq!(
        app.get("/page").json(),
        serde_json::json!({
            "name": "Wool & Thread",
            "logo": "/page/logo",
            "accent_light": "#9a3412",
            "accent_dark": "#fdba74",
        })
    );
    let logo = app.get("/page/logo");
    assert_eq!((logo.status, logo.header("content-type")), (200, "image/svg+xml"));
    assert_eq!(logo.body, drawing);
    // Opened as a page of its own, it runs nothing.
    let policy = logo.header("content-security-policy");
    assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval';"), "{policy}");
    assert_eq!(logo.header("x-content-type-options"), "nosniff");
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_documentation_is_the_document_alone() {
    let app = App::start_with(|s| s.settings.docs = false).await;
    for path in ["/docs", "/docs/"] {
        let answer = app.get(path);
        assert_eq!((answer.status, answer.header("location")), (307, "/openapi.json"));
    }
    for file in ["index.html", "swagger-ui-bundle.js", "swagger-initializer.js"] {
        assert_eq!(app.get(&format!("/docs/{file}")).code(), "not_found");
    }
    assert_eq!(app.get("/openapi.json").status, 200);
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
    assert!(docs.header("content-security-policy").contains("'unsafe-inline'"));
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
