//! Tables that consist of a partition for each month or day, and the functions of the database that
//! make and drop them. How long a partition is, the database knows (`partition_length`).

use chrono::{DateTime, TimeDelta, Utc};
use diesel::QueryResult;
use diesel::sql_types::{Text, Timestamptz};
use diesel_async::RunQueryDsl;

use crate::link::Link;

/// A table of partitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Partitioned {
    pub(crate) table: &'static str,
    /// What a partition holds, for the log.
    pub(crate) what: &'static str,
    /// How far ahead of new rows there are partitions. Any replica makes them in any minute. When
    /// none did, rows go to the rest, and move when the partition is made.
    pub(crate) ahead: TimeDelta,
}

/// The audit trail, by the time of a line.
pub(crate) const ATTEMPTS: Partitioned = Partitioned {
    table: "attempts",
    what: "months of the audit trail",
    ahead: TimeDelta::days(100),
};

/// Refresh tokens, by the time of the sign-in. A month that nobody has signed in in yet is asked for
/// every token, so only the next one is there.
pub(crate) const REFRESH_TOKENS: Partitioned =
    Partitioned { table: "refresh_tokens", what: "months of sessions", ahead: TimeDelta::days(31) };

/// Digests of frames, by the time when they are forgotten, which is a day after they came.
pub(crate) const LIVENESS_FRAMES: Partitioned = Partitioned {
    table: "liveness_frames",
    what: "days of submitted frames",
    ahead: TimeDelta::days(3),
};

diesel::define_sql_function! {
    /// Makes the partitions that are missing between two moments, and says how many.
    fn partitions_make(parent: Text, since: Timestamptz, ahead: Timestamptz) -> Integer;
}

diesel::define_sql_function! {
    /// Drops the partitions that ended at or before a moment, and says how many.
    fn partitions_drop(parent: Text, before: Timestamptz) -> Integer;
}

/// Makes the partitions that rows go to from now on, where they are missing. Says how many.
pub(crate) async fn make(
    connection: &mut Link,
    of: Partitioned,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let made: i32 = diesel::select(partitions_make(of.table, now, now + of.ahead))
        .get_result(connection)
        .await?;
    Ok(usize::try_from(made).unwrap_or_default())
}

/// Drops the partitions that ended at or before `before` and hold nothing that lasts longer. Says
/// how many.
pub(crate) async fn drop(
    connection: &mut Link,
    of: Partitioned,
    before: DateTime<Utc>,
) -> QueryResult<usize> {
    let dropped: i32 =
        diesel::select(partitions_drop(of.table, before)).get_result(connection).await?;
    Ok(usize::try_from(dropped).unwrap_or_default())
}
