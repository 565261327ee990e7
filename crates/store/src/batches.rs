//! Deleting in batches until it is done.
//!
//! One statement that deletes everything meets the time limit of statements as soon as there
//! is much to delete, deletes nothing, and meets it again a minute later with more to do. So rows
//! go in batches, each by itself.

use std::time::{Duration, Instant};

use crate::error::{Cause, StoreError};

/// A batch that does not get through in time is tried again with so many times fewer rows.
const SHRINK: i64 = 4;

/// How long one table is worked on before the next has its turn.
pub(crate) const TABLE_BUDGET: Duration = Duration::from_secs(10);

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
    /// There are more rows than could be deleted in time. The next run goes on.
    Behind,
    /// The database failed.
    Failed(Cause),
}

impl Unfinished {
    /// What is left because of `error`.
    pub(crate) fn failed(what: &'static str, error: &StoreError) -> Self {
        let cause = match error {
            StoreError::Unavailable(cause) | StoreError::Database(cause) => cause.clone(),
            StoreError::Sealing(error) => Cause::new(error.to_string()),
        };
        Self { what, why: Why::Failed(cause) }
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
            Err(error) => return (rows, Some(Unfinished::failed(what, &error))),
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
