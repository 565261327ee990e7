//! Refresh tokens: one row a token, and the tokens of one sign-in are a session.
//!
//! **A session counts as revoked when any of its tokens is**: a rotation that commits while the
//! session is being revoked adds a token the revocation cannot see, and this rule kills that one
//! too.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use faceauth_domain::user::UserId;
use uuid::Uuid;

use crate::schema::{refresh_tokens, users};
use crate::tables::rows::UserRow;

/// How long an expired session is kept: long enough to notice that a stolen token is
/// tried late, and to look into it.
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
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// From when on it is worth nothing.
    pub expires_at: DateTime<Utc>,
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
    /// When the token was issued.
    pub issued_at: DateTime<Utc>,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
    /// When it was used up.
    pub used_at: Option<DateTime<Utc>>,
    /// When the session was ended.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// The columns rotation returns.
pub(crate) type SessionRow = (Uuid, Uuid, DateTime<Utc>, String);

/// `refresh_tokens.user_id`, `.session`, `.used_at`, `.expires_at`, `.auth_time`.
pub(crate) type TokenRow = (Uuid, Uuid, Option<DateTime<Utc>>, DateTime<Utc>, DateTime<Utc>);

/// Locks the account of a token until the transaction ends, and names it. What is done under a
/// session is then either before its end or after. Resets and erasures lock in the same order, so
/// nobody waits in a circle.
pub(crate) async fn lock_owner(
    connection: &mut AsyncPgConnection,
    hash: &[u8; 32],
) -> QueryResult<Option<UserRow>> {
    let owner = refresh_tokens::table
        .filter(refresh_tokens::token_hash.eq(&hash[..]))
        .select(refresh_tokens::user_id);
    users::table
        .filter(users::id.eq_any(owner))
        .select((users::id, users::username, users::created_at))
        .for_no_key_update()
        .first(connection)
        .await
        .optional()
}

/// The session that a token belongs to.
pub(crate) async fn session_of(
    connection: &mut AsyncPgConnection,
    hash: &[u8; 32],
) -> QueryResult<Option<OfSession>> {
    let found: Option<(Uuid, Uuid)> = refresh_tokens::table
        .filter(refresh_tokens::token_hash.eq(&hash[..]))
        .select((refresh_tokens::user_id, refresh_tokens::session))
        .first(connection)
        .await
        .optional()?;
    Ok(found.map(|(user, session)| OfSession { user: UserId(user), session }))
}

/// A token, whatever it is worth.
pub(crate) async fn find(
    connection: &mut AsyncPgConnection,
    hash: &[u8; 32],
) -> QueryResult<Option<TokenRow>> {
    refresh_tokens::table
        .filter(refresh_tokens::token_hash.eq(&hash[..]))
        .select((
            refresh_tokens::user_id,
            refresh_tokens::session,
            refresh_tokens::used_at,
            refresh_tokens::expires_at,
            refresh_tokens::auth_time,
        ))
        .first(connection)
        .await
        .optional()
}

/// Whether a session of this account was begun and not revoked.
pub(crate) async fn lives(
    connection: &mut AsyncPgConnection,
    user: UserId,
    session: Uuid,
) -> QueryResult<bool> {
    let begun = refresh_tokens::table
        .filter(refresh_tokens::session.eq(session))
        .filter(refresh_tokens::user_id.eq(user.0));
    // One revoked token ends the session.
    let revoked = begun.filter(refresh_tokens::revoked_at.is_not_null());
    diesel::select(exists(begun).and(not(exists(revoked)))).get_result(connection).await
}

/// The sessions of an account that can be renewed at `now`, the newest first.
pub(crate) async fn renewable(
    connection: &mut AsyncPgConnection,
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
pub(crate) async fn all(
    connection: &mut AsyncPgConnection,
    user: UserId,
) -> QueryResult<Vec<SessionRecord>> {
    refresh_tokens::table
        .filter(refresh_tokens::user_id.eq(user.0))
        .order(refresh_tokens::issued_at)
        .select(SessionRecord::as_select())
        .load(connection)
        .await
}

/// Marks the token used if it is good. The `WHERE` is checked again under the row's
/// lock, so a second caller finds it used.
pub(crate) async fn use_up(
    connection: &mut AsyncPgConnection,
    hash: &[u8; 32],
    now: DateTime<Utc>,
    longest: TimeDelta,
) -> QueryResult<Option<SessionRow>> {
    let family = diesel::alias!(refresh_tokens as family);
    let revoked = family
        .filter(family.field(refresh_tokens::session).eq(refresh_tokens::session))
        .filter(family.field(refresh_tokens::revoked_at).is_not_null());
    diesel::update(refresh_tokens::table)
        .filter(refresh_tokens::token_hash.eq(&hash[..]))
        .filter(refresh_tokens::used_at.is_null())
        .filter(refresh_tokens::expires_at.gt(now))
        .filter(refresh_tokens::auth_time.gt(now - longest))
        .filter(not(exists(revoked)))
        .set(refresh_tokens::used_at.eq(now))
        .returning((
            refresh_tokens::user_id,
            refresh_tokens::session,
            refresh_tokens::auth_time,
            refresh_tokens::acr,
        ))
        .get_result(connection)
        .await
        .optional()
}

/// The session of the token with `presented`, when it was used within `within` for the token with
/// `next`, nobody has used that, and the session lives.
pub(crate) async fn repeat(
    connection: &mut AsyncPgConnection,
    presented: &[u8; 32],
    next: &[u8; 32],
    now: DateTime<Utc>,
    within: TimeDelta,
) -> QueryResult<Option<SessionRow>> {
    let family = diesel::alias!(refresh_tokens as family);
    let ended = family
        .filter(family.field(refresh_tokens::session).eq(refresh_tokens::session))
        .filter(family.field(refresh_tokens::revoked_at).is_not_null());
    let used = diesel::alias!(refresh_tokens as used);
    let before = used
        .filter(used.field(refresh_tokens::token_hash).eq(&presented[..]))
        .filter(used.field(refresh_tokens::session).eq(refresh_tokens::session))
        .filter(used.field(refresh_tokens::used_at).gt(now - within));
    refresh_tokens::table
        .filter(refresh_tokens::token_hash.eq(&next[..]))
        .filter(refresh_tokens::used_at.is_null())
        .filter(refresh_tokens::expires_at.gt(now))
        .filter(exists(before))
        .filter(not(exists(ended)))
        .select((
            refresh_tokens::user_id,
            refresh_tokens::session,
            refresh_tokens::auth_time,
            refresh_tokens::acr,
        ))
        .first(connection)
        .await
        .optional()
}

/// Revokes a session. 0 when it was revoked before.
pub(crate) async fn revoke(
    connection: &mut AsyncPgConnection,
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
    connection: &mut AsyncPgConnection,
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

/// Revokes every session of a locked account.
pub(crate) async fn revoke_all(
    connection: &mut AsyncPgConnection,
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
pub(crate) async fn insert(
    mut connection: &AsyncPgConnection,
    token: &NewRefreshToken,
) -> QueryResult<usize> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::token_hash.eq(&token.token_hash[..]),
            refresh_tokens::user_id.eq(token.user.0),
            refresh_tokens::session.eq(token.session),
            refresh_tokens::auth_time.eq(token.auth_time),
            refresh_tokens::acr.eq(&token.acr),
            refresh_tokens::issued_at.eq(token.issued_at),
            refresh_tokens::expires_at.eq(token.expires_at),
        ))
        .execute(&mut connection)
        .await
}
