//! Authorization requests: what is taken, and where each refusal goes.

use faceauth_test_support::scripted::Shows;
use serde_json::json;

use crate::app::{App, ISSUER};
use crate::oidc_party::{
    Browser, CALLBACK, SECRET, address, app_of_ada, basic, carried, code, redirect_to, request,
};

const ADA: Shows = Shows::Person(0);

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_without_it_is_no_provider() {
    let app = App::start().await;
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/authorize",
        "/userinfo",
        "/end-session",
        "/login/request",
    ] {
        assert_eq!(app.get(path).code(), "not_found", "{path}");
    }
    assert_eq!(app.post_form("/token", &[], &[]).code(), "not_found");
    for path in ["/oauth/par", "/oauth/revoke", "/oauth/introspect"] {
        assert_eq!(app.post_form(path, &[], &[]).code(), "not_found", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metadata_says_what_is_there() {
    let app = app_of_ada().await;
    let metadata = app.get("/.well-known/openid-configuration");
    assert_eq!(metadata.header("cache-control"), "public, max-age=300");
    let metadata = metadata.json();
    assert_eq!(metadata["issuer"], ISSUER);
    assert_eq!(metadata["response_types_supported"], json!(["code"]));
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    assert_eq!(metadata["id_token_signing_alg_values_supported"], json!(["EdDSA"]));
    for (name, value) in metadata.as_object().expect("an object") {
        let path = value.as_str().and_then(|value| value.strip_prefix(ISSUER));
        let Some(path) = path.filter(|path| !path.is_empty() && name != "issuer") else { continue };
        let known = app.send("OPTIONS", path, &[], &[]);
        assert_eq!(known.status, 204, "{name} says {path}");
    }
    assert_eq!(app.get("/.well-known/oauth-authorization-server").json(), metadata);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_known_address_the_browser_stays_here() {
    let app = app_of_ada().await;
    let leads = |changes: &[(&str, &str)]| {
        Browser::default().open(&app, &address("/authorize", &request("app", changes)))
    };
    assert_eq!(leads(&[("client_id", "nobody")]), "/login?error=unknown_client");
    assert_eq!(leads(&[("client_id", "")]), "/login?error=unknown_client");
    for wrong in
        ["", "https://evil.example/", "https://app.example.org/callback/", "http://127.0.0.1/other"]
    {
        let page = leads(&[("redirect_uri", wrong)]);
        assert_eq!(page, "/login?error=invalid_redirect_uri", "{wrong}");
    }
    let twice = format!("{}&state=2", address("/authorize", &request("app", &[])));
    assert_eq!(Browser::default().open(&app, &twice), "/login?error=invalid_request");
    // A loopback address of a native app, on whatever port.
    let native = leads(&[("redirect_uri", "http://127.0.0.1:4711/back")]);
    assert!(native.starts_with("/login?request="), "{native}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_flaw_goes_to_the_client() {
    let app = app_of_ada().await;
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "code id_token", "unsupported_response_type"),
        ("response_type", "", "invalid_request"),
        ("response_mode", "fragment", "invalid_request"),
        ("response_mode", "form_post", "invalid_request"),
        ("response_mode", "query.jwt", "invalid_request"),
        ("scope", "profile", "invalid_scope"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("prompt", "none login", "invalid_request"),
        ("max_age", "soon", "invalid_request"),
        ("request", "eyJ", "request_not_supported"),
        ("request_uri", "https://app.example.org/r", "request_uri_not_supported"),
        ("acr_values", "urn:other", "unmet_authentication_requirements"),
        // There are no passkeys here.
        ("acr_values", "urn:faceauth:acr:face-passkey-synced", "unmet_authentication_requirements"),
        ("prompt", "none", "login_required"),
        ("client_id", "push", "invalid_request"),
    ] {
        let asked = address("/authorize", &request("app", &[(name, value)]));
        let to = Browser::default().open(&app, &asked);
        assert!(to.starts_with(&format!("{CALLBACK}?")), "{name}={value}: {to}");
        assert_eq!(carried(&to, "error").as_deref(), Some(error), "{name}={value}");
        assert_eq!(carried(&to, "state").as_deref(), Some("the state"));
        assert_eq!(carried(&to, "iss").as_deref(), Some(ISSUER));
        assert_eq!(carried(&to, "code"), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_knows_here_changes_nothing() {
    let app = app_of_ada().await;
    let metadata = app.get("/.well-known/openid-configuration").json();
    assert_eq!(metadata["claims_parameter_supported"], false);
    assert_eq!(metadata["response_modes_supported"], json!(["query"]));
    let unknown = [
        ("claims_locales", "de en"),
        ("claims", r#"{"id_token":{"email":{"essential":true}}}"#),
        ("display", "popup"),
        ("resource", "https://api.example.org"),
        ("of_another_standard", "x"),
    ];
    let plain: serde_json::Value = {
        let mut browser = Browser::default();
        let asked = browser.begin(&app, "app", &[]);
        browser.shown(&app, &asked).json()
    };
    for asked in [address("/authorize", &request("app", &unknown)), {
        let secret = basic("server", SECRET);
        let headers = [("authorization", secret.as_str())];
        let pushed = app.post_form("/oauth/par", &headers, &request("server", &unknown));
        assert_eq!(pushed.status, 201, "{}", pushed.text());
        let pushed = pushed.json();
        let uri = pushed["request_uri"].as_str().expect("an address");
        // Beside a pushed request nothing else counts.
        let query = [("client_id", "server"), ("request_uri", uri), ("scope", "x"), unknown[4]];
        address("/authorize", &query)
    }] {
        let mut browser = Browser::default();
        let page = browser.open(&app, &asked);
        let asked = carried(&page, "request").unwrap_or_else(|| panic!("{page}"));
        let shown = browser.shown(&app, &asked).json();
        assert_eq!(shown["scopes"], plain["scopes"]);
        assert_eq!(shown["needs_consent"], plain["needs_consent"]);
    }
    let mut browser = Browser::default();
    let asked = browser.begin(&app, "app", &unknown);
    let token = app.verify("ada", ADA).access_token();
    let issued = code(&redirect_to(&browser.accept(&app, &asked, Some(&token), false)));
    let tokens = app.redeem("app", &issued, &unknown);
    assert_eq!(tokens.status, 200, "{}", tokens.text());
    let tokens = tokens.json();
    let claims = crate::oidc_party::claims(tokens["id_token"].as_str().expect("a token"));
    assert_eq!(claims.get("email"), None);
    let known = [("client_id", "app"), unknown[0], unknown[4]];
    let asked = browser.open(&app, &address("/end-session", &known));
    assert!(asked.starts_with("/login?logout=ey"), "{asked}");
    // A name that stands twice is an error, whatever it is called (RFC 6749, 3.1).
    let twice = format!("{}&claims_locales=fr", address("/authorize", &request("app", &unknown)));
    assert_eq!(Browser::default().open(&app, &twice), "/login?error=invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_taken_as_a_query_is() {
    let app = app_of_ada().await;
    let answer = app.post_form("/authorize", &[], &request("app", &[]));
    assert_eq!(answer.status, 303);
    assert!(answer.header("location").starts_with("/login?request="));
    let answer = app.send("POST", "/authorize", &[("content-type", "text/plain")], b"x");
    assert_eq!(answer.header("location"), "/login?error=invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pushed_request_is_used_once_by_its_client() {
    let app = app_of_ada().await;
    let secret = basic("push", SECRET);
    let headers = [("authorization", secret.as_str())];
    let push = || {
        let pushed = app.post_form("/oauth/par", &headers, &request("push", &[]));
        assert_eq!(pushed.status, 201, "{}", pushed.text());
        assert_eq!(pushed.json()["expires_in"], 60);
        pushed.json()["request_uri"].as_str().expect("an address").to_owned()
    };
    let by = |client: &str, uri: &str| {
        let mut browser = Browser::default();
        let query = [("client_id", client), ("request_uri", uri)];
        let page = browser.open(&app, &address("/authorize", &query));
        (browser, page)
    };
    let uri = push();
    assert_eq!(by("app", &uri).1, "/login?error=invalid_request_uri");
    let (mut browser, page) = by("push", &uri);
    assert_eq!(by("push", &uri).1, "/login?error=invalid_request_uri");
    let asked = carried(&page, "request").expect("a request");
    let token = app.verify("ada", ADA).access_token();
    let to = redirect_to(&browser.accept(&app, &asked, Some(&token), false));
    let pairs = [("code_verifier", crate::oidc_party::VERIFIER), ("redirect_uri", CALLBACK)];
    let code = code(&to);
    let grant = [("grant_type", "authorization_code"), ("code", code.as_str())];
    let tokens = app.post_form("/token", &headers, &[&pairs[..], &grant].concat());
    assert_eq!(tokens.status, 200, "{}", tokens.text());

    let late = push();
    app.clock.advance(chrono::TimeDelta::seconds(61));
    assert_eq!(by("push", &late).1, "/login?error=invalid_request_uri");
    let refused = |headers: &[(&str, &str)], changes: &[(&str, &str)]| {
        let answer = app.post_form("/oauth/par", headers, &request("push", changes));
        (answer.status, answer.oauth_error())
    };
    let error = |status, word: &str| (status, word.to_owned());
    assert_eq!(refused(&[], &[]), error(401, "invalid_client"));
    let wrong = [("redirect_uri", "https://evil.example/")];
    assert_eq!(refused(&headers, &wrong), error(400, "invalid_request"));
    let plain = [("code_challenge_method", "plain")];
    assert_eq!(refused(&headers, &plain), error(400, "invalid_request"));
}
