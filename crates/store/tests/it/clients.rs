//! Clients of the `OpenID` Connect provider, what people gave them, and their assertions.

use std::sync::Arc;

use faceauth_domain::oauth::client::{Client, ClientAuthentication, ClientId, ClientRegistration};
use faceauth_domain::oauth::credential::ClientCredential;
use faceauth_domain::user::UserId;
use faceauth_store::Store;
use faceauth_store::clients::StoredClient;
use faceauth_test_support::database::TestDatabase;
use tokio::sync::Barrier;

use crate::support::{at, count, enrolment, hash, session_of};

fn id(text: &str) -> ClientId {
    text.parse().unwrap()
}

/// A client with a value in every column that its credential leaves open.
fn client(name: &str, credential: ClientCredential) -> StoredClient {
    let registration = ClientRegistration {
        id: id(name),
        name: "The Shop".to_owned(),
        redirect_uris: vec![
            "https://shop.example.org/cb".parse().unwrap(),
            "http://127.0.0.1/cb".parse().unwrap(),
        ],
        post_logout_redirect_uris: vec!["https://shop.example.org/bye".parse().unwrap()],
        authentication: credential.authentication(),
        first_party: true,
        pairwise: true,
        sector: Some("example.org".to_owned()),
        audience: Some("https://api.example.org".to_owned()),
        require_par: true,
        offline_access: true,
    };
    StoredClient {
        client: Client::new(registration).unwrap(),
        credential,
        created_at: at(0),
        credential_at: at(0),
    }
}

fn secret() -> ClientCredential {
    ClientCredential::SecretHash(hash())
}

/// Stores a client that is called so.
pub async fn make(store: &Store, name: &str) {
    assert!(store.create_client(&client(name, secret())).await.unwrap());
}

/// Sends each statement about clients once.
pub async fn call_everything(store: &Store, user: UserId) {
    let shop = client("shop", secret());
    store.create_client(&shop).await.unwrap();
    store.client(shop.client.id()).await.unwrap();
    store.rotate_client(shop.client.id(), &secret(), at(1)).await.unwrap();
    store.put_client_consent(user, shop.client.id(), &["openid"], true, at(1)).await.unwrap();
    store.has_client_consent(user, shop.client.id(), &["openid"]).await.unwrap();
    store.use_client_assertion(shop.client.id(), &hash(), at(9)).await.unwrap();
    store.remove_client(shop.client.id(), at(2)).await.unwrap();
}

#[tokio::test]
async fn a_client_is_read_as_it_was_made() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let jwks = ClientCredential::Jwks("{\"keys\":[]}".to_owned());
    let made = [client("a", ClientCredential::None), client("b", secret()), client("c", jwks)];
    for one in &made {
        assert!(store.create_client(one).await.unwrap());
        assert!(!store.create_client(one).await.unwrap(), "the id is taken");
        assert_eq!(store.client(one.client.id()).await.unwrap().as_ref(), Some(one));
    }
    assert_eq!(store.clients().await.unwrap(), made);
    assert_eq!(store.client(&id("A")).await.unwrap(), None, "letter case counts");
}

#[tokio::test]
async fn a_rotated_client_has_the_new_credential_alone_and_of_its_kind() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    store.create_client(&client("shop", secret())).await.unwrap();
    let next = secret();
    assert!(store.rotate_client(&id("shop"), &next, at(5)).await.unwrap());
    let rotated = store.client(&id("shop")).await.unwrap().unwrap();
    assert_eq!((rotated.credential, rotated.credential_at), (next, at(5)));
    assert_eq!(rotated.client.authentication(), ClientAuthentication::ClientSecretBasic);
    let keys = ClientCredential::Jwks("{}".to_owned());
    assert!(!store.rotate_client(&id("shop"), &keys, at(6)).await.unwrap());
    assert!(!store.rotate_client(&id("shop"), &ClientCredential::None, at(6)).await.unwrap());
    assert!(!store.rotate_client(&id("nobody"), &secret(), at(6)).await.unwrap());
}

#[tokio::test]
async fn a_removed_client_leaves_nothing_that_people_gave_it() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    for name in ["shop", "bank"] {
        store.create_client(&client(name, secret())).await.unwrap();
        store.put_client_consent(ada.user.id, &id(name), &["openid"], true, at(1)).await.unwrap();
    }
    assert!(store.remove_client(&id("shop"), at(2)).await.unwrap());
    assert!(!store.remove_client(&id("shop"), at(2)).await.unwrap());
    assert!(!store.has_client_consent(ada.user.id, &id("shop"), &["openid"]).await.unwrap());
    assert!(store.has_client_consent(ada.user.id, &id("bank"), &["openid"]).await.unwrap());
}

#[tokio::test]
async fn consent_covers_what_the_person_was_asked_for() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    let (user, shop) = (ada.user.id, id("shop"));
    let covers =
        async |scopes: &[&str]| store.has_client_consent(user, &shop, scopes).await.unwrap();
    let put = async |scopes: &[&str], asked, seconds| {
        store.put_client_consent(user, &shop, scopes, asked, at(seconds)).await.unwrap();
    };
    assert!(!covers(&["openid"]).await);
    // A client of the deployment itself, which becomes one of somebody else.
    put(&["openid", "profile"], false, 1).await;
    assert!(!covers(&["openid"]).await, "nobody was asked");
    put(&["openid"], true, 2).await;
    assert!(covers(&["openid"]).await);
    assert!(!covers(&["openid", "profile"]).await, "what nobody was asked for is not agreed to");
    put(&["openid", "profile"], true, 3).await;
    put(&["openid"], true, 4).await;
    assert!(covers(&["openid", "profile"]).await, "what was agreed to stays");

    let clients = store.account(session_of(&ada)).clients().await.unwrap();
    let [one] = clients.as_slice() else { panic!("{clients:?}") };
    assert_eq!((one.client_id.as_str(), one.asked), ("shop", true));
    assert_eq!(one.scopes, ["openid", "profile"]);
    assert_eq!((one.granted_at, one.last_used_at), (at(1), at(4)));
    assert_eq!(store.account(session_of(&ada)).export().await.unwrap().clients, clients);

    assert!(store.account(session_of(&ada)).disconnect_client(&shop, at(5)).await.unwrap());
    assert!(!store.account(session_of(&ada)).disconnect_client(&shop, at(5)).await.unwrap());
    assert!(!covers(&["openid"]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_uses_of_an_assertion_at_two_replicas_one_counts() {
    let database = TestDatabase::create().await;
    let replicas = [database.store().await, database.store().await];
    let together = Arc::new(Barrier::new(50));
    let jti = hash();
    let uses: Vec<_> = (0..50)
        .map(|number| {
            let (store, together) = (replicas[number % 2].clone(), Arc::clone(&together));
            tokio::spawn(async move {
                together.wait().await;
                store.use_client_assertion(&id("shop"), &jti, at(60)).await.unwrap()
            })
        })
        .collect();
    let mut counted = 0;
    for one in uses {
        counted += usize::from(one.await.unwrap());
    }
    assert_eq!(counted, 1);
    // Another client may choose the same identifier.
    assert!(replicas[0].use_client_assertion(&id("bank"), &jti, at(60)).await.unwrap());

    let client = database.client().await;
    replicas[0].sweep(at(59)).await;
    assert_eq!(count(&client, "client_assertions").await, 2);
    replicas[0].sweep(at(60)).await;
    assert_eq!(count(&client, "client_assertions").await, 0);
}
