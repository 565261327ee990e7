//! What an operator sees and does of the outbox: never whose an event is.

use chrono::{DateTime, Utc};
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::link::Link;
use crate::schema::outbox;

/// An event that waits, or that was given up.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct OutboxEntry {
    /// Its id, which is `webhook-id` of every try.
    pub id: Uuid,
    /// What has happened, as `type` of the webhook says it.
    pub kind: String,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Tries that have begun.
    pub tries: i32,
    /// Not tried before this.
    pub due_at: DateTime<Utc>,
    /// What came of the last try that ended.
    pub last_result: Option<String>,
    /// When it was given up.
    pub dead_at: Option<DateTime<Utc>>,
}

/// The oldest events, at most `most`.
pub(crate) async fn oldest(connection: &mut Link, most: i64) -> QueryResult<Vec<OutboxEntry>> {
    outbox::table
        .order(outbox::sequence)
        .limit(most)
        .select(OutboxEntry::as_select())
        .load(connection)
        .await
}

/// How many events wait, and how many were given up.
pub(crate) async fn count(connection: &mut Link) -> QueryResult<(i64, i64)> {
    let dead = outbox::table.filter(outbox::dead_at.is_not_null());
    let dead: i64 = dead.select(count_star()).first(connection).await?;
    let all: i64 = outbox::table.select(count_star()).first(connection).await?;
    Ok(((all - dead).max(0), dead))
}

/// Events of an account that wait or were given up.
pub(crate) async fn count_of_account(connection: &mut Link, account: Uuid) -> QueryResult<i64> {
    let own = outbox::table.filter(outbox::account_id.eq(account));
    own.select(count_star()).first(connection).await
}

/// Makes the event `id` due now, or every dead one when there is no id. It has until `give_up_at`.
/// An event that is being delivered is left alone.
pub(crate) async fn revive(
    connection: &mut Link,
    id: Option<Uuid>,
    give_up_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let again = (
        outbox::dead_at.eq(None::<DateTime<Utc>>),
        outbox::due_at.eq(now),
        outbox::give_up_at.eq(give_up_at),
        outbox::tries.eq(0),
    );
    let free = outbox::leased_until.is_null().or(outbox::leased_until.le(now));
    match id {
        Some(id) => {
            diesel::update(outbox::table.find(id).filter(free)).set(again).execute(connection).await
        }
        None => {
            diesel::update(outbox::table.filter(outbox::dead_at.is_not_null()))
                .set(again)
                .execute(connection)
                .await
        }
    }
}
