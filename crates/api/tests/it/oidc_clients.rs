//! Clients that the command line has made, and what becomes of their tokens when they change.

use chrono::{DateTime, Utc};
use faceauth_api::settings::Credential;
use faceauth_domain::clock::Clock;
use faceauth_domain::oauth::client::ClientId;
use faceauth_store::Store;
use faceauth_store::clients::StoredClient;
use faceauth_test_support::database::sealer;
use faceauth_test_support::scripted::Shows;
use faceauth_usecases::oauth::secret::{self, ClientSecret};
use serde_json::json;

use crate::app::{Answer, App};
use crate::oidc_assertion::{AssertionKey, COSIGNER, SIGNER};
use crate::oidc_party::{
    self, AFTER_LOGOUT, Browser, address, basic, carried, code, provider, redemption, request, text,
};

const ADA: Shows = Shows::Person(0);
/// What the client is called.
const ID: &str = "made";

/// A provider, and the command line's way to its database.
async fn app() -> (App, Store) {
    let app = App::start_with(provider).await;
    assert_eq!(app.register("ada", ADA).status, 201);
    let store = Store::connect(&app.database.config(), sealer()).await.expect("a store");
    (app, store)
}

fn id() -> ClientId {
    ID.parse().expect("an id")
}

/// Makes the client as `faceauth clients create` does.
async fn make(store: &Store, credential: Credential, now: DateTime<Utc>) {
    let client = oidc_party::client(ID, credential, |made| made.first_party = false);
    let stored = StoredClient {
        client: client.client,
        credential: client.credential,
        created_at: now,
        credential_at: now,
    };
    assert!(store.create_client(&stored).await.expect("a database"));
}

fn proof(secret: &str) -> Credential {
    Credential::SecretHash(secret::hash(secret))
}

/// What the client sends with its secret.
fn post(app: &App, secret: &str, path: &str, pairs: &[(&str, &str)]) -> Answer {
    app.post_form(path, &[("authorization", &basic(ID, secret))], pairs)
}

fn redeem(app: &App, secret: &str, code: &str) -> Answer {
    post(app, secret, "/token", &redemption(ID, code, &[]))
}

fn renew(app: &App, secret: &str, token: &str) -> Answer {
    post(app, secret, "/token", &[("grant_type", "refresh_token"), ("refresh_token", token)])
}

fn push(app: &App, secret: &str) -> Answer {
    post(app, secret, "/oauth/par", &request(ID, &[]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_made_client_goes_the_whole_way() {
    let (app, store) = app().await;
    let secret = ClientSecret::random().expect("randomness");
    make(&store, proof(secret.text()), app.clock.now()).await;
    let pushed = push(&app, secret.text());
    assert_eq!(pushed.status, 201, "{}", pushed.text());
    let mut browser = Browser::default();
    let pushed = pushed.json();
    let query = [("client_id", ID), ("request_uri", text(&pushed, "request_uri"))];
    let asked = carried(&browser.open(&app, &address("/authorize", &query)), "request");
    let asked = asked.expect("a request");
    let shown = browser.shown(&app, &asked).json();
    assert_eq!(shown["client"], json!({"name": "The app made", "first_party": false}));
    let token = app.verify("ada", ADA).access_token();
    let accepted = browser.accept(&app, &asked, Some(&token), true);
    let issued = code(&oidc_party::redirect_to(&accepted));
    assert_eq!(redeem(&app, "wrong", &issued).oauth_error(), "invalid_client");
    let tokens = redeem(&app, secret.text(), &issued);
    assert_eq!(tokens.status, 200, "{}", tokens.text());
    let tokens = tokens.json();
    let access = text(&tokens, "access_token");
    assert_eq!(app.with_token("GET", "/userinfo", access).status, 200);
    let renewed = renew(&app, secret.text(), text(&tokens, "refresh_token"));
    assert_eq!(renewed.status, 200, "{}", renewed.text());
    let own = app.verify("ada", ADA).access_token();
    let connected = app.with_token("GET", "/me/clients", &own).json();
    assert_eq!(connected["clients"][0]["name"], "The app made");
    let hint =
        [("id_token_hint", text(&tokens, "id_token")), ("post_logout_redirect_uri", AFTER_LOGOUT)];
    assert_eq!(browser.open(&app, &address("/end-session", &hint)), AFTER_LOGOUT);
    let renewed = renewed.json();
    let over = renew(&app, secret.text(), text(&renewed, "refresh_token"));
    assert_eq!(over.oauth_error(), "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_secret_is_the_only_one_and_sessions_go_on_with_it() {
    let (app, store) = app().await;
    make(&store, proof("old"), app.clock.now()).await;
    let to = Browser::default().sign_in(&app, ID, "ada", ADA);
    let tokens = redeem(&app, "old", &code(&to)).json();
    let mut waiting = Browser::default();
    let asked = waiting.begin(&app, ID, &[]);
    let pushed = push(&app, "old").json();
    assert!(store.rotate_client(&id(), &proof("new"), app.clock.now()).await.expect("a database"));

    let refresh = text(&tokens, "refresh_token");
    assert_eq!(renew(&app, "old", refresh).oauth_error(), "invalid_client");
    assert_eq!(push(&app, "old").oauth_error(), "invalid_client");
    // Nobody's sign-in is lost: what was given is of no use without the new secret.
    assert_eq!(renew(&app, "new", refresh).status, 200);
    let access = text(&tokens, "access_token");
    assert_eq!(app.with_token("GET", "/userinfo", access).status, 200);
    let query = [("client_id", ID), ("request_uri", text(&pushed, "request_uri"))];
    let page = Browser::default().open(&app, &address("/authorize", &query));
    assert!(page.starts_with("/login?request="), "{page}");
    let token = app.verify("ada", ADA).access_token();
    let to = oidc_party::redirect_to(&waiting.accept(&app, &asked, Some(&token), true));
    let issued = code(&to);
    assert_eq!(redeem(&app, "old", &issued).oauth_error(), "invalid_client");
    assert_eq!(redeem(&app, "new", &issued).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn new_keys_are_the_only_ones() {
    let (app, store) = app().await;
    let key = |key: AssertionKey| AssertionKey { client: ID, ..key };
    let (old, new) = (key(SIGNER), key(COSIGNER));
    make(&store, Credential::Jwks(old.jwks()), app.clock.now()).await;
    let push = |key: &AssertionKey, jti: &str| {
        app.post_asserted("/oauth/par", &key.assertion(&app, jti), &request(ID, &[]))
    };
    assert_eq!(push(&old, "1").status, 201);
    let keys = Credential::Jwks(new.jwks());
    assert!(store.rotate_client(&id(), &keys, app.clock.now()).await.expect("a database"));
    assert_eq!(push(&old, "2").oauth_error(), "invalid_client");
    assert_eq!(push(&new, "3").status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_outlives_a_removed_client() {
    let (app, store) = app().await;
    make(&store, proof("secret"), app.clock.now()).await;
    let mut browser = Browser::default();
    let tokens = redeem(&app, "secret", &code(&browser.sign_in(&app, ID, "ada", ADA))).json();
    let issued = code(&Browser::default().sign_in(&app, ID, "ada", ADA));
    let mut waiting = Browser::default();
    let asked = waiting.begin(&app, ID, &[]);
    let pushed = push(&app, "secret").json();
    let pushed = [("client_id", ID), ("request_uri", text(&pushed, "request_uri"))];
    let pushed = address("/authorize", &pushed);
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    let sessions = || {
        let own = app.verify("ada", ADA).access_token();
        let sessions = app.with_token("GET", "/me/sessions", &own).json();
        let of_client = sessions["sessions"].as_array().expect("sessions").iter();
        of_client.filter(|session| session["client_id"] == ID).count()
    };
    assert_eq!(sessions(), 1);
    assert!(store.remove_client(&id(), app.clock.now()).await.expect("a database"));

    let no_token = || app.with_token("GET", "/userinfo", access).oauth_error();
    assert_eq!(no_token(), "invalid_token");
    assert_eq!(renew(&app, "secret", refresh).oauth_error(), "invalid_client");
    assert_eq!(redeem(&app, "secret", &issued).oauth_error(), "invalid_client");
    assert_eq!(Browser::default().open(&app, &pushed), "/login?error=invalid_request_uri");
    let unknown = address("/authorize", &request(ID, &[("prompt", "none")]));
    assert_eq!(browser.open(&app, &unknown), "/login?error=unknown_client");
    let mut is_over = || waiting.shown(&app, &asked).code();
    assert_eq!(is_over(), "authorization_expired");
    assert_eq!(sessions(), 0);

    // Another one that is called so, and even has its secret, begins with nothing.
    make(&store, proof("secret"), app.clock.now()).await;
    assert_eq!(no_token(), "invalid_token");
    assert_eq!(renew(&app, "secret", refresh).oauth_error(), "invalid_grant");
    assert_eq!(redeem(&app, "secret", &issued).oauth_error(), "invalid_grant");
    assert_eq!(is_over(), "authorization_expired");
    let silent = browser.open(&app, &unknown);
    assert_eq!(carried(&silent, "error").as_deref(), Some("consent_required"));
    assert_eq!(sessions(), 0);
}
