//! Events for account holders that no receiver has taken yet: adding them.
//!
//! An event is added in the transaction of what it tells, by [`crate::outbox`], which knows whether
//! anybody takes events.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use faceauth_domain::account_event::AccountEvent;
use faceauth_domain::delivery::Retries;
use faceauth_domain::user::UserId;
use faceauth_telemetry::trace;
use uuid::{NoContext, Timestamp, Uuid};

use crate::link::Link;
use crate::schema::{outbox, refresh_tokens, users};
use crate::tables::refresh_tokens::REFRESH_TOKEN_RETENTION;

pub(crate) mod delivery;
pub(crate) mod entries;

/// The id of an event that happened at `at`: a UUID version 7, so ids sort by age.
pub(crate) fn event_id(at: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(at.timestamp()).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, at.timestamp_subsec_nanos()))
}

/// When an event that happened at `at` is given up.
pub(crate) fn give_up_at(at: DateTime<Utc>) -> DateTime<Utc> {
    at + Retries::DEFAULT.for_at_most
}

/// Accounts that were made before this may have had a sign-in that nothing shows any more: the token
/// of an enrolment is deleted so long after it expired.
pub(crate) fn forgotten_before(at: DateTime<Utc>) -> DateTime<Utc> {
    at - REFRESH_TOKEN_RETENTION
}

/// The trace of whatever adds an event now, as the header of a request has it.
pub(crate) fn traceparent() -> Option<String> {
    trace::current().map(|place| place.to_string())
}

/// Adds an event of each of `$accounts`, a query of `users`. There is one account at most.
macro_rules! insert_for {
    ($connection:expr, $accounts:expr, $event:expr, $at:expr) => {
        diesel::insert_into(outbox::table)
            .values($accounts.select((
                event_id($at).into_sql::<SqlUuid>(),
                users::id,
                users::username,
                $event.as_str().into_sql::<Text>(),
                $at.into_sql::<Timestamptz>(),
                $at.into_sql::<Timestamptz>(),
                give_up_at($at).into_sql::<Timestamptz>(),
                traceparent().into_sql::<Nullable<Text>>(),
            )))
            .into_columns((
                outbox::id,
                outbox::account_id,
                outbox::username,
                outbox::kind,
                outbox::at,
                outbox::due_at,
                outbox::give_up_at,
                outbox::traceparent,
            ))
            .execute(&mut $connection)
            .await
    };
}

/// Adds an event of an account, which must still be there.
pub(crate) async fn insert(
    mut connection: &Link,
    user: UserId,
    event: AccountEvent,
    at: DateTime<Utc>,
) -> QueryResult<usize> {
    insert_for!(connection, users::table.filter(users::id.eq(user.0)), event, at)
}

/// Adds an event of the account that has this name, if there is one.
pub(crate) async fn insert_of_name(
    mut connection: &Link,
    username_key: &str,
    event: AccountEvent,
    at: DateTime<Utc>,
) -> QueryResult<usize> {
    insert_for!(connection, users::table.filter(users::username_key.eq(username_key)), event, at)
}

/// Adds the event of a new device, when somebody has signed in to the account before, as far as
/// anything still shows it. The account
/// is locked, and the sign-in is not written down yet.
pub(crate) async fn insert_new_device(
    mut connection: &Link,
    user: UserId,
    at: DateTime<Utc>,
) -> QueryResult<usize> {
    let sessions = refresh_tokens::table.filter(refresh_tokens::user_id.eq(user.0));
    let used = users::table
        .filter(users::id.eq(user.0))
        // Rather told once too often than not at all.
        .filter(
            users::last_active_at
                .gt(users::created_at)
                .or(users::created_at.lt(forgotten_before(at)))
                .or(exists(sessions)),
        );
    insert_for!(connection, used, AccountEvent::NewDevice, at)
}
