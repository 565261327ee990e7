//! Starting an account over, for somebody who cannot sign in to it any more.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use faceauth_domain::user::User;

use crate::error::StoreError;
use crate::failures;
use crate::pool::Store;
use crate::schema::{templates, users};
use crate::tables::enrolment_tokens::{self, NewEnrolmentToken};
use crate::tables::rows::{self, UserRow};
use crate::tables::{refresh_tokens as tokens, user_keys};

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
                let row: Option<UserRow> = users::table
                    .filter(users::username_key.eq(username_key))
                    .select((users::id, users::username, users::created_at))
                    .for_no_key_update()
                    .first(connection)
                    .await
                    .optional()?;
                let Some(user) = row.map(rows::user).transpose()? else { return Ok(None) };
                diesel::delete(templates::table.filter(templates::user_id.eq(user.id.0)))
                    .execute(connection)
                    .await?;
                user_keys::destroy(connection, user.id).await?;
                tokens::revoke_all(connection, user.id, now).await?;
                enrolment_tokens::replace(connection, user.id, token).await?;
                failures::erase(connection, username_key).await?;
                Ok(Some(user))
            })
            .await
    }
}
