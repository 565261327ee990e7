//! Clients of the `OpenID` Connect provider, and the assertions by which they authenticate.

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use faceauth_domain::oauth::client::ClientId;
use faceauth_domain::oauth::credential::ClientCredential;
use faceauth_domain::user::UserId;

use crate::account::{Account, AccountError};
use crate::connection::{PATIENT_CALL_TIMEOUT, be_patient};
use crate::error::StoreError;
use crate::pool::Store;
use crate::tables::{
    authorization_codes, authorization_requests, client_assertions, client_consents, clients,
    refresh_tokens,
};

pub use crate::tables::client_consents::ClientConsent;
pub use crate::tables::clients::StoredClient;

impl Store {
    /// Stores a client. `false` when another one has its id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_client(&self, client: &StoredClient) -> Result<bool, StoreError> {
        Ok(clients::insert(&mut *self.connection().await?, client).await?)
    }

    /// The client with this id, if the command line has made it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn client(&self, id: &ClientId) -> Result<Option<StoredClient>, StoreError> {
        clients::find(&mut *self.connection().await?, id).await
    }

    /// Every client that the command line has made, by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn clients(&self) -> Result<Vec<StoredClient>, StoreError> {
        clients::all(&mut *self.connection().await?).await
    }

    /// Gives a client another credential of the kind that it has; the one before is good no more.
    /// `false` when there is no such client that authenticates in this way.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rotate_client(
        &self,
        id: &ClientId,
        credential: &ClientCredential,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        Ok(clients::rotate(&mut *self.connection().await?, id, credential, now).await?)
    }

    /// Deletes a client, what people gave it, and everything that it could still use: another
    /// client that is called so begins with nothing. `false` when there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_client(
        &self,
        id: &ClientId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut connection = self.connection_for(PATIENT_CALL_TIMEOUT).await?;
        connection
            .transaction(async |connection| {
                be_patient(connection).await?;
                if !clients::delete(connection, id).await? {
                    return Ok(false);
                }
                // In the order in which one becomes the next. Each statement waits for whoever
                // uses its rows up at this moment, so the next one sees what they became.
                authorization_requests::delete_of_client(connection, id).await?;
                authorization_codes::delete_unused_of_everybody(connection, id).await?;
                refresh_tokens::revoke_of_everybody(connection, id, now).await?;
                client_consents::forget_client(connection, id).await?;
                Ok(true)
            })
            .await
    }

    /// Uses an assertion up. `false` when it was used before, at whichever replica.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn use_client_assertion(
        &self,
        id: &ClientId,
        jti_hash: &[u8; 32],
        expires_at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut connection = self.connection().await?;
        Ok(client_assertions::remember(&mut connection, id, jti_hash, expires_at).await?)
    }

    /// Whether a person was asked for all of `scopes` before, and agreed to give them to a client.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn has_client_consent(
        &self,
        user: UserId,
        id: &ClientId,
        scopes: &[&str],
    ) -> Result<bool, StoreError> {
        let mut connection = self.connection().await?;
        Ok(client_consents::covers(&mut connection, user, id, scopes).await?)
    }

    /// Writes down that a person has signed in to a client and given it `scopes`. `asked` is whether
    /// the person was asked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_client_consent(
        &self,
        user: UserId,
        id: &ClientId,
        scopes: &[&str],
        asked: bool,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut connection = self.connection().await?;
        connection
            .transaction(async |connection| {
                Ok(client_consents::put(connection, user, id, scopes, asked, now).await?)
            })
            .await
    }
}

impl Account<'_> {
    /// The clients that the account holder has signed in to, the last used first.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn clients(&self) -> Result<Vec<ClientConsent>, AccountError> {
        let mut connection = self.store.connection().await?;
        connection
            .snapshot(async |connection| {
                let user = self.look(connection).await?.user;
                Ok(client_consents::of_user(connection, user).await?)
            })
            .await
    }

    /// Takes back what the account holder gave a client: its sessions end, and so do the codes that
    /// it has not redeemed. `false` when they gave it nothing.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn disconnect_client(
        &self,
        id: &ClientId,
        now: DateTime<Utc>,
    ) -> Result<bool, AccountError> {
        let mut connection = self.store.connection().await?;
        connection
            .transaction(async |connection| {
                let user = self.enter(connection).await?.user;
                refresh_tokens::revoke_of_client(connection, user, id.as_str(), now).await?;
                let unused = authorization_codes::delete_unused_of_client;
                unused(connection, user, id.as_str()).await?;
                Ok(client_consents::forget(connection, user, id).await?)
            })
            .await
    }
}
