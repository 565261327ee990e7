//! Logout: by a client, and by the person's word.

use faceauth_test_support::scripted::Shows;
use serde_json::{Value, json};

use crate::app::App;
use crate::oidc_party::{
    AFTER_LOGOUT, Browser, LOGIN_COOKIE, address, carried, code, provider, redirect_to,
};

const ADA: Shows = Shows::Person(0);
const EVE: Shows = Shows::Person(1);

async fn app() -> App {
    let app = App::start_with(provider).await;
    for (name, face) in [("ada", ADA), ("eve", EVE)] {
        assert_eq!(app.register(name, face).status, 201);
    }
    app
}

/// A browser in which somebody is signed in for `app`, and the tokens.
fn signed_in(app: &App, name: &str, face: Shows) -> (Browser, Value) {
    let mut browser = Browser::default();
    let to = browser.sign_in(app, "app", name, face);
    let tokens = app.redeem("app", &code(&to), &[]).json();
    (browser, tokens)
}

fn is_signed_in(app: &App, browser: &mut Browser) -> bool {
    let asked = browser.begin(app, "app", &[]);
    browser.shown(app, &asked).json().get("signed_in").is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_with_the_id_token_logs_out_at_once() {
    let app = app().await;
    let (mut browser, tokens) = signed_in(&app, "ada", ADA);
    let before = browser.clone();
    // However old the ID token is.
    app.clock.advance(chrono::TimeDelta::hours(2));
    let query = [
        ("id_token_hint", tokens["id_token"].as_str().expect("a token")),
        ("post_logout_redirect_uri", AFTER_LOGOUT),
        ("state", "s"),
    ];
    let to = browser.open(&app, &address("/end-session", &query));
    assert_eq!(to, format!("{AFTER_LOGOUT}?state=s"));
    assert_eq!(browser.cookie(LOGIN_COOKIE), None);
    // Not only the cookie is gone.
    assert!(!is_signed_in(&app, &mut before.clone()));
    let refresh = tokens["refresh_token"].as_str().expect("a token");
    assert_eq!(app.renew("app", refresh).oauth_error(), "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_id_token_the_person_is_asked() {
    let app = app().await;
    let (mut browser, tokens) = signed_in(&app, "ada", ADA);
    let id_token = tokens["id_token"].as_str().expect("a token");
    let access = tokens["access_token"].as_str().expect("a token");
    let forged = format!("{}x", id_token);
    let other_client = [("id_token_hint", id_token), ("client_id", "other")];
    for query in [
        &[("client_id", "app")][..],
        &[],
        &[("id_token_hint", forged.as_str())],
        &[("id_token_hint", access)],
        &other_client,
    ] {
        let page = browser.open(&app, &address("/end-session", query));
        assert!(page.starts_with("/login?logout=ey"), "{page}");
        assert!(is_signed_in(&app, &mut browser));
    }
    let query = [("client_id", "app"), ("post_logout_redirect_uri", AFTER_LOGOUT), ("state", "s")];
    let page = browser.open(&app, &address("/end-session", &query));
    let logout = carried(&page, "logout").expect("a token");
    let wrong = browser.post(&app, "/login/logout", &json!({"logout": id_token}), None);
    assert_eq!(wrong.code(), "authorization_expired");
    let done = browser.post(&app, "/login/logout", &json!({"logout": logout}), None);
    assert_eq!(redirect_to(&done), format!("{AFTER_LOGOUT}?state=s"));
    assert!(!is_signed_in(&app, &mut browser));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_sent_to_no_foreign_address() {
    let app = app().await;
    let (mut browser, tokens) = signed_in(&app, "ada", ADA);
    let id_token = tokens["id_token"].as_str().expect("a token");
    for query in [
        [("id_token_hint", id_token), ("post_logout_redirect_uri", "https://evil.example/")],
        [("client_id", "app"), ("post_logout_redirect_uri", "https://evil.example/")],
        [("client_id", ""), ("post_logout_redirect_uri", AFTER_LOGOUT)],
    ] {
        let page = browser.open(&app, &address("/end-session", &query));
        assert_eq!(page, "/login?error=invalid_redirect_uri");
        assert!(is_signed_in(&app, &mut browser));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_of_somebody_else_logs_nobody_out() {
    let app = app().await;
    let (mut browser, _) = signed_in(&app, "ada", ADA);
    let (_, eves) = signed_in(&app, "eve", EVE);
    let query = [("id_token_hint", eves["id_token"].as_str().expect("a token"))];
    let page = browser.open(&app, &address("/end-session", &query));
    assert!(page.starts_with("/login?logout=ey"), "{page}");
    assert!(is_signed_in(&app, &mut browser));
    let form = app.post_form("/end-session", &[], &[("client_id", "app")]);
    assert!(form.header("location").starts_with("/login?logout=ey"));
}
