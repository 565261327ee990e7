//! A limit belongs to the route that is found, however its path is spelled.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use faceauth_api::settings::LimitSettings;

use crate::app::{App, Page, Setup};

/// Requests a minute in these tests: so many that no bucket is empty, and each bucket its own.
fn told_apart(setup: &mut Setup) {
    let count = |count| NonZeroU32::new(count).expect("positive");
    setup.settings.limits = LimitSettings {
        sign_in_per_minute: count(100_001),
        detect_per_minute: count(100_002),
        account_per_minute: count(100_003),
        service_per_minute: count(100_004),
        other_per_minute: count(100_005),
    };
}

/// The bucket that each route is meant to spend, by the first part of its path.
fn bucket(path: &str) -> &'static str {
    if ["/invitations/read", "/oauth/par", "/oauth/revoke"].contains(&path) {
        return "account";
    }
    match path.split('/').nth(1).unwrap_or_default() {
        "register" | "verify" | "liveness" => "sign-in",
        "detect" => "detect",
        "me" | "token" | "userinfo" | "login" => "account",
        "authorize" | "end-session" => "other",
        "accounts" | "invitations" | "oauth" => "service",
        "capture" | "page" | ".well-known" | "openapi.json" | "docs" => "other",
        "healthz" | "readyz" => "",
        other => panic!("a new route: {other}"),
    }
}

/// Every method and path there is.
fn routes(app: &App) -> Vec<(String, String)> {
    let document = app.get("/openapi.json").json();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("methods").keys() {
            routes.push((
                method.to_ascii_uppercase(),
                path.replace("{id}", "0190c0de-ada").replace("{client_id}", "shop"),
            ));
        }
    }
    assert!(routes.len() > 20, "{routes:?}");
    for path in ["/openapi.json", "/docs", "/docs/", "/docs/x.js", "/.well-known/security.txt"] {
        routes.push(("GET".to_owned(), path.to_owned()));
    }
    routes
}

struct Raw {
    status: u16,
    headers: BTreeMap<String, String>,
}

impl Raw {
    fn bucket(&self) -> &str {
        let limit = self.headers.get("ratelimit").map_or("", String::as_str);
        limit.split('"').nth(1).unwrap_or_default()
    }

    fn left(&self) -> u32 {
        let limit = self.headers.get("ratelimit").map_or("", String::as_str);
        let left = limit.split(';').find_map(|part| part.strip_prefix("r="));
        left.and_then(|left| left.parse().ok()).unwrap_or(u32::MAX)
    }
}

/// Sends a request target exactly as it is written.
fn send(app: &App, method: &str, target: &str, header: &str) -> Raw {
    let answer = app.raw_with(&format!("{method} {target} HTTP/1.1"), header);
    let head = answer.split("\r\n\r\n").next().unwrap_or_default();
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    Raw { status: status.unwrap_or_else(|| panic!("{target}: {answer}")), headers }
}

/// `path` with the letter at `index` percent-encoded.
fn encoded(path: &str, index: usize) -> String {
    let letter = path.as_bytes()[index];
    format!("{}%{letter:02x}{}", &path[..index], &path[index + 1..])
}

/// Other ways to write `path`.
fn spellings(path: &str) -> Vec<String> {
    let letters: Vec<usize> =
        (1..path.len()).filter(|i| path.as_bytes()[*i].is_ascii_alphabetic()).collect();
    let all: String = path[1..].bytes().map(|byte| format!("%{byte:02X}")).collect();
    let rest = &path[1..];
    let mut spellings: Vec<String> = letters.iter().map(|i| encoded(path, *i)).collect();
    spellings.extend([
        format!("/{all}"),
        // Encoded twice.
        encoded(path, 1).replace('%', "%25"),
        format!("/{path}"),
        format!("//{path}"),
        format!("{path}/"),
        format!("{path}//"),
        format!("/.{path}"),
        format!("/%2e{path}"),
        format!("/x/..{path}"),
        format!("/x/%2e%2e{path}"),
        format!("{path}/."),
        format!("{path}/x/.."),
        format!("/{}", rest.to_ascii_uppercase()),
        format!("/{}{}", rest[..1].to_ascii_uppercase(), &rest[1..]),
        format!("/%2f{rest}"),
        format!("/%2F{rest}"),
        format!("{path}%2f"),
        format!("/{}", rest.replace('/', "%2f")),
        format!("{path};"),
        format!("{path};a=b"),
        format!("{path}%3b"),
        format!("/;{path}"),
        format!("{path}%00"),
        format!("{path}%20"),
        format!("{path}%0a"),
        format!("{path}%5c"),
        format!("/%5c{rest}"),
        format!("{path}.json"),
        format!("{path}?"),
        format!("{path}?a=b/c"),
        format!("{path}%3f"),
        format!("{path}%ff"),
        // The form that proxies are sent (RFC 9112, 3.2.2).
        format!("http://elsewhere.test{path}"),
        format!("http://elsewhere.test/{path}"),
    ]);
    spellings
}

/// The door is found by its spelling, or a refusal is: either is counted.
fn every_spelling_is_counted(app: &App) {
    for (method, path) in routes(app) {
        let expected = bucket(&path);
        let plain = send(app, &method, &path, "");
        assert_eq!(plain.bucket(), expected, "{method} {path}");
        for target in spellings(&path) {
            let answer = send(app, &method, &target, "");
            let refused = [404, 405].contains(&answer.status) && answer.bucket() == "other";
            let same = answer.bucket() == expected;
            assert!(
                same || refused,
                "{method} {target}: {} {:?}",
                answer.status,
                answer.headers.get("ratelimit")
            );
            let limit = answer.left();
            assert!(limit < 100_005 || expected.is_empty(), "{method} {target} spent nothing");
        }
        for other in ["HEAD", "PUT", "PATCH", "TRACE", "get", "post", "X"] {
            let answer = send(app, other, &path, "");
            let bucket = answer.bucket();
            assert!(bucket == expected || bucket == "other", "{other} {path}: {bucket}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_spelling_of_every_route_spends_its_bucket() {
    every_spelling_is_counted(&App::start_with(told_apart).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_spelling_is_free_beside_the_page() {
    let page = Page::new("doors");
    let folder = page.0.clone();
    let app = App::start_with(|setup| {
        told_apart(setup);
        setup.settings.frontend_dir = Some(folder);
    })
    .await;
    every_spelling_is_counted(&app);
    for path in ["/", "/index.html", "/assets/app-1a2b.js", "/%61ssets/app-1a2b.js", "//", "/gone"]
    {
        assert_eq!(send(&app, "GET", path, "").bucket(), "other", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn encoded_letters_buy_no_attempts() {
    let app = App::start_with(|setup| setup.limit_sign_in(5)).await;
    let passed = |targets: &[&str], headers: &str| {
        let tries = targets.iter().cycle().take(40);
        tries.filter(|target| send(&app, "POST", target, headers).status != 429).count()
    };
    let mixed = [
        "/%6civeness/sessions",
        "/liveness/%73essions",
        "/%76erify",
        "/verif%79",
        "/%72egister",
        "/verify?x",
        "http://elsewhere.test/verify",
    ];
    assert_eq!(passed(&mixed, ""), 5);
    // A key chooses a bucket where it is checked, and nowhere else.
    assert_eq!(passed(&["/%6civeness/sessions", "/liveness"], "X-Api-Key: fa_guess\r\n"), 0);
    assert_eq!(passed(&["/verify"], ""), 0);
    assert_eq!(passed(&["/%76erify"], "X-Api-Key: fa_guess\r\n"), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_route_knows_is_counted_too() {
    let three = NonZeroU32::new(3).expect("positive");
    let app = App::start_with(|setup| setup.settings.limits.other_per_minute = three).await;
    assert_eq!(app.get("/nowhere").code(), "not_found");
    assert_eq!(app.send("PUT", "/verify", &[], &[]).code(), "method_not_allowed");
    assert_eq!(app.get("/.well-known/jwks.json").status, 200);
    let refused = app.get("/%6eowhere");
    assert_eq!((refused.status, refused.code().as_str()), (429, "rate_limited"));
    assert_eq!(refused.header("ratelimit-policy"), "\"other\";q=3;w=60");
    assert!(refused.header("retry-after").parse::<u64>().expect("seconds") <= 20);
    for path in ["/openapi.json", "/docs/", "/capture", "//verify", "/verify/"] {
        assert_eq!(app.get(path).status, 429, "{path}");
    }
    // Probes, questions for methods and other buckets go on.
    assert_eq!((app.get("/healthz").status, app.get("/readyz").status), (200, 200));
    assert_eq!(app.send("OPTIONS", "/verify", &[], &[]).status, 204);
    assert_eq!(app.get("/me").status, 401);
}
