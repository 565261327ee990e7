//! Consent to biometric processing: granted, withdrawn, granted anew.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use faceauth_domain::user::{Consent, UserId};
use uuid::Uuid;

use crate::account::{Account, AccountError, Enrolling};
use crate::schema::{consents, templates, users};
use crate::tables::refresh_tokens as tokens;
use crate::tables::user_keys;

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
                insert(connection, user, policy_version, now).await?;
                Ok(())
            })
            .await
    }
}

impl Account<'_> {
    /// Withdraws every consent of the account, deletes its templates, destroys the key that
    /// sealed them and ends every session: there is no ground left for any of it.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn withdraw_consent(&self, now: DateTime<Utc>) -> Result<(), AccountError> {
        let mut connection = self.store.connection().await?;
        connection
            .transaction(async |connection| {
                let user = self.enter(connection).await?.user;
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
                tokens::revoke_all(connection, user, now).await?;
                Ok(())
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

/// Whether a consent of an account stands. A withdrawal takes all of them back.
pub(crate) async fn stands(mut connection: &AsyncPgConnection, user: UserId) -> QueryResult<bool> {
    let standing = consents::table
        .filter(consents::user_id.eq(user.0))
        .filter(consents::withdrawn_at.is_null());
    diesel::select(exists(standing)).get_result(&mut connection).await
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
