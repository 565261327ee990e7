//! Consent to biometric processing: granted, withdrawn, granted anew.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use faceauth_domain::user::{Consent, UserId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Store;
use crate::schema::{consents, templates, users};
use crate::user_keys;

impl Store {
    /// Records that the account holder agrees to `policy_version`. `false` when there is no
    /// such account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn grant_consent(
        &self,
        user: UserId,
        policy_version: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut connection = self.connection().await?;
        connection
            .transaction(async |connection| {
                if !lock(connection, user).await? {
                    return Ok(false);
                }
                insert(connection, user, policy_version, now).await?;
                Ok(true)
            })
            .await
    }

    /// Withdraws every consent of the account, deletes its templates and destroys the key that
    /// sealed them: there is no ground left to keep them. `false` when there is no such account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn withdraw_consent(
        &self,
        user: UserId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut connection = self.connection().await?;
        connection
            .transaction(async |connection| {
                if !lock(connection, user).await? {
                    return Ok(false);
                }
                diesel::update(consents::table)
                    .filter(consents::user_id.eq(user.0))
                    .filter(consents::withdrawn_at.is_null())
                    .set(consents::withdrawn_at.eq(now))
                    .execute(connection)
                    .await?;
                diesel::delete(templates::table.filter(templates::user_id.eq(user.0)))
                    .execute(connection)
                    .await?;
                user_keys::destroy(connection, user).await?;
                Ok(true)
            })
            .await
    }
}

/// Locks an account until the transaction ends, so that no template is added beside what the
/// transaction does. `false` when there is no such account.
pub(crate) async fn lock(connection: &mut AsyncPgConnection, user: UserId) -> QueryResult<bool> {
    let locked: Option<Uuid> = users::table
        .find(user.0)
        .select(users::id)
        .for_no_key_update()
        .first(connection)
        .await
        .optional()?;
    Ok(locked.is_some())
}

/// Whether the latest consent of an account stands.
pub(crate) async fn stands(connection: &mut AsyncPgConnection, user: UserId) -> QueryResult<bool> {
    let withdrawn_at: Option<Option<DateTime<Utc>>> = consents::table
        .filter(consents::user_id.eq(user.0))
        .order(consents::granted_at.desc())
        .select(consents::withdrawn_at)
        .first(connection)
        .await
        .optional()?;
    Ok(matches!(withdrawn_at, Some(None)))
}

pub(crate) async fn insert(
    connection: &mut AsyncPgConnection,
    user: UserId,
    policy_version: &str,
    granted_at: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::insert_into(consents::table)
        .values((
            consents::user_id.eq(user.0),
            consents::policy_version.eq(policy_version),
            consents::granted_at.eq(granted_at),
        ))
        // Twice in one microsecond is once.
        .on_conflict_do_nothing()
        .execute(connection)
        .await
}

/// Every consent of an account, oldest first.
pub(crate) async fn all(
    connection: &mut AsyncPgConnection,
    user: UserId,
) -> QueryResult<Vec<Consent>> {
    let rows: Vec<(String, DateTime<Utc>, Option<DateTime<Utc>>)> = consents::table
        .filter(consents::user_id.eq(user.0))
        .order(consents::granted_at)
        .select((consents::policy_version, consents::granted_at, consents::withdrawn_at))
        .load(connection)
        .await?;
    let consent = |(policy_version, granted_at, withdrawn_at)| Consent {
        policy_version,
        granted_at,
        withdrawn_at,
    };
    Ok(rows.into_iter().map(consent).collect())
}
