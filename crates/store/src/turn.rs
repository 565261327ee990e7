//! Work that one replica at a time does: the others find an advisory lock taken and go on.

use std::time::Duration;

use diesel::QueryResult;
use diesel::sql_types::BigInt;
use diesel_async::{AnsiTransactionManager, RunQueryDsl, TransactionManager};

use crate::error::StoreError;
use crate::link::Link;
use crate::pool::Store;

/// Which work it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Forgetting people and events after long enough.
    Retire,
    /// Taking events out of the outbox.
    Claim,
    /// Making and dropping partitions.
    Partition,
}

impl Turn {
    /// The advisory lock: eight letters in ASCII.
    const fn lock(self) -> i64 {
        let letters = match self {
            Self::Retire => b"retired!",
            Self::Claim => b"outboxed",
            Self::Partition => b"divided!",
        };
        i64::from_be_bytes(*letters)
    }
}

diesel::define_sql_function! {
    /// Takes a lock that ends with the transaction, or says that somebody else has it.
    fn pg_try_advisory_xact_lock(key: BigInt) -> diesel::sql_types::Bool;
}

impl Store {
    /// Runs `work` in a transaction that no other replica runs one beside; `None` when one does.
    pub(crate) async fn when_ours<T: Send>(
        &self,
        turn: Turn,
        limit: Duration,
        work: impl AsyncFnOnce(&mut Link) -> QueryResult<T>,
    ) -> Result<Option<T>, StoreError> {
        let mut connection = self.connection_for(limit).await?;
        let connection = &mut *connection;
        AnsiTransactionManager::begin_transaction(connection).await?;
        let done = async {
            let ours: bool = diesel::select(pg_try_advisory_xact_lock(turn.lock()))
                .get_result(connection)
                .await?;
            if ours { work(connection).await.map(Some) } else { Ok(None) }
        };
        match done.await {
            Ok(done) => {
                AnsiTransactionManager::commit_transaction(connection).await?;
                Ok(done)
            }
            Err(error) => {
                // The first error is the one to report, whatever happens here.
                let _ = AnsiTransactionManager::rollback_transaction(connection).await;
                Err(error.into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_are_what_earlier_releases_took() {
        assert_eq!(Turn::Retire.lock(), 0x7265_7469_7265_6421);
        assert_ne!(Turn::Retire.lock(), Turn::Claim.lock());
    }
}
