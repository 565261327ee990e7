//! Refresh tokens: one row a token, and the tokens of one sign-in are a session.
//!
//! **A session counts as revoked when any of its tokens is**: a rotation that commits while the
//! session is being revoked adds a token the revocation cannot see, and this rule kills that one
//! too.

mod presented;

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::attestation::Attested;
use faceauth_domain::oauth::client::ClientId;
use faceauth_domain::user::UserId;
use uuid::Uuid;

use crate::error::StoreError;
use crate::link::Link;
use crate::schema::refresh_tokens;
use crate::tables::authorization_codes::KeptSignIn;
use crate::tables::client_consents;
use crate::tables::rows;

pub use presented::{PresentedToken, UsableToken};
pub(crate) use presented::{
    SessionRow, find, lock_owner, repeat, scope_of, session_of, usable, use_up,
};

/// How long an expired session is kept at least: long enough to notice that a stolen token is
/// tried late, and to look into it. It goes with the month of its sign-in, when all sessions of
/// that month have been over for so long ([`crate::tables::partitions`]).
pub const REFRESH_TOKEN_RETENTION: TimeDelta = TimeDelta::days(30);

/// The first token of a session.
#[derive(Clone, PartialEq, Eq)]
pub struct NewRefreshToken {
    /// Whose session.
    pub user: UserId,
    /// The session, `sid` in access tokens.
    pub session: Uuid,
    /// SHA-256 of the token.
    pub token_hash: [u8; 32],
    /// When the person was authenticated.
    pub auth_time: DateTime<Utc>,
    /// How the person was authenticated; kept as given.
    pub acr: String,
    /// What the device proved on which the person was authenticated.
    pub attested: Option<Attested>,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// From when on it is worth nothing.
    pub expires_at: DateTime<Utc>,
    /// The client that it is issued to; `None`: the service's own page and programs.
    pub client: Option<OfClient>,
}

/// The client of a session, and what it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfClient {
    /// The client.
    pub id: String,
    /// The scopes; kept as given.
    pub scope: String,
}

impl fmt::Debug for NewRefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewRefreshToken")
            .field("user", &self.user)
            .field("session", &self.session)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// What a token belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfSession {
    /// Whose session.
    pub user: UserId,
    /// The session.
    pub session: Uuid,
}

/// The session of a sign-in, while it can be renewed.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = refresh_tokens)]
pub struct SignInSession {
    /// The session, `sid` of tokens.
    pub session: Uuid,
    /// When the face was shown.
    pub auth_time: DateTime<Utc>,
    /// How the person was authenticated.
    pub acr: String,
    /// When it was last renewed.
    pub issued_at: DateTime<Utc>,
    /// When it ends unless it is renewed.
    pub expires_at: DateTime<Utc>,
    /// The client that it was begun for.
    pub client_id: Option<String>,
}

/// A refresh token of a session, without its hash.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = refresh_tokens)]
pub struct SessionRecord {
    /// The session, `sid` of tokens.
    pub session: Uuid,
    /// When the face was shown.
    pub auth_time: DateTime<Utc>,
    /// How the person was authenticated.
    pub acr: String,
    /// What the device proved on which the person was authenticated, a word of [`Attested`].
    pub attestation: Option<String>,
    /// When the token was issued.
    pub issued_at: DateTime<Utc>,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
    /// When it was used up.
    pub used_at: Option<DateTime<Utc>>,
    /// When the session was ended.
    pub revoked_at: Option<DateTime<Utc>>,
    /// The client that it was begun for.
    pub client_id: Option<String>,
    /// What the client was given.
    pub scope: Option<String>,
}

/// Whether a session of this account was begun for this client and not revoked. `None` stands for
/// the service's own page and programs, so what was issued to a client opens no account.
pub(crate) async fn lives(
    connection: &mut Link,
    user: UserId,
    session: Uuid,
    client_id: Option<&str>,
) -> QueryResult<bool> {
    let begun = refresh_tokens::table
        .filter(refresh_tokens::session.eq(session))
        .filter(refresh_tokens::user_id.eq(user.0))
        .filter(refresh_tokens::client_id.is_not_distinct_from(client_id));
    // One revoked token ends the session.
    let revoked = begun.filter(refresh_tokens::revoked_at.is_not_null());
    diesel::select(exists(begun).and(not(exists(revoked)))).get_result(connection).await
}

/// What a session of this account rests on.
pub(crate) async fn sign_in(
    connection: &mut Link,
    user: UserId,
    session: Uuid,
) -> Result<Option<KeptSignIn>, StoreError> {
    let row: Option<(DateTime<Utc>, String, Option<String>)> = refresh_tokens::table
        .filter(refresh_tokens::session.eq(session))
        .filter(refresh_tokens::user_id.eq(user.0))
        .select((refresh_tokens::auth_time, refresh_tokens::acr, refresh_tokens::attestation))
        .first(connection)
        .await
        .optional()?;
    let Some((auth_time, acr, attestation)) = row else { return Ok(None) };
    let attested = rows::attested(attestation)?;
    Ok(Some(KeptSignIn { user, auth_time, acr, attested }))
}

/// Whose session it is.
pub(crate) async fn user_of(connection: &mut Link, session: Uuid) -> QueryResult<Option<UserId>> {
    let user: Option<Uuid> = refresh_tokens::table
        .filter(refresh_tokens::session.eq(session))
        .select(refresh_tokens::user_id)
        .first(connection)
        .await
        .optional()?;
    Ok(user.map(UserId))
}

/// The sessions of an account that can be renewed at `now`, the newest first.
pub(crate) async fn renewable(
    connection: &mut Link,
    user: UserId,
    now: DateTime<Utc>,
) -> QueryResult<Vec<SignInSession>> {
    let family = diesel::alias!(refresh_tokens as family);
    let revoked = family
        .filter(family.field(refresh_tokens::session).eq(refresh_tokens::session))
        .filter(family.field(refresh_tokens::revoked_at).is_not_null());
    // Of each session one token at most is neither used nor revoked.
    refresh_tokens::table
        .filter(refresh_tokens::user_id.eq(user.0))
        .filter(refresh_tokens::used_at.is_null())
        .filter(refresh_tokens::expires_at.gt(now))
        .filter(not(exists(revoked)))
        .order((refresh_tokens::auth_time.desc(), refresh_tokens::id.desc()))
        .select(SignInSession::as_select())
        .load(connection)
        .await
}

/// Every token of an account, oldest first.
pub(crate) async fn all(connection: &mut Link, user: UserId) -> QueryResult<Vec<SessionRecord>> {
    refresh_tokens::table
        .filter(refresh_tokens::user_id.eq(user.0))
        .order(refresh_tokens::issued_at)
        .select(SessionRecord::as_select())
        .load(connection)
        .await
}

/// Revokes a session. 0 when it was revoked before.
pub(crate) async fn revoke(
    connection: &mut Link,
    session: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::update(refresh_tokens::table)
        .filter(refresh_tokens::session.eq(session))
        .filter(refresh_tokens::revoked_at.is_null())
        .set(refresh_tokens::revoked_at.eq(now))
        .execute(connection)
        .await
}

/// Revokes a session of this account. 0 when it has no such one, or it was revoked before.
pub(crate) async fn revoke_of_user(
    connection: &mut Link,
    user: UserId,
    session: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::update(refresh_tokens::table)
        .filter(refresh_tokens::session.eq(session))
        .filter(refresh_tokens::user_id.eq(user.0))
        .filter(refresh_tokens::revoked_at.is_null())
        .set(refresh_tokens::revoked_at.eq(now))
        .execute(connection)
        .await
}

/// Revokes every session that a client has of a locked account.
pub(crate) async fn revoke_of_client(
    connection: &mut Link,
    user: UserId,
    client_id: &str,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::update(refresh_tokens::table)
        .filter(refresh_tokens::user_id.eq(user.0))
        .filter(refresh_tokens::client_id.eq(client_id))
        .filter(refresh_tokens::revoked_at.is_null())
        .set(refresh_tokens::revoked_at.eq(now))
        .execute(connection)
        .await
}

/// Revokes every session that a client has of anybody. What a renewal adds meanwhile is of a session
/// with a revoked token.
pub(crate) async fn revoke_of_everybody(
    connection: &mut Link,
    client_id: &ClientId,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::update(refresh_tokens::table)
        .filter(refresh_tokens::user_id.eq_any(client_consents::people(client_id)))
        .filter(refresh_tokens::client_id.eq(client_id.as_str()))
        .filter(refresh_tokens::revoked_at.is_null())
        .set(refresh_tokens::revoked_at.eq(now))
        .execute(connection)
        .await
}

/// Revokes every session of a locked account.
pub(crate) async fn revoke_all(
    connection: &mut Link,
    user: UserId,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::update(refresh_tokens::table)
        .filter(refresh_tokens::user_id.eq(user.0))
        .filter(refresh_tokens::revoked_at.is_null())
        .set(refresh_tokens::revoked_at.eq(now))
        .execute(connection)
        .await
}

/// Stores a token.
pub(crate) async fn insert(mut connection: &Link, token: &NewRefreshToken) -> QueryResult<usize> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::token_hash.eq(&token.token_hash[..]),
            refresh_tokens::user_id.eq(token.user.0),
            refresh_tokens::session.eq(token.session),
            refresh_tokens::auth_time.eq(token.auth_time),
            refresh_tokens::acr.eq(&token.acr),
            refresh_tokens::attestation.eq(token.attested.map(Attested::as_str)),
            refresh_tokens::issued_at.eq(token.issued_at),
            refresh_tokens::expires_at.eq(token.expires_at),
            refresh_tokens::client_id.eq(token.client.as_ref().map(|client| &client.id)),
            refresh_tokens::scope.eq(token.client.as_ref().map(|client| &client.scope)),
        ))
        .execute(&mut connection)
        .await
}
