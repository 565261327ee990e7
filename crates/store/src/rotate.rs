//! Renewing a session: rotation of refresh tokens and reuse detection (RFC 9700, 4.14.2).
//!
//! A sign-in starts a session; each rotation uses up one token and adds the next. A used or revoked
//! token that is presented again was copied by somebody, so the whole session is revoked.

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncConnection;
use faceauth_domain::attestation::Attested;
use faceauth_domain::user::{User, UserId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::link::Link;
use crate::pool::Store;
use crate::tables::refresh_tokens::{self, NewRefreshToken, OfClient, OfSession, SessionRow};
use crate::tables::rows::{self, UserRow};
use crate::tables::users;

pub use crate::tables::refresh_tokens::{PresentedToken, REFRESH_TOKEN_RETENTION};

/// What became of a presented token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotation {
    /// It was good and is used up; the new token is stored.
    Rotated(Renewed),
    /// It was used a moment ago for exactly this new token, which is not used yet. The answer was
    /// lost, and is given again.
    Repeated(Renewed),
    /// No such token.
    Unknown,
    /// It was never used, but its time is over.
    Expired(OfSession),
    /// It had been used or revoked. Its session is revoked now.
    Reused(OfSession),
}

/// A session that continues.
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
    /// What the device proved on which the person was authenticated.
    pub attested: Option<Attested>,
    /// The client of the session, and what it was given.
    pub client: Option<OfClient>,
}

impl Store {
    /// Uses up the token that is `presented` and stores one with `new_hash` in its place, in one
    /// transaction. When two present the same token, one wins. A session ends `longest` after the
    /// person was authenticated, even when it is renewed. A token that was issued to another client
    /// is unknown.
    ///
    /// With `repeat_within`, a used token is answered again within that time, when `new_hash` is
    /// the hash of the token that replaced it. Use it only when nobody can make the new token
    /// without a proof that the first presenter of the used one had.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rotate_refresh_token(
        &self,
        presented: impl Into<PresentedToken<'_>> + Send,
        new_hash: [u8; 32],
        now: DateTime<Utc>,
        new_expires_at: DateTime<Utc>,
        longest: TimeDelta,
        repeat_within: Option<TimeDelta>,
    ) -> Result<Rotation, StoreError> {
        let PresentedToken { hash: presented_hash, client_id } = presented.into();
        let mut connection = self.connection().await?;
        connection
            .transaction(async |connection| {
                let owner = refresh_tokens::lock_owner(connection, &presented_hash, client_id);
                let Some(owner) = owner.await? else {
                    return Ok(Rotation::Unknown);
                };
                let Some(row) =
                    refresh_tokens::use_up(connection, &presented_hash, now, longest).await?
                else {
                    if let Some(within) = repeat_within
                        && let Some(row) = refresh_tokens::repeat(
                            connection,
                            &presented_hash,
                            &new_hash,
                            now,
                            within,
                        )
                        .await?
                    {
                        return Ok(Rotation::Repeated(renewed(owner, row)?));
                    }
                    return refuse(connection, &presented_hash, now, longest).await;
                };
                let renewed = renewed(owner, row)?;
                let next = NewRefreshToken {
                    user: renewed.user.id,
                    session: renewed.session,
                    token_hash: new_hash,
                    auth_time: renewed.auth_time,
                    acr: renewed.acr.clone(),
                    attested: renewed.attested,
                    issued_at: now,
                    expires_at: new_expires_at.min(renewed.auth_time + longest),
                    client: renewed.client.clone(),
                };
                refresh_tokens::insert(connection, &next).await?;
                users::touch(connection, next.user, now).await?;
                Ok(Rotation::Rotated(renewed))
            })
            .await
    }
}

/// The session of a token that was used up.
fn renewed(owner: UserRow, row: SessionRow) -> Result<Renewed, StoreError> {
    let (_, session, auth_time, acr, attestation, client_id, scope) = row;
    let (user, attested) = (rows::user(owner)?, rows::attested(attestation)?);
    let client = client_id.map(|id| OfClient { id, scope: scope.unwrap_or_default() });
    Ok(Renewed { user, session, auth_time, acr, attested, client })
}

/// Why the token was not good; revokes the session of one that is presented again.
async fn refuse(
    connection: &mut Link,
    hash: &[u8; 32],
    now: DateTime<Utc>,
    longest: TimeDelta,
) -> Result<Rotation, StoreError> {
    let row = refresh_tokens::find(connection, hash).await?;
    let Some((user, session, used_at, expires_at, auth_time)) = row else {
        return Ok(Rotation::Unknown);
    };
    let of = OfSession { user: UserId(user), session };
    if used_at.is_none() && (expires_at <= now || auth_time + longest <= now) {
        return Ok(Rotation::Expired(of));
    }
    refresh_tokens::revoke(connection, session, now).await?;
    Ok(Rotation::Reused(of))
}
