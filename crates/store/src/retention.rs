//! Forgetting people and events after long enough.
//!
//! One replica at a time does it: the others find the advisory lock taken and go on.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use faceauth_domain::embedding::ModelId;
use faceauth_domain::user::UserId;
use uuid::Uuid;

use crate::enrolment_images;
use crate::error::StoreError;
use crate::pool::Store;
use crate::schema::{attempts, users};
use crate::upgrade;
use crate::users::erase;

/// The advisory lock of whoever retires: "retired!" in ASCII.
const RETENTION_LOCK: i64 = 0x7265_7469_7265_6421;

/// Accounts that are erased in one transaction; the next minute takes the next.
const ACCOUNTS_AT_ONCE: i64 = 100;

/// Lines of the audit trail that are deleted in one transaction.
const ATTEMPTS_AT_ONCE: i64 = 10_000;

/// How long things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// An account after its last sign-in or refresh; `None` for ever.
    pub inactive_account: Option<TimeDelta>,
    /// A line of the audit trail.
    pub attempt: TimeDelta,
    /// Templates of other models, after their owner has one of the current model.
    pub old_template: TimeDelta,
    /// Enrolment images after the enrolment; `None` keeps none, not even those there are.
    pub enrolment_image: Option<TimeDelta>,
}

/// What was forgotten.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retired {
    /// Accounts that nobody had used.
    pub accounts: Vec<UserId>,
    /// Lines of the audit trail.
    pub attempts: usize,
    /// Templates of models that were moved away from.
    pub templates: usize,
    /// Enrolment images.
    pub images: usize,
}

diesel::define_sql_function! {
    /// Takes a lock that ends with the transaction, or says that somebody else has it.
    fn pg_try_advisory_xact_lock(key: BigInt) -> diesel::sql_types::Bool;
}

impl Store {
    /// Erases accounts nobody has used and deletes old lines of the audit trail and templates of
    /// other models than `model`, a batch of each. Nothing when another replica is at it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn retire(
        &self,
        retention: &Retention,
        model: &ModelId,
        now: DateTime<Utc>,
    ) -> Result<Retired, StoreError> {
        let mut connection = self.connection().await?;
        let retired: QueryResult<Retired> = connection
            .transaction(async |connection| {
                let ours: bool = diesel::select(pg_try_advisory_xact_lock(RETENTION_LOCK))
                    .get_result(connection)
                    .await?;
                if !ours {
                    return Ok(Retired::default());
                }
                let accounts = match retention.inactive_account {
                    Some(kept) => inactive(connection, now - kept).await?,
                    None => Vec::new(),
                };
                for account in &accounts {
                    erase(connection, *account).await?;
                }
                let attempts = delete_attempts(connection, now - retention.attempt).await?;
                let before = now - retention.old_template;
                let templates = upgrade::retire(connection, model, before).await?;
                let images = now - retention.enrolment_image.unwrap_or_default();
                let images = enrolment_images::retire(connection, images).await?;
                Ok(Retired { accounts, attempts, templates, images })
            })
            .await;
        Ok(retired?)
    }
}

/// Accounts that nobody has used since `before`, locked: one that is signed in to at this very
/// moment is left alone.
async fn inactive(
    connection: &mut AsyncPgConnection,
    before: DateTime<Utc>,
) -> QueryResult<Vec<UserId>> {
    let found: Vec<Uuid> = users::table
        .filter(users::last_active_at.le(before))
        .order(users::last_active_at)
        .limit(ACCOUNTS_AT_ONCE)
        .select(users::id)
        .for_update()
        .skip_locked()
        .load(connection)
        .await?;
    Ok(found.into_iter().map(UserId).collect())
}

async fn delete_attempts(
    connection: &mut AsyncPgConnection,
    before: DateTime<Utc>,
) -> QueryResult<usize> {
    let old: Vec<i64> = attempts::table
        .filter(attempts::at.le(before))
        .order(attempts::at)
        .limit(ATTEMPTS_AT_ONCE)
        .select(attempts::id)
        .load(connection)
        .await?;
    diesel::delete(attempts::table.filter(attempts::id.eq_any(old))).execute(connection).await
}

diesel::define_sql_function! {
    /// The later of two moments.
    fn greatest(one: diesel::sql_types::Timestamptz, other: diesel::sql_types::Timestamptz) -> diesel::sql_types::Timestamptz;
}

/// Notes that an account is used, and locks it until the transaction ends. 0 when it is gone.
pub(crate) async fn touch(
    connection: &mut AsyncPgConnection,
    user: UserId,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::update(users::table.find(user.0))
        // Written also when it changes nothing: what is not written is not locked.
        .set(users::last_active_at.eq(greatest(users::last_active_at, now)))
        .execute(connection)
        .await
}
