//! Forgetting what has expired, in batches until it is done.
//!
//! One statement that deletes everything meets the time limit of statements as soon as there
//! is much to delete, deletes nothing, and meets it again a minute later with more to do. So rows
//! go in batches, each by itself. A table that fails does not keep the others waiting.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{BigInt, Timestamptz};
use diesel_async::RunQueryDsl;

use crate::error::{Cause, StoreError};
use crate::failures::FAILURE_RETENTION;
use crate::liveness::LIVENESS_SESSION_RETENTION;
use crate::pool::Store;
use crate::replay::BATCH_IDEMPOTENCY_WINDOW;
use crate::tables::refresh_tokens::REFRESH_TOKEN_RETENTION;

/// Rows that one batch deletes: some 20 ms of work.
const BATCH: i64 = 1_000;

/// A batch that does not get through in time is tried again with so many times fewer rows.
const SHRINK: i64 = 4;

/// How long one table is worked on before the next has its turn.
pub(crate) const TABLE_BUDGET: Duration = Duration::from_secs(10);

/// Rows of one table that go when their time is over.
struct Expiring {
    table: &'static str,
    /// How long a row is kept after the time that decides.
    kept: TimeDelta,
    /// Which `$2` rows go whose time was over at `$1`. Rows that another replica is deleting are
    /// passed over, so that any number of replicas do this at once.
    rows: &'static str,
}

/// The rows of a table by an indexed time, the oldest first.
macro_rules! oldest {
    ($table:literal, $column:literal) => {
        concat!(
            "SELECT ctid FROM ",
            $table,
            " WHERE ",
            $column,
            " <= $1 ORDER BY ",
            $column,
            " LIMIT $2 FOR UPDATE SKIP LOCKED"
        )
    };
}

/// In this order: what is most sensitive goes first.
///
/// A session counts as ended when any of its tokens is revoked, so its tokens go together: when
/// the last one, which was never used, is over. That one goes last, because it is what the
/// others are found by.
const EXPIRING: [Expiring; 8] = [
    Expiring {
        table: "liveness_grants",
        kept: TimeDelta::zero(),
        rows: oldest!("liveness_grants", "expires_at"),
    },
    Expiring {
        table: "liveness_sessions",
        kept: LIVENESS_SESSION_RETENTION,
        rows: oldest!("liveness_sessions", "expires_at"),
    },
    Expiring {
        table: "liveness_frames",
        kept: TimeDelta::zero(),
        rows: oldest!("liveness_frames", "expires_at"),
    },
    Expiring {
        table: "enrolment_tokens",
        kept: TimeDelta::zero(),
        rows: oldest!("enrolment_tokens", "expires_at"),
    },
    Expiring { table: "failures", kept: FAILURE_RETENTION, rows: oldest!("failures", "last_at") },
    Expiring {
        table: "idempotency_keys",
        kept: BATCH_IDEMPOTENCY_WINDOW,
        rows: oldest!("idempotency_keys", "created_at"),
    },
    Expiring {
        table: "refresh_tokens",
        kept: REFRESH_TOKEN_RETENTION,
        // `OFFSET 0` keeps the planner from reading the whole table to join it with itself.
        rows: "SELECT used.ctid FROM (SELECT session FROM refresh_tokens \
               WHERE used_at IS NULL AND expires_at <= $1 ORDER BY expires_at) AS last, \
               LATERAL (SELECT ctid FROM refresh_tokens WHERE session = last.session \
               AND used_at IS NOT NULL OFFSET 0 FOR UPDATE SKIP LOCKED) AS used LIMIT $2",
    },
    Expiring {
        table: "refresh_tokens",
        kept: REFRESH_TOKEN_RETENTION,
        rows: "SELECT ctid FROM refresh_tokens WHERE used_at IS NULL AND expires_at <= $1 \
               AND (SELECT true FROM refresh_tokens AS used \
               WHERE used.session = refresh_tokens.session AND used.used_at IS NOT NULL LIMIT 1) \
               IS NULL ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED",
    },
];

/// What the sweep did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// Rows that went.
    pub rows: u64,
    /// Tables in which expired rows are left.
    pub unfinished: Vec<Unfinished>,
}

/// Rows that should be gone and are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// Which rows.
    pub what: &'static str,
    /// Why they are left.
    pub why: Why,
}

/// Why rows are left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// There are more than could be deleted in the time; the next run goes on.
    Behind,
    /// The database failed.
    Failed(Cause),
}

impl Store {
    /// Deletes what is past its time: liveness grants, sessions and frames, enrolment tokens, failures past
    /// [`FAILURE_RETENTION`], idempotency keys past [`BATCH_IDEMPOTENCY_WINDOW`], and refresh
    /// tokens [`REFRESH_TOKEN_RETENTION`] past their expiry. Every table has its turn, however
    /// the others fare. Safe to run on every replica at once.
    pub async fn sweep(&self, now: DateTime<Utc>) -> Swept {
        let mut swept = Swept::default();
        for Expiring { table, kept, rows } in &EXPIRING {
            let before = now - *kept;
            let sql = format!("DELETE FROM {table} WHERE ctid = ANY (ARRAY({rows}))");
            let batch = async |most: i64| {
                let mut connection = self.connection().await?;
                let delete = diesel::sql_query(&sql)
                    .bind::<Timestamptz, _>(before)
                    .bind::<BigInt, _>(most)
                    .execute(&mut connection);
                Ok::<usize, StoreError>(delete.await?)
            };
            let (rows, unfinished) = in_batches(table, BATCH, TABLE_BUDGET, batch).await;
            swept.rows += rows as u64;
            swept.unfinished.extend(unfinished);
        }
        swept
    }
}

/// Repeats `batch`, which takes the most rows it may delete and says how many it did, until it
/// finds fewer or `budget` is spent. One that is too slow is tried with fewer rows. Says how many rows went, and what
/// is left.
pub(crate) async fn in_batches(
    what: &'static str,
    most: i64,
    budget: Duration,
    mut batch: impl AsyncFnMut(i64) -> Result<usize, StoreError>,
) -> (usize, Option<Unfinished>) {
    let began = Instant::now();
    let (mut most, mut rows) = (most, 0);
    loop {
        match batch(most).await {
            Ok(deleted) => {
                rows += deleted;
                if i64::try_from(deleted).is_ok_and(|deleted| deleted < most) {
                    return (rows, None);
                }
            }
            Err(StoreError::Unavailable(_)) if most > 1 && began.elapsed() < budget => {
                most = (most / SHRINK).max(1);
            }
            Err(StoreError::Unavailable(cause) | StoreError::Database(cause)) => {
                return (rows, Some(Unfinished { what, why: Why::Failed(cause) }));
            }
            Err(StoreError::Sealing(error)) => {
                let cause = Cause::new(error.to_string());
                return (rows, Some(Unfinished { what, why: Why::Failed(cause) }));
            }
        }
        if began.elapsed() >= budget {
            return (rows, Some(Unfinished { what, why: Why::Behind }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn busy() -> StoreError {
        StoreError::Unavailable(Cause::new("canceling statement due to statement timeout"))
    }

    #[tokio::test]
    async fn batches_go_on_until_one_is_not_full() {
        let mut left = 25;
        let batch = async |most: i64| {
            let deleted = left.min(usize::try_from(most).unwrap());
            left -= deleted;
            Ok(deleted)
        };
        assert_eq!(in_batches("rows", 10, TABLE_BUDGET, batch).await, (25, None));
    }

    #[tokio::test]
    async fn a_batch_that_is_too_slow_becomes_smaller() {
        let mut asked = Vec::new();
        let batch = async |most: i64| {
            asked.push(most);
            if most > 100 { Err(busy()) } else { Ok(3) }
        };
        assert_eq!(in_batches("rows", 1_000, TABLE_BUDGET, batch).await, (3, None));
        assert_eq!(asked, [1_000, 250, 62]);
    }

    #[tokio::test]
    async fn what_is_left_is_told() {
        let full = async |most: i64| Ok(usize::try_from(most).unwrap());
        let (rows, left) = in_batches("rows", 10, Duration::ZERO, full).await;
        assert_eq!((rows, left.unwrap().why), (10, Why::Behind));
        let failing = async |_| Err(busy());
        let (rows, left) = in_batches("rows", 10, TABLE_BUDGET, failing).await;
        assert!(rows == 0 && matches!(left.unwrap().why, Why::Failed(_)));
        let broken = async |_| Err(StoreError::Database(Cause::new("relation does not exist")));
        let (_, left) = in_batches("rows", 10, TABLE_BUDGET, broken).await;
        assert_eq!(left.unwrap().what, "rows");
    }
}
