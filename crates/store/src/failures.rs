//! Consecutive failed sign-ins, counted for all replicas.
//!
//! An attempt is counted when it begins and taken back when it turns out to be no failure,
//! so that no number of parallel attempts passes the policy. Names without an account count
//! alike. Callers with a device token of the account count apart: a stranger who makes a name
//! wait keeps nobody out who has signed in on their device before.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use faceauth_domain::failures::FailurePolicy;
use faceauth_domain::user::UserId;
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Store;
use crate::schema::{failures, users};

/// How long a count is kept after its last attempt. By then even the longest delay is long
/// over, and 50 guesses a month find nobody at a false match rate of 1e-4.
pub const FAILURE_RETENTION: TimeDelta = TimeDelta::days(30);

/// A device that says it has signed in before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device {
    /// The account it signed in to.
    pub user: UserId,
    /// The device.
    pub id: Uuid,
}

/// An attempt that has begun, and counts as a failure until it is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    username_key: String,
    device: Uuid,
    /// The attempt's place among those without success, from 1.
    number: i32,
    /// The delay before it, to be restored.
    waited_until: Option<DateTime<Utc>>,
}

impl Begun {
    /// The attempt's place in a row without success, from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        u32::try_from(self.number).unwrap_or(u32::MAX)
    }

    /// The device, when it is one that has signed in to this account before.
    #[must_use]
    pub fn known_device(&self) -> Option<Uuid> {
        (!self.device.is_nil()).then_some(self.device)
    }
}

/// Whether an attempt may begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// It has begun.
    Begun(Begun),
    /// Not before this moment.
    Blocked(DateTime<Utc>),
}

impl Store {
    /// Counts an attempt against `username_key`, unless the name has to wait. A `device` of
    /// another account counts as none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_attempt(
        &self,
        username_key: &str,
        device: Option<Device>,
        policy: &FailurePolicy,
        now: DateTime<Utc>,
    ) -> Result<Admission, StoreError> {
        let mut connection = self.connection().await?;
        let device = match device {
            Some(Device { user, id })
                if owner(&connection, username_key).await? == Some(user.0) =>
            {
                id
            }
            _ => Uuid::nil(),
        };
        // Nearly every name has no failures: one statement then, and no lock to hold.
        if first(&connection, username_key, device, policy, now).await? {
            let username_key = username_key.to_owned();
            return Ok(Admission::Begun(Begun {
                username_key,
                device,
                number: 1,
                waited_until: None,
            }));
        }
        connection
            .transaction(async |connection| {
                let (failures, waited_until) =
                    locked(connection, username_key, device, now).await?;
                if let Some(until) = waited_until
                    && until > now
                {
                    return Ok(Admission::Blocked(until));
                }
                let number = failures.saturating_add(1);
                diesel::update(failures::table.find((username_key, device)))
                    .set((
                        failures::in_a_row.eq(number),
                        failures::blocked_until.eq(wait(policy, number, now)),
                        failures::last_at.eq(now),
                    ))
                    .execute(connection)
                    .await?;
                let username_key = username_key.to_owned();
                Ok(Admission::Begun(Begun { username_key, device, number, waited_until }))
            })
            .await
    }

    /// Takes an attempt back that was no failure and no success either. When others have
    /// begun meanwhile, their delay stays.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forgive_attempt(&self, begun: &Begun) -> Result<(), StoreError> {
        let mut connection = self.connection().await?;
        let row = failures::table.find((&begun.username_key, begun.device));
        let last = diesel::update(row.filter(failures::in_a_row.eq(begun.number)))
            .set((
                failures::in_a_row.eq(begun.number - 1),
                failures::blocked_until.eq(begun.waited_until),
            ))
            .execute(&mut connection)
            .await?;
        if last == 0 {
            diesel::update(row.filter(failures::in_a_row.gt(0)))
                .set(failures::in_a_row.eq(failures::in_a_row - 1))
                .execute(&mut connection)
                .await?;
        }
        diesel::delete(row.filter(failures::in_a_row.eq(0))).execute(&mut connection).await?;
        Ok(())
    }

    /// Forgets the failures of a name, for every device: what an operator does for somebody
    /// who is locked out. `false` when there were none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unlock(&self, username_key: &str) -> Result<bool, StoreError> {
        let connection = self.connection().await?;
        Ok(erase(&connection, username_key).await? > 0)
    }
}

/// Whom the name belongs to.
async fn owner(
    mut connection: &AsyncPgConnection,
    username_key: &str,
) -> QueryResult<Option<Uuid>> {
    users::table
        .filter(users::username_key.eq(username_key))
        .select(users::id)
        .first(&mut connection)
        .await
        .optional()
}

/// Counts the first attempt of a name and device; `false` when there is a count already.
async fn first(
    mut connection: &AsyncPgConnection,
    username_key: &str,
    device: Uuid,
    policy: &FailurePolicy,
    now: DateTime<Utc>,
) -> QueryResult<bool> {
    let counted = diesel::insert_into(failures::table)
        .values((
            failures::username_key.eq(username_key),
            failures::device.eq(device),
            failures::in_a_row.eq(1),
            failures::blocked_until.eq(wait(policy, 1, now)),
            failures::last_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(&mut connection)
        .await?;
    Ok(counted > 0)
}

/// Until when a name waits whose `number`th attempt in a row begins now.
fn wait(policy: &FailurePolicy, number: i32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let delay = policy.delay_after(u32::try_from(number).unwrap_or(u32::MAX))?;
    Some(now + delay)
}

/// The count of a name and device, which nobody else changes until the transaction ends.
async fn locked(
    mut connection: &AsyncPgConnection,
    username_key: &str,
    device: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<(i32, Option<DateTime<Utc>>)> {
    diesel::insert_into(failures::table)
        .values((
            failures::username_key.eq(username_key),
            failures::device.eq(device),
            failures::in_a_row.eq(0),
            failures::last_at.eq(now),
        ))
        .on_conflict((failures::username_key, failures::device))
        // Changes nothing, and locks the row.
        .do_update()
        .set(failures::in_a_row.eq(failures::in_a_row))
        .returning((failures::in_a_row, failures::blocked_until))
        .get_result(&mut connection)
        .await
}

/// Forgets the failures after a success: those of the caller's own kind, and when the device
/// was known, everybody's. Whoever signs in on a known device is the account holder.
pub(crate) async fn clear(mut connection: &AsyncPgConnection, begun: &Begun) -> QueryResult<usize> {
    match begun.known_device() {
        Some(_) => erase(connection, &begun.username_key).await,
        None => {
            let row = failures::table.find((&begun.username_key, begun.device));
            diesel::delete(row).execute(&mut connection).await
        }
    }
}

/// Deletes the counts of a name.
pub(crate) async fn erase(
    mut connection: &AsyncPgConnection,
    username_key: &str,
) -> QueryResult<usize> {
    let of_name = failures::username_key.eq(username_key);
    diesel::delete(failures::table.filter(of_name)).execute(&mut connection).await
}
