//! Sessions of sign-ins: listing and ending them.

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use uuid::Uuid;

use crate::account::{Account, AccountError};
use crate::error::StoreError;
use crate::pool::Store;
use crate::tables::refresh_tokens;

pub use crate::tables::refresh_tokens::{NewRefreshToken, OfSession, SignInSession};

impl Store {
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
                if refresh_tokens::lock_owner(connection, &presented_hash).await?.is_none() {
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
    /// The sessions that can be renewed at `now`, the newest first.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn sessions(&self, now: DateTime<Utc>) -> Result<Vec<SignInSession>, AccountError> {
        let mut connection = self.store.connection().await?;
        let mut read = connection.build_transaction().read_only().repeatable_read();
        read.run(async |connection| {
            let user = self.look(connection).await?.user;
            Ok(refresh_tokens::renewable(connection, user, now).await?)
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
                Ok(ended > 0)
            })
            .await
    }
}
