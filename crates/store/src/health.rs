//! Whether the database can be written to.
//!
//! A database that is full or has become a read-only copy still answers. A replica that only
//! asked whether it answers would say that it is ready, and fail every request.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use diesel::dsl::sql;
use diesel::result::Error;
use diesel::sql_types::Bool;
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};

use crate::error::{Cause, StoreError, inabilities};
use crate::link::Link;

/// The table that readiness writes to. Nobody commits a row of it.
pub(crate) const PROBE: &str = "write_probe";

/// Whether the database has failed a statement that it should have carried out, and has not been
/// seen to write since: how many had failed when it was last known to write.
#[derive(Clone)]
pub(crate) struct Suspicion(Arc<AtomicU64>);

impl Default for Suspicion {
    fn default() -> Self {
        Self(Arc::new(AtomicU64::new(inabilities())))
    }
}

impl Suspicion {
    /// Checks that the database takes writes.
    ///
    /// Every time it checks that the server is not a read-only copy. After a failed statement it
    /// also writes into a new file, because a full disk refuses only that.
    pub(crate) async fn check(&self, connection: &mut Link) -> Result<(), StoreError> {
        let read_only: bool =
            diesel::select(sql::<Bool>("current_setting('transaction_read_only')::bool"))
                .get_result(connection)
                .await?;
        if read_only {
            return Err(StoreError::Unavailable(Cause::new("the database is read-only")));
        }
        // Those that fail from here on are looked into the next time.
        let failed = inabilities();
        if AtomicU64::load(&self.0, Ordering::Relaxed) == failed {
            return Ok(());
        }
        let written = connection
            .transaction(async |connection| {
                // Emptied first, so that the row needs a file of its own.
                let write = format!("TRUNCATE {PROBE}; INSERT INTO {PROBE} (id) VALUES (1)");
                connection.batch_execute(&write).await?;
                Err::<(), _>(Error::RollbackTransaction)
            })
            .await;
        match written {
            Ok(()) | Err(Error::RollbackTransaction) => {
                self.0.store(failed, Ordering::Relaxed);
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }
}
