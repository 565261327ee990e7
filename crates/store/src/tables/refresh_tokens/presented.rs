//! Statements about a token that somebody presents, by its hash.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::user::UserId;
use uuid::Uuid;

use super::OfSession;
use crate::link::Link;
use crate::schema::{refresh_tokens, users};
use crate::tables::rows::UserRow;

/// A token, and who presents it.
#[derive(Clone, Copy)]
pub struct PresentedToken<'a> {
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    /// The client, which has proved who it is; `None`: the service's own page and programs.
    pub client_id: Option<&'a str>,
}

impl From<[u8; 32]> for PresentedToken<'_> {
    /// A token that the service's own page or a program presents.
    fn from(hash: [u8; 32]) -> Self {
        Self { hash, client_id: None }
    }
}

/// The columns rotation returns.
pub(crate) type SessionRow =
    (Uuid, Uuid, DateTime<Utc>, String, Option<String>, Option<String>, Option<String>);

/// `refresh_tokens.user_id`, `.session`, `.used_at`, `.expires_at`, `.auth_time`.
pub(crate) type TokenRow = (Uuid, Uuid, Option<DateTime<Utc>>, DateTime<Utc>, DateTime<Utc>);

/// Locks the account of a token until the transaction ends, and names it. What is done under a
/// session is then either before its end or after. Resets and erasures lock in the same order, so
/// nobody waits in a circle.
///
/// A token that was issued to another client is not found: whatever is done with a token begins
/// here. `None` stands for the service's own page and programs.
pub(crate) async fn lock_owner(
    connection: &mut Link,
    hash: &[u8; 32],
    client_id: Option<&str>,
) -> QueryResult<Option<UserRow>> {
    let owner = refresh_tokens::table
        .filter(refresh_tokens::token_hash.eq(&hash[..]))
        .filter(refresh_tokens::client_id.is_not_distinct_from(client_id))
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
    connection: &mut Link,
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

/// What the client of a token was given; it stays the same in a session.
pub(crate) async fn scope_of(
    connection: &mut Link,
    presented: &PresentedToken<'_>,
) -> QueryResult<Option<String>> {
    let found: Option<Option<String>> = refresh_tokens::table
        .filter(refresh_tokens::token_hash.eq(&presented.hash[..]))
        .filter(refresh_tokens::client_id.is_not_distinct_from(presented.client_id))
        .select(refresh_tokens::scope)
        .first(connection)
        .await
        .optional()?;
    Ok(found.flatten())
}

/// A token that could renew its session.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = refresh_tokens)]
pub struct UsableToken {
    /// Whose session.
    pub user_id: Uuid,
    /// The session.
    pub session: Uuid,
    /// What the client was given; `None`: the service's own page and programs.
    pub scope: Option<String>,
    /// When the person was authenticated.
    pub auth_time: DateTime<Utc>,
    /// How.
    pub acr: String,
    /// When the token was issued.
    pub issued_at: DateTime<Utc>,
    /// From when on it is worth nothing.
    pub expires_at: DateTime<Utc>,
}

/// A token that is neither used, revoked, nor too old at `now`. Its session may have ended by
/// another of its tokens.
pub(crate) async fn usable(
    connection: &mut Link,
    presented: &PresentedToken<'_>,
    now: DateTime<Utc>,
) -> QueryResult<Option<UsableToken>> {
    refresh_tokens::table
        .filter(refresh_tokens::token_hash.eq(&presented.hash[..]))
        .filter(refresh_tokens::client_id.is_not_distinct_from(presented.client_id))
        .filter(refresh_tokens::used_at.is_null())
        .filter(refresh_tokens::revoked_at.is_null())
        .filter(refresh_tokens::expires_at.gt(now))
        .select(UsableToken::as_select())
        .first(connection)
        .await
        .optional()
}

/// A token, whatever it is worth.
pub(crate) async fn find(connection: &mut Link, hash: &[u8; 32]) -> QueryResult<Option<TokenRow>> {
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

/// Marks the token used if it is good. The `WHERE` is checked again under the row's
/// lock, so a second caller finds it used.
pub(crate) async fn use_up(
    connection: &mut Link,
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
            refresh_tokens::attestation,
            refresh_tokens::client_id,
            refresh_tokens::scope,
        ))
        .get_result(connection)
        .await
        .optional()
}

/// The session of the token with `presented`, when it was used within `within` for the token with
/// `next`, nobody has used that, and the session lives.
pub(crate) async fn repeat(
    connection: &mut Link,
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
            refresh_tokens::attestation,
            refresh_tokens::client_id,
            refresh_tokens::scope,
        ))
        .first(connection)
        .await
        .optional()
}
