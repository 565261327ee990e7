//! Sessions of sign-ins: listing and ending them.

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel_async::AsyncConnection;
use faceauth_domain::user::UserId;
use uuid::Uuid;

use crate::account::{Account, AccountError};
use crate::error::StoreError;
use crate::link::Link;
use crate::pool::Store;
use crate::tables::{authorization_codes, login_sessions, refresh_tokens};

pub use crate::tables::refresh_tokens::{
    NewRefreshToken, OfClient, OfSession, PresentedToken, SignInSession,
};

/// Ends whatever a locked account is signed in by: sessions, login sessions of browsers, and codes
/// that would become sessions.
pub(crate) async fn end_all(
    connection: &mut Link,
    user: UserId,
    now: DateTime<Utc>,
) -> QueryResult<()> {
    refresh_tokens::revoke_all(connection, user, now).await?;
    login_sessions::end_all(connection, user).await?;
    authorization_codes::delete_unused(connection, user).await?;
    Ok(())
}

impl Store {
    /// What the client of a token was given. `None` when there is no such token of this client.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn scope_of(
        &self,
        presented: PresentedToken<'_>,
    ) -> Result<Option<String>, StoreError> {
        Ok(refresh_tokens::scope_of(&mut *self.connection().await?, &presented).await?)
    }

    /// Revokes the session that the token that is `presented` belongs to: sign-out.
    /// `None` when there is none, it is of another client, or it was revoked before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke_session(
        &self,
        presented: impl Into<PresentedToken<'_>> + Send,
        now: DateTime<Utc>,
    ) -> Result<Option<OfSession>, StoreError> {
        let PresentedToken { hash: presented_hash, client_id } = presented.into();
        let mut connection = self.connection().await?;
        connection
            .transaction(async |connection| {
                let owner = refresh_tokens::lock_owner(connection, &presented_hash, client_id);
                if owner.await?.is_none() {
                    return Ok(None);
                }
                let Some(of) = refresh_tokens::session_of(connection, &presented_hash).await?
                else {
                    return Ok(None);
                };
                let revoked = refresh_tokens::revoke(connection, of.session, now).await? > 0;
                Ok(revoked.then_some(of))
            })
            .await
    }
}

impl Account<'_> {
    /// The sessions that can be renewed at `now`, then the login sessions of browsers, each with
    /// the newest first.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn sessions(&self, now: DateTime<Utc>) -> Result<Vec<SignInSession>, AccountError> {
        let mut connection = self.store.connection().await?;
        connection
            .snapshot(async |connection| {
                let user = self.look(connection).await?.user;
                let mut sessions = refresh_tokens::renewable(connection, user, now).await?;
                sessions.extend(login_sessions::lasting(connection, user, now).await?);
                Ok(sessions)
            })
            .await
    }

    /// Ends a session of this account. `false` when it has no such valid session.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn end_session(
        &self,
        session: Uuid,
        now: DateTime<Utc>,
    ) -> Result<bool, AccountError> {
        let mut connection = self.store.connection().await?;
        connection
            .transaction(async |connection| {
                let user = self.enter(connection).await?.user;
                let ended = refresh_tokens::revoke_of_user(connection, user, session, now).await?;
                let logged_out = login_sessions::end_of_user(connection, user, session).await?;
                Ok(ended + logged_out > 0)
            })
            .await
    }
}
