//! Refresh tokens: rotation, reuse detection and sign-out (RFC 9700, 4.14.2).
//!
//! A sign-in starts a session; each rotation uses up one token and adds the next.
//! Presenting a token that was used or revoked means it was stolen at one end or the
//! other, so the whole session is revoked. **A session counts as revoked when any of
//! its tokens is**: a rotation that commits while the session is being revoked adds a
//! token the revocation cannot see, and this rule kills that one too.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use faceauth_domain::user::{User, UserId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Store;
use crate::retire as retention;
use crate::schema::{refresh_tokens, users};
use crate::tables::rows::{self, UserRow};

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

/// What became of a presented token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotation {
    /// It was good and is used up; the new token is stored.
    Rotated(Renewed),
    /// It was used a moment ago for this very new token, which nobody has used yet: the answer
    /// was lost, and is given again.
    Repeated(Renewed),
    /// No such token.
    Unknown,
    /// It was never used, but its time is over.
    Expired(OfSession),
    /// It had been used or revoked. Its session is revoked now.
    Reused(OfSession),
}

/// A session that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewed {
    /// Whose session.
    pub user: User,
    /// The session.
    pub session: Uuid,
    /// When the person was authenticated.
    pub auth_time: DateTime<Utc>,
    /// How the person was authenticated.
    pub acr: String,
}

/// What a token belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfSession {
    /// Whose session.
    pub user: UserId,
    /// The session.
    pub session: Uuid,
}

/// The columns rotation returns.
type SessionRow = (Uuid, Uuid, DateTime<Utc>, String);

impl Store {
    /// Uses up the token with `presented_hash` and stores one with `new_hash` in its
    /// place, in one transaction. Of two that present the same token, one wins. A session
    /// ends `longest` after the person was authenticated, however often it is renewed.
    ///
    /// With `repeat_within`, a used token is answered again for so long when `new_hash` is that of
    /// the token that took its place. Only for a new token that nobody can make without a proof
    /// that the first one to present `presented_hash` had.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rotate_refresh_token(
        &self,
        presented_hash: [u8; 32],
        new_hash: [u8; 32],
        now: DateTime<Utc>,
        new_expires_at: DateTime<Utc>,
        longest: TimeDelta,
        repeat_within: Option<TimeDelta>,
    ) -> Result<Rotation, StoreError> {
        let mut connection = self.connection().await?;
        connection
            .transaction(async |connection| {
                let Some(owner) = lock_owner(connection, &presented_hash).await? else {
                    return Ok(Rotation::Unknown);
                };
                let Some((user, session, auth_time, acr)) =
                    use_up(connection, &presented_hash, now, longest).await?
                else {
                    if let Some(within) = repeat_within
                        && let Some((_, session, auth_time, acr)) =
                            repeat(connection, &presented_hash, &new_hash, now, within).await?
                    {
                        let user = rows::user(owner)?;
                        return Ok(Rotation::Repeated(Renewed { user, session, auth_time, acr }));
                    }
                    return refuse(connection, &presented_hash, now, longest).await;
                };
                let next = NewRefreshToken {
                    user: UserId(user),
                    session,
                    token_hash: new_hash,
                    auth_time,
                    acr: acr.clone(),
                    issued_at: now,
                    expires_at: new_expires_at.min(auth_time + longest),
                };
                insert(connection, &next).await?;
                retention::touch(connection, next.user, now).await?;
                Ok(Rotation::Rotated(Renewed { user: rows::user(owner)?, session, auth_time, acr }))
            })
            .await
    }

    /// Revokes the session that the token with `presented_hash` belongs to: sign-out.
    /// `None` when there is none, or it was revoked before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke_session(
        &self,
        presented_hash: [u8; 32],
        now: DateTime<Utc>,
    ) -> Result<Option<OfSession>, StoreError> {
        let mut connection = self.connection().await?;
        connection
            .transaction(async |connection| {
                if lock_owner(connection, &presented_hash).await?.is_none() {
                    return Ok(None);
                }
                let found: Option<(Uuid, Uuid)> = refresh_tokens::table
                    .filter(refresh_tokens::token_hash.eq(&presented_hash[..]))
                    .select((refresh_tokens::user_id, refresh_tokens::session))
                    .first(connection)
                    .await
                    .optional()?;
                let Some((user, session)) = found else { return Ok(None) };
                let revoked = revoke(connection, session, now).await? > 0;
                Ok(revoked.then_some(OfSession { user: UserId(user), session }))
            })
            .await
    }
}

/// Locks the account of a token until the transaction ends, and names it. What is done under a
/// session is then either before its end or after. Resets and erasures lock in the same order, so
/// nobody waits in a circle.
async fn lock_owner(
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

/// Marks the token used if it is good. The `WHERE` is checked again under the row's
/// lock, so a second caller finds it used.
async fn use_up(
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
async fn repeat(
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

/// Why the token was not good; revokes the session of one that is presented again.
async fn refuse(
    connection: &mut AsyncPgConnection,
    hash: &[u8; 32],
    now: DateTime<Utc>,
    longest: TimeDelta,
) -> Result<Rotation, StoreError> {
    type Row = (Uuid, Uuid, Option<DateTime<Utc>>, DateTime<Utc>, DateTime<Utc>);
    let row: Option<Row> = refresh_tokens::table
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
        .optional()?;
    let Some((user, session, used_at, expires_at, auth_time)) = row else {
        return Ok(Rotation::Unknown);
    };
    let of = OfSession { user: UserId(user), session };
    if used_at.is_none() && (expires_at <= now || auth_time + longest <= now) {
        return Ok(Rotation::Expired(of));
    }
    revoke(connection, session, now).await?;
    Ok(Rotation::Reused(of))
}

async fn revoke(
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
