//! The audit trail: adding a line, and what it says of one account.

use faceauth_domain::attempt::Attempt;

use crate::account::{Account, AccountError};
use crate::error::{Constraint, StoreError};
use crate::pool::Store;
use crate::tables::attempts;

pub use crate::tables::attempts::AttemptRecord;

impl Store {
    /// Adds a line to the audit trail. When the account was erased meanwhile, the line
    /// is kept without it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_attempt(&self, attempt: &Attempt) -> Result<(), StoreError> {
        let connection = self.connection().await?;
        match attempts::insert(&connection, attempt).await {
            Err(e) if Constraint::violated_by(&e) == Some(Constraint::AttemptUser) => {
                let anonymous = Attempt { user: None, ..attempt.clone() };
                attempts::insert(&connection, &anonymous).await?;
            }
            other => {
                other?;
            }
        }
        Ok(())
    }
}

impl Account<'_> {
    /// At most `limit` attempts on the account, newest first, older than the line `before`.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn attempts(
        &self,
        before: Option<i64>,
        limit: u8,
    ) -> Result<Vec<AttemptRecord>, AccountError> {
        let mut connection = self.store.connection().await?;
        connection
            .snapshot(async |connection| {
                let user = self.look(connection).await?.user;
                Ok(attempts::of_user(connection, user, before, i64::from(limit)).await?)
            })
            .await
    }
}
