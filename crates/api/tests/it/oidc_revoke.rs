//! Tokens that clients give back, and what they and their APIs are told of tokens.

use chrono::TimeDelta;
use faceauth_test_support::scripted::Shows;
use serde_json::{Value, json};

use crate::app::{Answer, App, ISSUER};
use crate::oidc_party::{Browser, SECRET, app_of_ada, basic, claims, code, text};

const ADA: Shows = Shows::Person(0);
const INACTIVE: &str = r#"{"active":false}"#;

/// Sends a token as a client without a secret.
fn revoke(app: &App, client: &str, token: &str) -> Answer {
    app.post_form("/oauth/revoke", &[], &[("client_id", client), ("token", token)])
}

/// Asks about a token as a client with a secret.
fn introspect(app: &App, client: &str, token: &str) -> Answer {
    let secret = basic(client, SECRET);
    app.post_form("/oauth/introspect", &[("authorization", &secret)], &[("token", token)])
}

/// The tokens of the client with a secret.
fn tokens_of_server(app: &App) -> Value {
    let issued = code(&Browser::default().sign_in(app, "server", "ada", ADA));
    let secret = basic("server", SECRET);
    let form = crate::oidc_party::redemption("server", &issued, &[("client_id", "")]);
    let tokens = app.post_form("/token", &[("authorization", &secret)], &form);
    assert_eq!(tokens.status, 200, "{}", tokens.text());
    tokens.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_given_back_ends_its_session_and_no_other() {
    let app = app_of_ada().await;
    for given_back in ["refresh_token", "access_token"] {
        let (tokens, others) = (app.tokens_of("app"), app.tokens_of("app"));
        let answer = revoke(&app, "app", text(&tokens, given_back));
        assert_eq!((answer.status, answer.text().as_str()), (200, ""), "{given_back}");
        assert_eq!(answer.header("cache-control"), "no-store");
        let info = |tokens| app.with_token("GET", "/userinfo", text(tokens, "access_token"));
        assert_eq!(info(&tokens).oauth_error(), "invalid_token", "{given_back}");
        let renewed = app.renew("app", text(&tokens, "refresh_token"));
        assert_eq!(renewed.oauth_error(), "invalid_grant", "{given_back}");
        assert_eq!(info(&others).status, 200, "{given_back}");
        assert_eq!(app.renew("app", text(&others, "refresh_token")).status, 200, "{given_back}");
        // Again is no error.
        assert_eq!(revoke(&app, "app", text(&tokens, given_back)).status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_back_what_is_not_theirs() {
    let app = app_of_ada().await;
    let tokens = app.tokens_of("app");
    let own = app.verify("ada", ADA);
    for token in [text(&tokens, "refresh_token"), text(&tokens, "access_token"), "unknown", "a.b.c"]
    {
        // No error either: nobody learns whether there is such a token.
        assert_eq!(revoke(&app, "other", token).status, 200);
    }
    for token in [own.refresh_token(), own.access_token()] {
        assert_eq!(revoke(&app, "app", &token).status, 200);
    }
    // An ID token is no access token.
    assert_eq!(revoke(&app, "app", text(&tokens, "id_token")).status, 200);
    let info = app.with_token("GET", "/userinfo", text(&tokens, "access_token"));
    assert_eq!(info.status, 200);
    assert_eq!(app.renew("app", text(&tokens, "refresh_token")).status, 200);
    assert_eq!(app.with_token("GET", "/me", &own.access_token()).status, 200);

    let anonymous = app.post_form("/oauth/revoke", &[], &[("token", "x")]);
    assert_eq!((anonymous.status, anonymous.oauth_error().as_str()), (401, "invalid_client"));
    assert_eq!(revoke(&app, "server", "x").oauth_error(), "invalid_client");
    let without = app.post_form("/oauth/revoke", &[], &[("client_id", "app")]);
    assert_eq!(without.oauth_error(), "invalid_request");
    let secret = basic("server", SECRET);
    let headers = [("authorization", secret.as_str())];
    assert_eq!(app.post_form("/oauth/revoke", &headers, &[("token", "x")]).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_refresh_token_ends_its_session_too() {
    let app = app_of_ada().await;
    let tokens = app.tokens_of("app");
    let next = app.renew("app", text(&tokens, "refresh_token")).json();
    assert_eq!(revoke(&app, "app", text(&tokens, "refresh_token")).status, 200);
    let renewed = app.renew("app", text(&next, "refresh_token"));
    assert_eq!(renewed.oauth_error(), "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_learns_what_its_tokens_are_worth() {
    let app = app_of_ada().await;
    let tokens = tokens_of_server(&app);
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    let says = claims(access);
    let answer = introspect(&app, "server", access);
    assert_eq!(answer.header("cache-control"), "no-store");
    let of_access = answer.json();
    let mut expected = json!({"active": true, "token_type": "Bearer"});
    for name in
        ["iss", "sub", "aud", "client_id", "scope", "sid", "auth_time", "acr", "iat", "exp", "jti"]
    {
        assert!(!says[name].is_null(), "{name}");
        expected[name] = says[name].clone();
    }
    assert_eq!(of_access, expected);

    let of_refresh = introspect(&app, "server", refresh).json();
    assert_eq!(of_refresh["active"], true);
    for same in ["iss", "sub", "client_id", "scope", "sid", "auth_time", "acr"] {
        assert_eq!(of_refresh[same], says[same], "{same}");
    }
    assert_eq!(of_refresh["aud"], json!([ISSUER]));
    assert_eq!((&of_refresh["token_type"], &of_refresh["jti"]), (&Value::Null, &Value::Null));

    // Asking uses nothing up, and the end of the session ends both.
    assert_eq!(introspect(&app, "server", refresh).json(), of_refresh);
    let headers = basic("server", SECRET);
    let revoked =
        app.post_form("/oauth/revoke", &[("authorization", &headers)], &[("token", refresh)]);
    assert_eq!(revoked.status, 200);
    for token in [access, refresh] {
        assert_eq!(introspect(&app, "server", token).text(), INACTIVE);
    }
    let late = tokens_of_server(&app);
    app.clock.advance(TimeDelta::minutes(16));
    assert_eq!(introspect(&app, "server", text(&late, "access_token")).text(), INACTIVE);
    assert_eq!(introspect(&app, "server", text(&late, "refresh_token")).json()["active"], true);
    app.clock.advance(TimeDelta::days(31));
    assert_eq!(introspect(&app, "server", text(&late, "refresh_token")).text(), INACTIVE);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_others_tokens_it_learns_nothing() {
    let app = app_of_ada().await;
    let (others, own) = (app.tokens_of("app"), app.verify("ada", ADA));
    for token in [
        text(&others, "access_token"),
        text(&others, "refresh_token"),
        text(&others, "id_token"),
        &own.access_token(),
        &own.refresh_token(),
        "unknown",
    ] {
        assert_eq!(introspect(&app, "server", token).text(), INACTIVE);
    }
    // Except the access tokens that are for its API.
    let for_api = app.tokens_of("api");
    let answer = introspect(&app, "backend", text(&for_api, "access_token")).json();
    assert_eq!((&answer["active"], &answer["client_id"]), (&json!(true), &json!("api")));
    let refresh = introspect(&app, "backend", text(&for_api, "refresh_token"));
    assert_eq!(refresh.text(), INACTIVE);

    // Who only names itself learns nothing at all.
    let named = [("client_id", "app"), ("token", text(&others, "access_token"))];
    let refused = app.post_form("/oauth/introspect", &[], &named);
    assert_eq!((refused.status, refused.oauth_error().as_str()), (401, "invalid_client"));
    let wrong = basic("server", "wrong");
    let headers = [("authorization", wrong.as_str())];
    let refused = app.post_form("/oauth/introspect", &headers, &[("token", "x")]);
    assert_eq!(refused.oauth_error(), "invalid_client");
    let secret = basic("server", SECRET);
    let headers = [("authorization", secret.as_str())];
    assert_eq!(app.post_form("/oauth/introspect", &headers, &[]).oauth_error(), "invalid_request");
}
