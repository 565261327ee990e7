//! Clients of the `OpenID` Connect provider that the command line has made.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::oauth::client::{Client, ClientAuthentication, ClientId, ClientRegistration};
use faceauth_domain::oauth::credential::ClientCredential;
use faceauth_domain::oauth::redirect_uri::RedirectUri;

use crate::error::StoreError;
use crate::link::Link;
use crate::schema::clients;
use crate::tables::rows;

/// A client as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredClient {
    /// The client.
    pub client: Client,
    /// What its proof is held against.
    pub credential: ClientCredential,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it got the credential that it has.
    pub credential_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = clients)]
struct ClientRow {
    client_id: String,
    name: String,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    authentication: String,
    secret_hash: Option<Vec<u8>>,
    jwks: Option<String>,
    first_party: bool,
    pairwise: bool,
    sector: Option<String>,
    audience: Option<String>,
    require_par: bool,
    offline_access: bool,
    created_at: DateTime<Utc>,
    credential_at: DateTime<Utc>,
}

impl ClientRow {
    fn client(self) -> Result<StoredClient, StoreError> {
        let uris = |texts: Vec<String>| -> Result<Vec<RedirectUri>, StoreError> {
            let parsed = texts.iter().map(|text| RedirectUri::parse(text));
            parsed.collect::<Result<_, _>>().map_err(|_| rows::malformed("redirect_uri"))
        };
        let authentication: ClientAuthentication =
            self.authentication.parse().map_err(|_| rows::malformed("authentication"))?;
        let credential = match (authentication, self.secret_hash, self.jwks) {
            (ClientAuthentication::None, None, None) => ClientCredential::None,
            (ClientAuthentication::ClientSecretBasic, Some(hash), None) => {
                let hash = hash.try_into().map_err(|_| rows::malformed("secret_hash"))?;
                ClientCredential::SecretHash(hash)
            }
            (ClientAuthentication::PrivateKeyJwt, None, Some(jwks)) => ClientCredential::Jwks(jwks),
            _ => return Err(rows::malformed("authentication")),
        };
        let registration = ClientRegistration {
            id: self.client_id.parse().map_err(|_| rows::malformed("client_id"))?,
            name: self.name,
            redirect_uris: uris(self.redirect_uris)?,
            post_logout_redirect_uris: uris(self.post_logout_redirect_uris)?,
            authentication,
            first_party: self.first_party,
            pairwise: self.pairwise,
            sector: self.sector,
            audience: self.audience,
            require_par: self.require_par,
            offline_access: self.offline_access,
        };
        Ok(StoredClient {
            client: Client::new(registration).map_err(|_| rows::malformed("client"))?,
            credential,
            created_at: self.created_at,
            credential_at: self.credential_at,
        })
    }
}

/// What `clients` holds of a credential: the hash, or the keys.
fn columns(credential: &ClientCredential) -> (Option<&[u8]>, Option<&str>) {
    match credential {
        ClientCredential::None => (None, None),
        ClientCredential::SecretHash(hash) => (Some(hash), None),
        ClientCredential::Jwks(jwks) => (None, Some(jwks)),
    }
}

/// Stores a client. `false` when another one has its id.
pub(crate) async fn insert(connection: &mut Link, stored: &StoredClient) -> QueryResult<bool> {
    let it = stored.client.registration();
    let texts = |uris: &[RedirectUri]| -> Vec<String> {
        uris.iter().map(|uri| uri.as_str().to_owned()).collect()
    };
    let (secret_hash, jwks) = columns(&stored.credential);
    let inserted = diesel::insert_into(clients::table)
        .values((
            clients::client_id.eq(it.id.as_str()),
            clients::name.eq(&it.name),
            clients::redirect_uris.eq(texts(&it.redirect_uris)),
            clients::post_logout_redirect_uris.eq(texts(&it.post_logout_redirect_uris)),
            clients::authentication.eq(it.authentication.as_str()),
            (clients::secret_hash.eq(secret_hash), clients::jwks.eq(jwks)),
            clients::first_party.eq(it.first_party),
            (clients::pairwise.eq(it.pairwise), clients::sector.eq(&it.sector)),
            clients::audience.eq(&it.audience),
            clients::require_par.eq(it.require_par),
            clients::offline_access.eq(it.offline_access),
            clients::created_at.eq(stored.created_at),
            clients::credential_at.eq(stored.credential_at),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok(inserted == 1)
}

/// The client with this id.
pub(crate) async fn find(
    connection: &mut Link,
    id: &ClientId,
) -> Result<Option<StoredClient>, StoreError> {
    let row: Option<ClientRow> = clients::table
        .find(id.as_str())
        .select(ClientRow::as_select())
        .first(connection)
        .await
        .optional()?;
    row.map(ClientRow::client).transpose()
}

/// Every client, by id.
pub(crate) async fn all(connection: &mut Link) -> Result<Vec<StoredClient>, StoreError> {
    let rows: Vec<ClientRow> = clients::table
        .order(clients::client_id)
        .select(ClientRow::as_select())
        .load(connection)
        .await?;
    rows.into_iter().map(ClientRow::client).collect()
}

/// Gives a client another credential of the kind that it has. `false` when there is no such client
/// that authenticates in this way.
pub(crate) async fn rotate(
    connection: &mut Link,
    id: &ClientId,
    credential: &ClientCredential,
    now: DateTime<Utc>,
) -> QueryResult<bool> {
    let (secret_hash, jwks) = columns(credential);
    let authentication = credential.authentication().as_str();
    let rotated = diesel::update(clients::table.find(id.as_str()))
        .filter(clients::authentication.eq(authentication))
        .set((
            clients::secret_hash.eq(secret_hash),
            clients::jwks.eq(jwks),
            clients::credential_at.eq(now),
        ))
        .execute(connection)
        .await?;
    Ok(rotated == 1)
}

/// Deletes a client. `false` when there is none.
pub(crate) async fn delete(connection: &mut Link, id: &ClientId) -> QueryResult<bool> {
    Ok(diesel::delete(clients::table.find(id.as_str())).execute(connection).await? == 1)
}
