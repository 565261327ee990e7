//! Invitations: a name that has no account yet may be enrolled by whoever holds the secret.
//!
//! [`Store::enrol`](crate::Store::enrol) uses an invitation up, in the transaction that makes the
//! account.

use diesel_async::AsyncConnection;

use crate::error::StoreError;
use crate::pool::Store;
use crate::tables::{invitations, users};

pub use crate::tables::invitations::{INVITATION_RETENTION, Invitation, NewInvitation};

impl Store {
    /// Stores an invitation, in the place of any other for its name. `false` when the name has an
    /// account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invite(&self, new: &NewInvitation) -> Result<bool, StoreError> {
        let username_key = new.invitation.username.key();
        let mut connection = self.connection().await?;
        connection
            .transaction(async |connection| {
                if users::of_name(connection, &username_key).await?.is_some() {
                    return Ok(false);
                }
                invitations::put(connection, new).await?;
                Ok(true)
            })
            .await
    }

    /// The invitation with this secret, also when it is too old.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invitation(
        &self,
        secret_hash: &[u8; 32],
    ) -> Result<Option<Invitation>, StoreError> {
        invitations::find(&mut *self.connection().await?, secret_hash).await
    }

    /// Every invitation that is not used, by name. Some may be too old.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invitations(&self) -> Result<Vec<Invitation>, StoreError> {
        invitations::all(&mut *self.connection().await?).await
    }

    /// Takes the invitation for a name back. `false` when there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke_invitation(&self, username_key: &str) -> Result<bool, StoreError> {
        let mut connection = self.connection().await?;
        Ok(invitations::take(&mut connection, username_key).await?.is_some())
    }
}
