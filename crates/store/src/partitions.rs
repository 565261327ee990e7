//! Keeping the partitions of tables: making those of the coming months and days, and dropping those
//! that are over, in a moment instead of row by row.
//!
//! One replica at a time does it ([`crate::turn`]).

use chrono::{DateTime, TimeDelta, Utc};

use crate::batches::Unfinished;
use crate::connection::CALL_TIMEOUT;
use crate::error::StoreError;
use crate::pool::Store;
use crate::tables::partitions::{self, ATTEMPTS, LIVENESS_FRAMES, Partitioned, REFRESH_TOKENS};
use crate::tables::refresh_tokens::REFRESH_TOKEN_RETENTION;
use crate::turn::Turn;

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeptPartitions {
    /// Partitions that were made.
    pub made: usize,
    /// Partitions that were dropped, with all their rows.
    pub dropped: usize,
    /// Tables for which it could not be done.
    pub unfinished: Vec<Unfinished>,
}

impl Store {
    /// Makes the coming partitions of every table that has some, and drops those that are over:
    /// months of the audit trail `attempt` after their end, months of sign-ins when each of their
    /// sessions has been over for [`REFRESH_TOKEN_RETENTION`], and days of frames at their end. A
    /// table that fails does not keep the others waiting. Does nothing while another replica does
    /// it.
    pub async fn keep_partitions(&self, attempt: TimeDelta, now: DateTime<Utc>) -> KeptPartitions {
        let mut kept = KeptPartitions::default();
        for (table, rows_kept) in [
            (ATTEMPTS, attempt),
            (REFRESH_TOKENS, REFRESH_TOKEN_RETENTION),
            (LIVENESS_FRAMES, TimeDelta::zero()),
        ] {
            match self.keep(table, now, now - rows_kept).await {
                Ok((made, dropped)) => {
                    kept.made += made;
                    kept.dropped += dropped;
                }
                Err(error) => kept.unfinished.push(Unfinished::failed(table.what, &error)),
            }
        }
        kept
    }

    /// Makes and drops partitions of one table. Says how many of each.
    async fn keep(
        &self,
        table: Partitioned,
        now: DateTime<Utc>,
        before: DateTime<Utc>,
    ) -> Result<(usize, usize), StoreError> {
        let made = self.when_ours(Turn::Partition, CALL_TIMEOUT, async |connection| {
            partitions::make(connection, table, now).await
        });
        let made = made.await?.unwrap_or(0);
        let dropped = self.when_ours(Turn::Partition, CALL_TIMEOUT, async |connection| {
            partitions::drop(connection, table, before).await
        });
        Ok((made, dropped.await?.unwrap_or(0)))
    }
}
