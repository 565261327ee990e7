//! Connected apps: what account holders see of clients, and how they take back what these have.

use faceauth_api::settings::{Credential, OidcRules, RegisteredClient};
use faceauth_domain::oauth::client::{Client, ClientAuthentication, ClientRegistration};
use faceauth_test_support::scripted::Shows;
use serde_json::json;

use crate::app::App;

const ADA: Shows = Shows::Person(0);

/// Writes down that the account with this id has signed in to a client.
pub async fn give(app: &App, user: &str, client_id: &str) {
    let sql = format!(
        "INSERT INTO client_consents VALUES ('{user}', '{client_id}', '{{openid,profile}}', true, \
         timestamptz '2026-01-02', timestamptz '2026-01-03')"
    );
    app.database.client().await.batch_execute(&sql).await.expect("an account");
}

fn shop() -> RegisteredClient {
    let registration = ClientRegistration {
        id: "shop".parse().expect("an id"),
        name: "The Shop".to_owned(),
        redirect_uris: vec!["https://shop.example.org/cb".parse().expect("an address")],
        post_logout_redirect_uris: Vec::new(),
        authentication: ClientAuthentication::None,
        first_party: false,
        pairwise: false,
        sector: None,
        audience: None,
        require_par: false,
        offline_access: false,
    };
    RegisteredClient {
        client: Client::new(registration).expect("a client"),
        credential: Credential::None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn account_holders_see_their_clients_and_take_back_what_one_was_given() {
    let app = App::start_with(|setup| {
        setup.settings.oidc = OidcRules { enabled: true, clients: vec![shop()] };
    })
    .await;
    let (ada, grace) = (app.register("ada", ADA), app.register("grace", Shows::Person(1)));
    let token = ada.access_token();
    for (answer, client) in [(&ada, "shop"), (&ada, "gone"), (&grace, "shop")] {
        give(&app, answer.json()["user"]["id"].as_str().expect("an id"), client).await;
    }
    let listed = app.with_token("GET", "/me/clients", &token).json();
    let row = |id: &str| {
        json!({
            "client_id": id, "scopes": ["openid", "profile"], "asked": true,
            "first_used_at": "2026-01-02T00:00:00Z", "last_used_at": "2026-01-03T00:00:00Z",
        })
    };
    let mut named = row("shop");
    named["name"] = json!("The Shop");
    assert_eq!(listed["clients"], json!([row("gone"), named]));
    let export = app.with_token("GET", "/me/export", &token).json();
    assert_eq!(export["clients"], json!([row("gone"), row("shop")]));

    // A session that the client has, one of another client, and a session of the page.
    let client = app.database.client().await;
    let sql = "INSERT INTO refresh_tokens (token_hash, user_id, session, auth_time, acr, issued_at, \
               expires_at, client_id, scope) SELECT sha256(named::bytea), users.id, \
               gen_random_uuid(), now(), 'face', now(), now() + interval '1 day', named, 'openid' \
               FROM users, unnest(ARRAY['shop', 'gone']) named WHERE username = 'ada'";
    client.batch_execute(sql).await.expect("sessions");
    let remove = |id: &str| app.with_token("DELETE", &format!("/me/clients/{id}"), &token);
    assert_eq!(remove("shop").status, 204);
    for id in ["shop", "unknown", "no%20id"] {
        assert_eq!(remove(id).code(), "not_found", "{id}");
    }
    let ended = "SELECT coalesce(client_id, 'page') FROM refresh_tokens \
                 WHERE revoked_at IS NOT NULL";
    let ended = client.query(ended, &[]).await.expect("rows");
    assert_eq!(ended.iter().map(|row| row.get(0)).collect::<Vec<String>>(), ["shop"]);
    let left = |token: &str| {
        let clients = app.with_token("GET", "/me/clients", token).json();
        clients["clients"].as_array().expect("clients").len()
    };
    assert_eq!((left(&token), left(&grace.access_token())), (1, 1));
}
