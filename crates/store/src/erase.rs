//! Erasing an account with everything that is its own or its name's.

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel_async::AsyncConnection;
use faceauth_domain::account_event::AccountEvent;
use faceauth_domain::user::UserId;

use crate::account::{Account, AccountError};
use crate::connection::{PATIENT_CALL_TIMEOUT, be_patient};
use crate::link::Link;
use crate::tables::{
    attested_keys, authorization_requests, failures, invitations, liveness_grants,
    liveness_sessions, users,
};

impl Account<'_> {
    /// Erases the account with everything that belongs to it: consents, templates,
    /// attempts, tokens and keys go by cascade, failures, liveness sessions, attested keys,
    /// authorization requests and invitations of its name in the same transaction. Only the outbox keeps its name, until the
    /// event is delivered.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn erase(&self, now: DateTime<Utc>) -> Result<(), AccountError> {
        let mut connection = self.store.connection_for(PATIENT_CALL_TIMEOUT).await?;
        connection
            .transaction(async |connection| {
                be_patient(connection).await?;
                let user = self.enter(connection).await?.user;
                self.store.tell(connection, user, AccountEvent::Erased, now).await?;
                erase(connection, user).await?;
                Ok(())
            })
            .await
    }
}

/// Deletes an account with everything that is its own or its name's. `false` when there is none.
pub(crate) async fn erase(connection: &mut Link, id: UserId) -> QueryResult<bool> {
    let Some(username_key) = users::delete(connection, id).await? else { return Ok(false) };
    liveness_grants::delete_of_name(connection, &username_key).await?;
    liveness_sessions::delete_of_name(connection, &username_key).await?;
    attested_keys::delete_of_name(connection, &username_key).await?;
    failures::delete_of_name(connection, &username_key).await?;
    authorization_requests::delete_of_name(connection, &username_key).await?;
    invitations::take(connection, &username_key).await?;
    Ok(true)
}
