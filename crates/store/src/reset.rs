//! Starting an account over, for a person who can no longer sign in to it.

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use faceauth_domain::account_event::AccountEvent;
use faceauth_domain::user::User;

use crate::error::StoreError;
use crate::pool::Store;
use crate::sessions;
use crate::tables::{
    enrolment_tokens, factor_transactions, failures, passkeys, recovery_codes, templates,
    user_keys, users,
};

pub use crate::tables::enrolment_tokens::NewEnrolmentToken;

impl Store {
    /// Resets the account that `username_key` names: deletes its templates, passkeys and recovery codes, destroys the key that
    /// sealed them, ends its sessions and forgets its failures. Then `token` may enrol a new face,
    /// and tokens of earlier resets may not. `None` when there is no such account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reset_account(
        &self,
        username_key: &str,
        token: &NewEnrolmentToken,
        now: DateTime<Utc>,
    ) -> Result<Option<User>, StoreError> {
        let mut connection = self.connection().await?;
        connection
            .transaction(async |connection| {
                let Some(user) = users::lock_of_name(connection, username_key).await? else {
                    return Ok(None);
                };
                templates::delete_all(connection, user.id).await?;
                passkeys::delete_all(connection, user.id).await?;
                recovery_codes::delete_all(connection, user.id).await?;
                factor_transactions::end_all(connection, user.id).await?;
                user_keys::destroy(connection, user.id).await?;
                sessions::end_all(connection, user.id, now).await?;
                enrolment_tokens::replace(connection, user.id, token).await?;
                failures::delete_of_name(connection, username_key).await?;
                self.tell(connection, user.id, AccountEvent::Reset, now).await?;
                Ok(Some(user))
            })
            .await
    }
}
