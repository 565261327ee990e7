//! Counts of failed sign-ins, by name and device. Callers without a device have the nil device.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::not;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::failures::Tally;
use uuid::Uuid;

use crate::link::Link;
use crate::schema::failures;

/// How long a count is kept after its last attempt. The longest delay is over by then, and every
/// budget is full again.
pub const FAILURE_RETENTION: TimeDelta = TimeDelta::days(30);

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

/// The count of a name and device. It is created when it does not exist, and locked until the
/// transaction ends.
pub(crate) async fn locked_or_new(
    mut connection: &Link,
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
pub(crate) async fn locked(
    mut connection: &Link,
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

/// Writes a count that is there.
pub(crate) async fn write(
    mut connection: &Link,
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

/// Deletes the count of a name and device.
pub(crate) async fn delete(
    mut connection: &Link,
    username_key: &str,
    device: Uuid,
) -> QueryResult<usize> {
    diesel::delete(failures::table.find((username_key, device))).execute(&mut connection).await
}

/// Deletes the count of a name and device when it counts one attempt at most, and nothing of its
/// budget is spent at `now`.
pub(crate) async fn delete_alone(
    mut connection: &Link,
    username_key: &str,
    device: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let spent = failures::budget_full_at.gt(now);
    let own = failures::table
        .filter(failures::username_key.eq(username_key))
        .filter(failures::device.eq(device));
    diesel::delete(own)
        .filter(failures::pending.le(1))
        .filter(failures::budget_full_at.is_null().or(not(spent)))
        .execute(&mut connection)
        .await
}

/// Forgets the failures of a name on every device but this one. What was spent of budgets stays.
pub(crate) async fn clear_others(
    mut connection: &Link,
    username_key: &str,
    device: Uuid,
) -> QueryResult<usize> {
    let others = failures::table
        .filter(failures::username_key.eq(username_key))
        .filter(failures::device.ne(device))
        .filter(failures::in_a_row.gt(0));
    diesel::update(others)
        .set((failures::in_a_row.eq(0), failures::blocked_until.eq(None::<DateTime<Utc>>)))
        .execute(&mut connection)
        .await
}

/// How many sign-ins of a name have failed in a row, over all devices.
pub(crate) async fn in_a_row(connection: &mut Link, username_key: &str) -> QueryResult<i64> {
    let sum: Option<i64> = failures::table
        .filter(failures::username_key.eq(username_key))
        .select(diesel::dsl::sum(failures::in_a_row))
        .first(connection)
        .await?;
    Ok(sum.unwrap_or_default())
}

/// Deletes the counts of a name.
pub(crate) async fn delete_of_name(
    mut connection: &Link,
    username_key: &str,
) -> QueryResult<usize> {
    let of_name = failures::username_key.eq(username_key);
    diesel::delete(failures::table.filter(of_name)).execute(&mut connection).await
}
