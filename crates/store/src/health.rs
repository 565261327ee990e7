//! Whether the database can be written to.
//!
//! A database that is full or has become a read-only copy still answers. A replica that only
//! asked whether it answers would say that it is ready, and fail every request.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::dsl::sql;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::Bool;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use crate::error::{Cause, StoreError, is_inability};

/// Whether the database has failed a statement that it should have carried out, and has not been
/// seen to write since.
#[derive(Clone, Default)]
pub(crate) struct Suspicion(Arc<AtomicBool>);

impl Suspicion {
    /// Takes note of how a statement failed.
    pub(crate) fn note(&self, error: &Error) {
        if let Error::DatabaseError(kind, information) = error
            && !matches!(kind, DatabaseErrorKind::UnableToSendCommand)
            && is_inability(kind, &**information)
        {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    /// Checks that the database takes writes.
    ///
    /// Every time it checks that the server is not a read-only copy. After a failed statement it
    /// also writes into a new file, because a full disk refuses only that.
    pub(crate) async fn check(&self, connection: &mut AsyncPgConnection) -> Result<(), StoreError> {
        let read_only: bool =
            diesel::select(sql::<Bool>("current_setting('transaction_read_only')::bool"))
                .get_result(connection)
                .await?;
        if read_only {
            return Err(StoreError::Unavailable(Cause::new("the database is read-only")));
        }
        if !self.0.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        let written = connection
            .transaction(async |connection| {
                // Emptied first, so that the row needs a file of its own.
                let write = "TRUNCATE write_probe; INSERT INTO write_probe (id) VALUES (1)";
                connection.batch_execute(write).await?;
                Err::<(), _>(Error::RollbackTransaction)
            })
            .await;
        match written {
            Ok(()) | Err(Error::RollbackTransaction) => Ok(()),
            Err(error) => {
                self.0.store(true, Ordering::Relaxed);
                Err(error.into())
            }
        }
    }
}
