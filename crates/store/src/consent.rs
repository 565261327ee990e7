//! Consent to biometric processing: granted, withdrawn, granted anew.

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use faceauth_domain::account_event::AccountEvent;

use crate::account::{Account, AccountError, Enrolling};
use crate::sessions;
use crate::tables::{consents, templates, user_keys};

impl Enrolling<'_> {
    /// Records that the account holder agrees to `policy_version`.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn grant_consent(
        &self,
        policy_version: &str,
        now: DateTime<Utc>,
    ) -> Result<(), AccountError> {
        let mut connection = self.store.connection().await?;
        connection
            .transaction(async |connection| {
                let user = self.enter(connection).await?.user;
                consents::insert(connection, user, policy_version, now).await?;
                Ok(())
            })
            .await
    }
}

impl Account<'_> {
    /// Withdraws every consent of the account, deletes its templates, destroys the key that sealed
    /// them, and ends every session. Without consent none of these may stay.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn withdraw_consent(&self, now: DateTime<Utc>) -> Result<(), AccountError> {
        let mut connection = self.store.connection().await?;
        connection
            .transaction(async |connection| {
                let user = self.enter(connection).await?.user;
                consents::withdraw_all(connection, user, now).await?;
                templates::delete_all(connection, user).await?;
                user_keys::destroy(connection, user).await?;
                sessions::end_all(connection, user, now).await?;
                self.store.tell(connection, user, AccountEvent::ConsentWithdrawn, now).await?;
                Ok(())
            })
            .await
    }
}
