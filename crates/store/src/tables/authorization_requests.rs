//! What clients have asked for: a row each until the person has answered, and one for each request
//! that was pushed. What they said is sealed.

use std::fmt;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::oauth::client::ClientId;

use crate::error::StoreError;
use crate::link::Link;
use crate::schema::authorization_requests;
use crate::seal::{Sealed, Sealer, TextOwner};
use crate::tables::rows;

/// A request that waits.
#[derive(Clone, PartialEq, Eq)]
pub struct WaitingRequest {
    /// Who asks.
    pub client_id: String,
    /// The parameters, as a query. Kept as given; sealed before they leave the process.
    pub parameters: String,
    /// The name in `login_hint` as names are compared, if it is a name.
    pub username_key: Option<String>,
    /// When it was made.
    pub requested_at: DateTime<Utc>,
    /// From when on nobody can answer it.
    pub expires_at: DateTime<Utc>,
}

impl fmt::Debug for WaitingRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitingRequest")
            .field("client_id", &self.client_id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// The secrets that a request is found by, as hashes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RequestKey {
    /// SHA-256 of what the address of the page carries.
    pub id: [u8; 32],
    /// SHA-256 of what the cookie of the browser carries.
    pub browser: [u8; 32],
}

impl fmt::Debug for RequestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestKey")
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = authorization_requests)]
struct Row {
    client_id: String,
    key_id: Option<String>,
    sealed: Option<Vec<u8>>,
    username_key: Option<String>,
    requested_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

/// The request `id` of a row. `None` when its key was taken away, or a replica of the release before
/// has written it, which sealed nothing.
fn opened(
    sealer: &Sealer,
    id: &[u8; 32],
    row: Option<Row>,
) -> Result<Option<WaitingRequest>, StoreError> {
    let Some(Row { client_id, key_id, sealed, username_key, requested_at, expires_at }) = row
    else {
        return Ok(None);
    };
    let Some(sealed) = rows::sealed(key_id, sealed) else { return Ok(None) };
    let owner = TextOwner::AuthorizationRequest { id, client_id: &client_id };
    let Some(parameters) = sealer.open_text(owner, &sealed)? else { return Ok(None) };
    Ok(Some(WaitingRequest { client_id, parameters, username_key, requested_at, expires_at }))
}

/// Seals what the request `id` says, to be stored.
pub(crate) fn seal(
    sealer: &Sealer,
    id: &[u8; 32],
    request: &WaitingRequest,
) -> Result<Sealed, StoreError> {
    let owner = TextOwner::AuthorizationRequest { id, client_id: &request.client_id };
    Ok(sealer.seal_text(owner, &request.parameters)?)
}

/// Stores a request that [`seal`] has sealed; `browser` is `None` for a pushed one.
pub(crate) async fn insert(
    connection: &mut Link,
    id: &[u8; 32],
    browser: Option<&[u8; 32]>,
    request: &WaitingRequest,
    sealed: &Sealed,
) -> QueryResult<usize> {
    diesel::insert_into(authorization_requests::table)
        .values((
            authorization_requests::id.eq(&id[..]),
            authorization_requests::browser_hash.eq(browser.map(|hash| &hash[..])),
            authorization_requests::client_id.eq(&request.client_id),
            authorization_requests::key_id.eq(&sealed.key_id),
            authorization_requests::sealed.eq(&sealed.bytes),
            authorization_requests::username_key.eq(&request.username_key),
            authorization_requests::requested_at.eq(request.requested_at),
            authorization_requests::expires_at.eq(request.expires_at),
        ))
        .execute(connection)
        .await
}

/// A request that this browser may still answer.
pub(crate) async fn find(
    connection: &mut Link,
    sealer: &Sealer,
    key: &RequestKey,
    now: DateTime<Utc>,
) -> Result<Option<WaitingRequest>, StoreError> {
    let row: Option<Row> = authorization_requests::table
        .find(&key.id[..])
        .filter(authorization_requests::browser_hash.eq(&key.browser[..]))
        .filter(authorization_requests::expires_at.gt(now))
        .select(Row::as_select())
        .first(connection)
        .await
        .optional()?;
    opened(sealer, &key.id, row)
}

/// Takes a request away. Of several at once one gets it.
pub(crate) async fn take(
    connection: &mut Link,
    key: &RequestKey,
    now: DateTime<Utc>,
) -> QueryResult<bool> {
    let open = authorization_requests::table
        .find(&key.id[..])
        .filter(authorization_requests::browser_hash.eq(&key.browser[..]))
        .filter(authorization_requests::expires_at.gt(now));
    Ok(diesel::delete(open).execute(connection).await? == 1)
}

/// Takes a pushed request of this client away. Of several at once one gets it.
pub(crate) async fn take_pushed(
    connection: &mut Link,
    sealer: &Sealer,
    id: &[u8; 32],
    client_id: &str,
    now: DateTime<Utc>,
) -> Result<Option<WaitingRequest>, StoreError> {
    let open = authorization_requests::table
        .find(&id[..])
        .filter(authorization_requests::browser_hash.is_null())
        .filter(authorization_requests::client_id.eq(client_id))
        .filter(authorization_requests::expires_at.gt(now));
    let row: Option<Row> = diesel::delete(open)
        .returning(Row::as_returning())
        .get_result(connection)
        .await
        .optional()?;
    opened(sealer, id, row)
}

/// Deletes every request that names this person.
pub(crate) async fn delete_of_name(
    connection: &mut Link,
    username_key: &str,
) -> QueryResult<usize> {
    let named = authorization_requests::username_key.eq(username_key);
    diesel::delete(authorization_requests::table.filter(named)).execute(connection).await
}

/// Deletes every request of a client.
pub(crate) async fn delete_of_client(
    connection: &mut Link,
    client_id: &ClientId,
) -> QueryResult<usize> {
    let asked = authorization_requests::client_id.eq(client_id.as_str());
    diesel::delete(authorization_requests::table.filter(asked)).execute(connection).await
}

/// How many requests name this person.
pub(crate) async fn count_of_name(connection: &mut Link, username_key: &str) -> QueryResult<i64> {
    authorization_requests::table
        .filter(authorization_requests::username_key.eq(username_key))
        .count()
        .get_result(connection)
        .await
}
