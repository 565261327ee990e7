//! What the audit trail says of one account.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use faceauth_domain::user::UserId;

use crate::account::{Account, AccountError};
use crate::schema::attempts;

/// A line of the audit trail, as its subject may see it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = attempts)]
pub struct AttemptRecord {
    /// Grows with every line; where a page ends, the next begins.
    pub id: i64,
    /// What was wanted, a word of [`faceauth_domain::attempt::AttemptKind`].
    pub kind: String,
    /// How it ended, a word of [`faceauth_domain::attempt::AttemptOutcome`].
    pub outcome: String,
    /// What was shown, when it was accepted.
    pub assurance: Option<String>,
    /// Why a liveness capture was refused.
    pub reasons: Vec<String>,
    /// The embedding model in use.
    pub model_id: String,
    /// When it happened.
    pub at: DateTime<Utc>,
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
        let mut read = connection.build_transaction().read_only().repeatable_read();
        read.run(async |connection| {
            let user = self.look(connection).await?.user;
            Ok(of_user(connection, user, before, i64::from(limit)).await?)
        })
        .await
    }
}

pub(crate) async fn of_user(
    connection: &mut AsyncPgConnection,
    user: UserId,
    before: Option<i64>,
    limit: i64,
) -> QueryResult<Vec<AttemptRecord>> {
    attempts::table
        .filter(attempts::user_id.eq(user.0))
        .filter(attempts::id.lt(before.unwrap_or(i64::MAX)))
        .order((attempts::at.desc(), attempts::id.desc()))
        .limit(limit)
        .select(AttemptRecord::as_select())
        .load(connection)
        .await
}
