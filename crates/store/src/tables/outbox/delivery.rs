//! Taking events out of the outbox, one at a time for each account and in order.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::link::Link;
use crate::schema::outbox;

/// An event that is leased to a replica.
#[derive(Debug, QueryableByName)]
#[diesel(table_name = outbox)]
pub(crate) struct LeasedRow {
    pub id: Uuid,
    pub account_id: Uuid,
    pub username: String,
    pub kind: String,
    pub at: DateTime<Utc>,
    pub tries: i32,
    pub leased_until: Option<DateTime<Utc>>,
    pub give_up_at: DateTime<Utc>,
    pub traceparent: Option<String>,
}

/// Leases the first event of each account, of those that are due and of accounts with no event
/// under way. Values: now, the most of them, the end of the lease. Needs the turn, because a
/// statement does not see what another one is about to lease.
const CLAIM: &str = "UPDATE outbox SET leased_until = $3, tries = tries + 1 WHERE id = ANY (ARRAY( \
     SELECT id FROM outbox AS first WHERE dead_at IS NULL AND due_at <= $1 \
     AND (leased_until IS NULL OR leased_until <= $1) \
     AND NOT EXISTS (SELECT FROM outbox AS other WHERE other.account_id = first.account_id \
     AND other.dead_at IS NULL AND other.id <> first.id \
     AND (other.sequence < first.sequence OR other.leased_until > $1)) \
     ORDER BY due_at LIMIT $2)) \
     RETURNING id, account_id, username, kind, at, tries, leased_until, give_up_at, traceparent";

/// Whether any event is due that nobody delivers. It may still have to wait for another one.
pub(crate) async fn any_due(connection: &mut Link, now: DateTime<Utc>) -> QueryResult<bool> {
    let due = outbox::table
        .filter(outbox::dead_at.is_null())
        .filter(outbox::due_at.le(now))
        .filter(outbox::leased_until.is_null().or(outbox::leased_until.le(now)));
    // In order, so that the index is read and not the table.
    let first: Option<Uuid> =
        due.order(outbox::due_at).select(outbox::id).first(connection).await.optional()?;
    Ok(first.is_some())
}

/// Leases at most `most` events until `lease`.
pub(crate) async fn claim(
    connection: &mut Link,
    most: i64,
    lease: DateTime<Utc>,
    now: DateTime<Utc>,
) -> QueryResult<Vec<LeasedRow>> {
    diesel::sql_query(CLAIM)
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(most)
        .bind::<Timestamptz, _>(lease)
        .load(connection)
        .await
}

/// Deletes an event that was delivered, unless somebody else has leased it meanwhile.
pub(crate) async fn delete(
    connection: &mut Link,
    id: Uuid,
    lease: DateTime<Utc>,
) -> QueryResult<usize> {
    let leased = outbox::table.find(id).filter(outbox::leased_until.eq(lease));
    diesel::delete(leased).execute(connection).await
}

/// Ends the lease of an event that was not delivered: it is due at `due_at`, or dead since
/// `dead_at`. Changes nothing when somebody else has leased it meanwhile.
pub(crate) async fn put_back(
    connection: &mut Link,
    id: Uuid,
    lease: DateTime<Utc>,
    result: &str,
    (due_at, dead_at): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
) -> QueryResult<usize> {
    diesel::update(outbox::table.find(id).filter(outbox::leased_until.eq(lease)))
        .set((
            outbox::leased_until.eq(None::<DateTime<Utc>>),
            outbox::last_result.eq(result),
            outbox::dead_at.eq(dead_at),
            due_at.map(|at| outbox::due_at.eq(at)),
        ))
        .execute(connection)
        .await
}
