//! What the privacy test does as apps that sign people in, and what it looks for afterwards.

use faceauth_test_support::scripted::Shows;
use serde_json::{Value, json};

use crate::app::App;
use crate::oidc_assertion::SIGNER;
use crate::oidc_party::{
    self, Browser, LOGIN_COOKIE, REQUEST_COOKIE, VERIFIER, address, basic, carried, redemption,
    request,
};
use crate::privacy::{NAME, Secrets};

const STATE: &str = "state-of-privacy";
const NONCE: &str = "nonce-of-privacy";
const WRONG_SECRET: &str = "a wrong secret of privacy";
const WRONG_VERIFIER: &str = "a-wrong-verifier-of-privacy-a-wrong-verifier-of-privacy";

/// What a request of the test says.
const ASKED: [(&str, &str); 3] = [("login_hint", NAME), ("state", STATE), ("nonce", NONCE)];

fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap_or_else(|| panic!("no {name}"))
}

/// Drives every flow of OpenID Connect, and its refusals.
pub fn every_client(secrets: &mut Secrets, app: &App) {
    let metadata = [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/.well-known/jwks.json",
    ];
    for path in metadata {
        assert_eq!(app.get(path).status, 200, "{path}");
    }
    let mut browser = Browser::default();
    let code = by_the_page(secrets, app, &mut browser);
    let tokens = tokens(secrets, app, &code);
    unseen(secrets, app, &mut browser);
    refused(secrets, app, &mut browser);
    pushed(secrets, app, &mut browser);
    by_assertion(secrets, app, &mut browser);
    logged_out(secrets, app, &mut browser, text(&tokens, "id_token"));
    disconnected(app);
    secrets.text("a state", STATE);
    secrets.text("a nonce", NONCE);
    for verifier in [VERIFIER, WRONG_VERIFIER] {
        secrets.text("a code verifier", verifier);
    }
    for secret in [oidc_party::SECRET, WRONG_SECRET] {
        secrets.text("a client secret", secret);
        secrets.text("a client secret", basic("server", secret).trim_start_matches("Basic "));
    }
}

/// What browsers present now. Both change as the flows go on.
fn keep_cookies(secrets: &mut Secrets, browser: &Browser) {
    for name in [LOGIN_COOKIE, REQUEST_COOKIE] {
        if let Some(cookie) = browser.cookie(name) {
            secrets.hashed("a cookie", cookie);
        }
    }
}

/// Every part of these tokens but the header, which says nothing.
fn keep_tokens(secrets: &mut Secrets, tokens: &Value) {
    for name in ["access_token", "id_token"] {
        secrets.jwt("a token of a client", text(tokens, name));
    }
    if let Some(token) = tokens["refresh_token"].as_str() {
        secrets.hashed("a refresh token of a client", token);
    }
}

/// The code of an address that leads back to a client.
fn code(secrets: &mut Secrets, to: &str) -> String {
    let code = carried(to, "code").unwrap_or_else(|| panic!("no code"));
    secrets.hashed("an authorization code", &code);
    code
}

/// Signs in on the page, and agrees. Returns a code for `app`.
fn by_the_page(secrets: &mut Secrets, app: &App, browser: &mut Browser) -> String {
    let sign_in = |secrets: &mut Secrets, browser: &mut Browser, asked: &str, agreed: bool| {
        secrets.hashed("the secret of an authorization request", asked);
        keep_cookies(secrets, browser);
        assert_eq!(app.get(&address("/login", &[("request", asked)])).status, 200);
        assert_eq!(browser.shown(app, asked).status, 200);
        let signed_in = app.verify(NAME, Shows::Person(0)).json();
        let token = text(&signed_in, "access_token");
        secrets.jwt("a token of the page", token);
        if agreed {
            let silent = browser.accept(app, asked, Some(token), false);
            assert_eq!(silent.code(), "client_consent_required");
        }
        let accepted = browser.accept(app, asked, Some(token), agreed);
        keep_cookies(secrets, browser);
        code(secrets, &oidc_party::redirect_to(&accepted))
    };
    // By a form, and with the person's word.
    let posted = app.post_form("/authorize", &[], &request("third", &ASKED));
    browser.keep(&posted);
    let asked = carried(posted.header("location"), "request").expect("a request");
    sign_in(secrets, browser, &asked, true);
    let stranger = Browser::default().shown(app, &asked);
    assert_eq!(stranger.code(), "authorization_expired");
    let asked = browser.begin(app, "app", &ASKED);
    sign_in(secrets, browser, &asked, false)
}

/// Redeems a code and renews, and does both again.
fn tokens(secrets: &mut Secrets, app: &App, code: &str) -> Value {
    let wrong = app.redeem("app", code, &[("code_verifier", WRONG_VERIFIER)]);
    assert_eq!(wrong.oauth_error(), "invalid_grant");
    let tokens = app.redeem("app", code, &[]).json();
    let access = text(&tokens, "access_token");
    for method in ["GET", "POST"] {
        assert_eq!(app.with_token(method, "/userinfo", access).status, 200);
    }
    let renewed = app.renew("app", text(&tokens, "refresh_token")).json();
    keep_tokens(secrets, &tokens);
    keep_tokens(secrets, &renewed);
    let used = app.renew("app", text(&tokens, "refresh_token"));
    assert_eq!(used.oauth_error(), "invalid_grant");
    assert_eq!(app.redeem("app", code, &[]).oauth_error(), "invalid_grant");
    for method in ["GET", "POST"] {
        assert_eq!(app.with_token(method, "/userinfo", access).oauth_error(), "invalid_token");
    }
    tokens
}

/// Is let in without seeing anything, and is not.
fn unseen(secrets: &mut Secrets, app: &App, browser: &mut Browser) {
    let unseen = [&ASKED[..], &[("prompt", "none")]].concat();
    let to = browser.open(app, &address("/authorize", &request("app", &unseen)));
    let issued = code(secrets, &to);
    let tokens = app.redeem("app", &issued, &[]).json();
    keep_tokens(secrets, &tokens);
    for token in [text(&tokens, "refresh_token"), text(&tokens, "access_token"), "no token"] {
        let given_back = [("client_id", "app"), ("token", token)];
        assert_eq!(app.post_form("/oauth/revoke", &[], &given_back).status, 200);
    }
    keep_cookies(secrets, browser);
    let to = Browser::default().open(app, &address("/authorize", &request("app", &unseen)));
    assert_eq!(carried(&to, "error").as_deref(), Some("login_required"));
}

/// Refuses on the page, and is refused.
fn refused(secrets: &mut Secrets, app: &App, browser: &mut Browser) {
    let asked = browser.begin(app, "app", &ASKED);
    secrets.hashed("the secret of an authorization request", &asked);
    let body = json!({"request": asked});
    for status in [200, 410] {
        assert_eq!(browser.post(app, "/login/refuse", &body, None).status, status);
    }
    let wrong = [&ASKED[..], &[("response_type", "token")]].concat();
    let to = browser.open(app, &address("/authorize", &request("app", &wrong)));
    assert_eq!(carried(&to, "error").as_deref(), Some("unsupported_response_type"));
    let unknown = browser.open(app, &address("/authorize", &request("nobody", &ASKED)));
    assert_eq!(unknown, "/login?error=unknown_client");
}

/// Pushes a request as a client with a secret, and goes on with it.
fn pushed(secrets: &mut Secrets, app: &App, browser: &mut Browser) {
    let wrong = basic("server", WRONG_SECRET);
    let refused = app.post_form("/oauth/par", &[("authorization", &wrong)], &[]);
    assert_eq!(refused.oauth_error(), "invalid_client");
    let secret = basic("server", oidc_party::SECRET);
    let headers = [("authorization", secret.as_str())];
    let pushed = app.post_form("/oauth/par", &headers, &request("server", &ASKED));
    assert_eq!(pushed.status, 201, "{}", pushed.text());
    let pushed = pushed.json();
    let uri = text(&pushed, "request_uri");
    secrets.hashed("a pushed request", uri.rsplit(':').next().unwrap_or_default());
    let query = [("client_id", "server"), ("request_uri", uri)];
    let page = browser.open(app, &address("/authorize", &query));
    let asked = carried(&page, "request").expect("a request");
    let used = browser.open(app, &address("/authorize", &query));
    assert_eq!(used, "/login?error=invalid_request_uri");
    let accepted = browser.accept(app, &asked, None, false);
    keep_cookies(secrets, browser);
    let code = code(secrets, &oidc_party::redirect_to(&accepted));
    let grant = redemption("server", &code, &[]);
    let refused = app.post_form("/token", &[("authorization", &wrong)], &grant);
    assert_eq!(refused.oauth_error(), "invalid_client");
    let tokens = app.post_form("/token", &headers, &grant).json();
    keep_tokens(secrets, &tokens);
    for (name, token) in tokens.as_object().expect("tokens") {
        if name.ends_with("_token") {
            let asked = [("token", token.as_str().expect("a token"))];
            let looked = app.post_form("/oauth/introspect", &headers, &asked);
            assert_eq!(looked.status, 200, "{name}: {}", looked.text());
        }
    }
}

/// Pushes a request and redeems a code as a client with a key.
fn by_assertion(secrets: &mut Secrets, app: &App, browser: &mut Browser) {
    let assertion = |secrets: &mut Secrets, jti: &str| {
        let assertion = SIGNER.assertion(app, jti);
        secrets.jwt("an assertion of a client", &assertion);
        secrets.hashed("the name of an assertion", jti);
        assertion
    };
    let first = assertion(secrets, "first-assertion-of-privacy");
    let pushed = app.post_asserted("/oauth/par", &first, &request("signer", &ASKED));
    assert_eq!(pushed.status, 201, "{}", pushed.text());
    let pushed = pushed.json();
    let uri = text(&pushed, "request_uri");
    secrets.hashed("a pushed request", uri.rsplit(':').next().unwrap_or_default());
    let query = [("client_id", "signer"), ("request_uri", uri)];
    let page = browser.open(app, &address("/authorize", &query));
    let asked = carried(&page, "request").expect("a request");
    let accepted = browser.accept(app, &asked, None, false);
    keep_cookies(secrets, browser);
    let code = code(secrets, &oidc_party::redirect_to(&accepted));
    let grant = redemption("signer", &code, &[]);
    let reused = app.post_asserted("/token", &first, &grant);
    assert_eq!(reused.oauth_error(), "invalid_client");
    let foreign = assertion(secrets, "foreign-assertion-of-privacy").replace('.', ".x");
    assert_eq!(app.post_asserted("/token", &foreign, &grant).oauth_error(), "invalid_client");
    let second = assertion(secrets, "second-assertion-of-privacy");
    keep_tokens(secrets, &app.post_asserted("/token", &second, &grant).json());
}

/// Logs out by an ID token, by a form, and by the person's word.
fn logged_out(secrets: &mut Secrets, app: &App, browser: &mut Browser, id_token: &str) {
    let before = browser.clone();
    let hint = [("id_token_hint", id_token), ("state", STATE)];
    browser.open(app, &address("/end-session", &hint));
    assert_eq!(app.post_form("/end-session", &[], &hint).status, 303);
    let mut browser = before;
    let named = [
        ("client_id", "app"),
        ("post_logout_redirect_uri", oidc_party::AFTER_LOGOUT),
        ("state", STATE),
    ];
    let page = browser.open(app, &address("/end-session", &named));
    let question = carried(&page, "logout").expect("a question");
    secrets.jwt("the question of a logout", &question);
    assert_eq!(app.get(&address("/login", &[("logout", &question)])).status, 200);
    let wrong = json!({"logout": format!("{question}x")});
    let wrong = browser.post(app, "/login/logout", &wrong, None);
    assert_eq!(wrong.code(), "authorization_expired");
    let confirmed = browser.post(app, "/login/logout", &json!({"logout": question}), None);
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
}

/// Sees and takes back what apps were given.
fn disconnected(app: &App) {
    let token = app.verify(NAME, Shows::Person(0)).access_token();
    let clients = app.with_token("GET", "/me/clients", &token).json();
    assert_eq!(clients["clients"].as_array().expect("clients").len(), 4, "{clients}");
    assert_eq!(app.with_token("DELETE", "/me/clients/app", &token).status, 204);
    let sessions = app.with_token("GET", "/me/sessions", &token).json();
    let of_server = sessions["sessions"].as_array().expect("sessions").iter();
    let of_server = of_server.clone().find(|one| one["client_id"] == "server");
    let id = text(of_server.expect("a session"), "id");
    let ended = app.with_token("DELETE", &format!("/me/sessions/{id}"), &token);
    assert_eq!(ended.status, 204);
}
