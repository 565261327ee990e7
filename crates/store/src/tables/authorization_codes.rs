//! Authorization codes: redeemed once, and known for as long as what they were redeemed for.

use std::fmt;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::attestation::Attested;
use faceauth_domain::oauth::client::ClientId;
use faceauth_domain::user::UserId;
use uuid::Uuid;

use crate::error::StoreError;
use crate::link::Link;
use crate::schema::{authorization_codes, users};
use crate::seal::{Sealed, Sealer, TextOwner};
use crate::tables::client_consents;
use crate::tables::rows::{self, UserRow};

/// A code to be stored.
#[derive(Clone, PartialEq, Eq)]
pub struct NewCode {
    /// SHA-256 of the code.
    pub code_hash: [u8; 32],
    /// Who may redeem it.
    pub client_id: String,
    /// Where it goes.
    pub redirect_uri: String,
    /// The PKCE challenge.
    pub challenge: String,
    /// For the ID token; kept as given, and sealed before it leaves the process.
    pub nonce: Option<String>,
    /// What the client is given.
    pub scope: String,
    /// When it is made.
    pub issued_at: DateTime<Utc>,
    /// From when on nobody can redeem it.
    pub expires_at: DateTime<Utc>,
}

impl fmt::Debug for NewCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewCode")
            .field("client_id", &self.client_id)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// A sign-in, as codes and login sessions keep it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptSignIn {
    /// Who signed in.
    pub user: UserId,
    /// When.
    pub auth_time: DateTime<Utc>,
    /// How; kept as given.
    pub acr: String,
    /// What the device proved.
    pub attested: Option<Attested>,
}

/// A code without its hash: for its owner's export.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = authorization_codes)]
pub struct CodeRecord {
    /// Who may redeem it.
    pub client_id: String,
    /// What the client is given.
    pub scope: String,
    /// When it was made.
    pub issued_at: DateTime<Utc>,
    /// When it was redeemed.
    pub used_at: Option<DateTime<Utc>>,
}

/// A row as it is read.
#[derive(Queryable, Selectable)]
#[diesel(table_name = authorization_codes)]
pub(crate) struct CodeRow {
    pub client_id: String,
    pub redirect_uri: String,
    pub challenge: String,
    pub nonce_key_id: Option<String>,
    pub sealed_nonce: Option<Vec<u8>>,
    pub scope: String,
    pub auth_time: DateTime<Utc>,
    pub acr: String,
    pub attestation: Option<String>,
    pub session: Option<Uuid>,
}

/// Seals the nonce of a code, to be stored.
pub(crate) fn seal_nonce(sealer: &Sealer, code: &NewCode) -> Result<Option<Sealed>, StoreError> {
    let owner = TextOwner::CodeNonce { code_hash: &code.code_hash, client_id: &code.client_id };
    Ok(code.nonce.as_ref().map(|nonce| sealer.seal_text(owner, nonce)).transpose()?)
}

/// The nonce of a code that can be redeemed, if the request had one.
pub(crate) struct OpenedNonce(pub Option<String>);

/// The nonce of a code. `None` when the code is over, because the key of its nonce was taken away.
pub(crate) fn open_nonce(
    sealer: &Sealer,
    code_hash: &[u8; 32],
    row: &CodeRow,
) -> Result<Option<OpenedNonce>, StoreError> {
    let Some(sealed) = rows::sealed(row.nonce_key_id.clone(), row.sealed_nonce.clone()) else {
        return Ok(Some(OpenedNonce(None)));
    };
    let owner = TextOwner::CodeNonce { code_hash, client_id: &row.client_id };
    let opened = sealer.open_text(owner, &sealed)?;
    Ok(opened.map(|nonce| OpenedNonce(Some(nonce))))
}

/// Stores a code for what `shown` says; `nonce` as [`seal_nonce`] has sealed it.
pub(crate) async fn insert(
    connection: &mut Link,
    code: &NewCode,
    nonce: Option<&Sealed>,
    shown: &KeptSignIn,
) -> QueryResult<usize> {
    diesel::insert_into(authorization_codes::table)
        .values((
            authorization_codes::code_hash.eq(&code.code_hash[..]),
            authorization_codes::user_id.eq(shown.user.0),
            authorization_codes::client_id.eq(&code.client_id),
            authorization_codes::redirect_uri.eq(&code.redirect_uri),
            authorization_codes::challenge.eq(&code.challenge),
            authorization_codes::nonce_key_id.eq(nonce.map(|sealed| &sealed.key_id)),
            authorization_codes::sealed_nonce.eq(nonce.map(|sealed| &sealed.bytes)),
            authorization_codes::scope.eq(&code.scope),
            authorization_codes::auth_time.eq(shown.auth_time),
            authorization_codes::acr.eq(&shown.acr),
            authorization_codes::attestation.eq(shown.attested.map(Attested::as_str)),
            authorization_codes::issued_at.eq(code.issued_at),
            authorization_codes::expires_at.eq(code.expires_at),
            authorization_codes::kept_until.eq(code.expires_at),
        ))
        .execute(connection)
        .await
}

/// Locks the account of a code until the transaction ends, and names it. Redemptions of one code
/// take turns by it.
pub(crate) async fn lock_owner(
    connection: &mut Link,
    code_hash: &[u8; 32],
) -> QueryResult<Option<UserRow>> {
    let owner = authorization_codes::table
        .filter(authorization_codes::code_hash.eq(&code_hash[..]))
        .select(authorization_codes::user_id);
    users::table
        .filter(users::id.eq_any(owner))
        .select((users::id, users::username, users::created_at))
        .for_no_key_update()
        .first(connection)
        .await
        .optional()
}

/// A code, whatever it is worth.
pub(crate) async fn find(
    connection: &mut Link,
    code_hash: &[u8; 32],
) -> QueryResult<Option<CodeRow>> {
    authorization_codes::table
        .find(&code_hash[..])
        .select(CodeRow::as_select())
        .first(connection)
        .await
        .optional()
}

/// Uses a code up for `session`. `false` when it was used before, or its time is over. The nonce
/// goes: the row stays as long as the session, and only the first redemption needs it.
pub(crate) async fn use_up(
    connection: &mut Link,
    code_hash: &[u8; 32],
    session: Uuid,
    now: DateTime<Utc>,
    kept_until: DateTime<Utc>,
) -> QueryResult<bool> {
    let open = authorization_codes::table
        .find(&code_hash[..])
        .filter(authorization_codes::used_at.is_null())
        .filter(authorization_codes::expires_at.gt(now));
    let used = diesel::update(open)
        .set((
            authorization_codes::used_at.eq(now),
            authorization_codes::session.eq(session),
            authorization_codes::nonce_key_id.eq(None::<String>),
            authorization_codes::sealed_nonce.eq(None::<Vec<u8>>),
            authorization_codes::kept_until.eq(kept_until),
        ))
        .execute(connection)
        .await?;
    Ok(used == 1)
}

/// Deletes the codes of an account that nobody has redeemed.
pub(crate) async fn delete_unused(connection: &mut Link, user: UserId) -> QueryResult<usize> {
    let unused = authorization_codes::table
        .filter(authorization_codes::user_id.eq(user.0))
        .filter(authorization_codes::used_at.is_null());
    diesel::delete(unused).execute(connection).await
}

/// Deletes the codes of an account that a client has not redeemed.
pub(crate) async fn delete_unused_of_client(
    connection: &mut Link,
    user: UserId,
    client_id: &str,
) -> QueryResult<usize> {
    let unused = authorization_codes::table
        .filter(authorization_codes::user_id.eq(user.0))
        .filter(authorization_codes::client_id.eq(client_id))
        .filter(authorization_codes::used_at.is_null());
    diesel::delete(unused).execute(connection).await
}

/// Deletes the codes of a client that nobody has redeemed.
pub(crate) async fn delete_unused_of_everybody(
    connection: &mut Link,
    client_id: &ClientId,
) -> QueryResult<usize> {
    let unused = authorization_codes::table
        .filter(authorization_codes::user_id.eq_any(client_consents::people(client_id)))
        .filter(authorization_codes::client_id.eq(client_id.as_str()))
        .filter(authorization_codes::used_at.is_null());
    diesel::delete(unused).execute(connection).await
}

/// Every code of an account, oldest first.
pub(crate) async fn records(connection: &mut Link, user: UserId) -> QueryResult<Vec<CodeRecord>> {
    authorization_codes::table
        .filter(authorization_codes::user_id.eq(user.0))
        .order(authorization_codes::issued_at)
        .select(CodeRecord::as_select())
        .load(connection)
        .await
}
