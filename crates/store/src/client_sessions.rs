//! Sessions of clients, as the client sees them: whether they live, and their end.

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use faceauth_domain::user::{User, UserId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::link::Link;
use crate::pool::Store;
use crate::tables::refresh_tokens::{self, PresentedToken};
use crate::tables::users;

pub use crate::tables::refresh_tokens::UsableToken;

/// A refresh token that could renew a session now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveToken {
    /// Whose session.
    pub user: User,
    /// The token.
    pub token: UsableToken,
}

impl Store {
    /// The owner of a session of this client, while the session lives and consent stands.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn client_session(
        &self,
        client_id: &str,
        session: Uuid,
    ) -> Result<Option<User>, StoreError> {
        let mut connection = self.connection().await?;
        let Some(user) = refresh_tokens::user_of(&mut connection, session).await? else {
            return Ok(None);
        };
        living(&mut connection, client_id, user, session).await
    }

    /// The refresh token that a client presents, if it could be used at `now`. Looking at it does
    /// not use it up.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn live_token(
        &self,
        hash: [u8; 32],
        client_id: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<LiveToken>, StoreError> {
        let mut connection = self.connection().await?;
        let presented = PresentedToken { hash, client_id: Some(client_id) };
        let Some(token) = refresh_tokens::usable(&mut connection, &presented, now).await? else {
            return Ok(None);
        };
        let user = UserId(token.user_id);
        let owner = living(&mut connection, client_id, user, token.session).await?;
        Ok(owner.map(|user| LiveToken { user, token }))
    }

    /// Ends a session of this client. `None` when it has no such session that lives.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_client_session(
        &self,
        client_id: &str,
        session: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Option<UserId>, StoreError> {
        let mut connection = self.connection().await?;
        connection
            .transaction(async |connection| {
                let Some(user) = refresh_tokens::user_of(connection, session).await? else {
                    return Ok(None);
                };
                users::lock(connection, user).await?;
                if !refresh_tokens::lives(connection, user, session, Some(client_id)).await? {
                    return Ok(None);
                }
                refresh_tokens::revoke_of_user(connection, user, session, now).await?;
                Ok(Some(user))
            })
            .await
    }
}

/// The owner of a session that lives, while consent stands.
async fn living(
    connection: &mut Link,
    client_id: &str,
    user: UserId,
    session: Uuid,
) -> Result<Option<User>, StoreError> {
    if !refresh_tokens::lives(connection, user, session, Some(client_id)).await? {
        return Ok(None);
    }
    let owner = users::by_id(connection, user).await?;
    Ok(owner.filter(|(_, consent)| consent.withdrawn_at.is_none()).map(|(user, _)| user))
}
