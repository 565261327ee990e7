//! Starting an account over, for somebody who cannot sign in to it any more.

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use faceauth_domain::user::User;

use crate::error::StoreError;
use crate::pool::Store;
use crate::tables::{enrolment_tokens, failures, refresh_tokens, templates, user_keys, users};

pub use crate::tables::enrolment_tokens::NewEnrolmentToken;

impl Store {
    /// Deletes the templates of the account that `username_key` names, destroys the key that
    /// sealed them, ends its sessions, forgets its failures and lets `token` enrol a new face,
    /// and no token of a reset before. `None` when there is no such account.
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
                user_keys::destroy(connection, user.id).await?;
                refresh_tokens::revoke_all(connection, user.id, now).await?;
                enrolment_tokens::replace(connection, user.id, token).await?;
                failures::delete_of_name(connection, username_key).await?;
                Ok(Some(user))
            })
            .await
    }
}
