//! Failed sign-ins, counted for all replicas.
//!
//! An attempt is pending from its beginning to its end, and counts as a failure for every other
//! attempt meanwhile, so that no number of parallel ones passes the policy. It is decided before
//! anything is answered: an attempt that nobody decides, because its replica died or its client
//! hung up, has told nobody anything, and stops counting by itself. Names without an account count
//! alike. Callers with a device token of the account count apart: a stranger who makes a name
//! wait keeps nobody out who has signed in on their device before.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use faceauth_domain::failures::{Caller, FailurePolicy, Tally};
use faceauth_domain::user::UserId;
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Store;
use crate::schema::{failures, users};

/// How long a count is kept after its last attempt. By then the longest delay is long over, and
/// every budget is full again.
pub const FAILURE_RETENTION: TimeDelta = TimeDelta::days(30);

/// A device that says it has signed in before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device {
    /// The account it signed in to.
    pub user: UserId,
    /// The device.
    pub id: Uuid,
}

/// An attempt that has begun, and counts as a failure until it is ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    username_key: String,
    device: Uuid,
    /// The attempt's place among those without success, from 1.
    number: u32,
}

impl Begun {
    /// The attempt's place in a row without success, from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The device, when it is one that has signed in to this account before.
    #[must_use]
    pub fn known_device(&self) -> Option<Uuid> {
        (!self.device.is_nil()).then_some(self.device)
    }

    fn caller(&self) -> Caller {
        caller(self.device)
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
        let begun = |number| Begun { username_key: username_key.to_owned(), device, number };
        // Nearly every name has no failures: one statement then, and no lock to hold.
        if first(&connection, username_key, device, now).await? {
            return Ok(Admission::Begun(begun(1)));
        }
        connection
            .transaction(async |connection| {
                let tally = locked_or_new(connection, username_key, device, now).await?;
                match policy.begin(&tally, caller(device), now) {
                    Ok(next) => {
                        write(connection, username_key, device, &next).await?;
                        Ok(Admission::Begun(begun(tally.living(now).number())))
                    }
                    Err(until) => Ok(Admission::Blocked(until)),
                }
            })
            .await
    }

    /// Ends an attempt that has failed. Nothing may be answered before this.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn fail_attempt(
        &self,
        begun: &Begun,
        policy: &FailurePolicy,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.end_attempt(begun, now, |tally| policy.failed(tally, begun.caller(), now)).await
    }

    /// Ends an attempt that was no failure and no success either.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forgive_attempt(
        &self,
        begun: &Begun,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.end_attempt(begun, now, Tally::forgiven).await
    }

    async fn end_attempt(
        &self,
        begun: &Begun,
        now: DateTime<Utc>,
        end: impl Fn(&Tally) -> Tally + Send + Sync,
    ) -> Result<(), StoreError> {
        let mut connection = self.connection().await?;
        let (name, device) = (&begun.username_key, begun.device);
        connection
            .transaction(async |connection| {
                // Gone when the name was unlocked or erased meanwhile.
                let Some(tally) = locked(connection, name, device).await? else { return Ok(()) };
                let next = end(&tally);
                if next.is_clear(now) {
                    diesel::delete(failures::table.find((name, device)))
                        .execute(connection)
                        .await?;
                } else {
                    write(connection, name, device, &next).await?;
                }
                Ok(())
            })
            .await
    }

    /// Forgets the failures of a name, for every device, and what was spent of its budgets: what
    /// an operator does for somebody who is locked out. `false` when there were none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unlock(&self, username_key: &str) -> Result<bool, StoreError> {
        let connection = self.connection().await?;
        Ok(erase(&connection, username_key).await? > 0)
    }
}

fn caller(device: Uuid) -> Caller {
    if device.is_nil() { Caller::UnknownDevice } else { Caller::KnownDevice }
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
    now: DateTime<Utc>,
) -> QueryResult<bool> {
    let counted = diesel::insert_into(failures::table)
        .values((
            failures::username_key.eq(username_key),
            failures::device.eq(device),
            failures::in_a_row.eq(0),
            failures::pending.eq(1),
            failures::last_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(&mut connection)
        .await?;
    Ok(counted > 0)
}

/// The columns of a count.
type TallyRow = (i32, i32, DateTime<Utc>, Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// In the order of [`TallyRow`].
const TALLY: (
    failures::in_a_row,
    failures::pending,
    failures::last_at,
    failures::blocked_until,
    failures::budget_full_at,
) = (
    failures::in_a_row,
    failures::pending,
    failures::last_at,
    failures::blocked_until,
    failures::budget_full_at,
);

fn tally((in_a_row, pending, last_at, blocked_until, budget_full_at): TallyRow) -> Tally {
    // Constraints keep them from being negative.
    let count = |number: i32| u32::try_from(number).unwrap_or_default();
    Tally {
        in_a_row: count(in_a_row),
        pending: count(pending),
        begun_at: Some(last_at),
        blocked_until,
        budget_full_at,
    }
}

/// The count of a name and device, which nobody else changes until the transaction ends. One
/// that is not there is made.
async fn locked_or_new(
    mut connection: &AsyncPgConnection,
    username_key: &str,
    device: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<Tally> {
    let row: TallyRow = diesel::insert_into(failures::table)
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
        .returning(TALLY)
        .get_result(&mut connection)
        .await?;
    Ok(tally(row))
}

/// The count of a name and device, if there is one, locked.
async fn locked(
    mut connection: &AsyncPgConnection,
    username_key: &str,
    device: Uuid,
) -> QueryResult<Option<Tally>> {
    let row: Option<TallyRow> = failures::table
        .find((username_key, device))
        .select(TALLY)
        .for_update()
        .first(&mut connection)
        .await
        .optional()?;
    Ok(row.map(tally))
}

async fn write(
    mut connection: &AsyncPgConnection,
    username_key: &str,
    device: Uuid,
    tally: &Tally,
) -> QueryResult<usize> {
    let count = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    diesel::update(failures::table.find((username_key, device)))
        .set((
            failures::in_a_row.eq(count(tally.in_a_row)),
            failures::pending.eq(count(tally.pending)),
            failures::blocked_until.eq(tally.blocked_until),
            failures::budget_full_at.eq(tally.budget_full_at),
            tally.begun_at.map(|at| failures::last_at.eq(at)),
        ))
        .execute(&mut connection)
        .await
}

/// Ends the rows of failures after a success: that of the caller's own kind, and when the device
/// was known, everybody's. Whoever signs in on a known device is the account holder. What was
/// spent of budgets stays.
pub(crate) async fn clear(
    mut connection: &AsyncPgConnection,
    begun: &Begun,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    // Nearly always nobody has failed: one statement then.
    let (name, device) = (&begun.username_key, begun.device);
    let spent = failures::budget_full_at.gt(now);
    let own =
        failures::table.filter(failures::username_key.eq(name)).filter(failures::device.eq(device));
    let cleared = diesel::delete(own)
        .filter(failures::pending.le(1))
        .filter(failures::budget_full_at.is_null().or(diesel::dsl::not(spent)))
        .execute(&mut connection)
        .await?;
    if cleared == 0
        && let Some(tally) = locked(connection, name, device).await?
    {
        write(connection, name, device, &tally.succeeded()).await?;
    }
    if begun.known_device().is_some() {
        let others = failures::table
            .filter(failures::username_key.eq(name))
            .filter(failures::device.ne(device))
            .filter(failures::in_a_row.gt(0));
        diesel::update(others)
            .set((failures::in_a_row.eq(0), failures::blocked_until.eq(None::<DateTime<Utc>>)))
            .execute(&mut connection)
            .await?;
    }
    Ok(cleared)
}

/// Deletes the counts of a name.
pub(crate) async fn erase(
    mut connection: &AsyncPgConnection,
    username_key: &str,
) -> QueryResult<usize> {
    let of_name = failures::username_key.eq(username_key);
    diesel::delete(failures::table.filter(of_name)).execute(&mut connection).await
}
