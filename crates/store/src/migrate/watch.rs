//! Notices that a migrating connection has died without a word.
//!
//! A migration may run for hours, so no deadline can separate a slow migration from a lost one. The
//! server knows the difference: its session is busy in the first case, and waits for us in the
//! second. So a second connection asks the server again and again.

use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use super::{MigrateError, failed};
use crate::connect::{Driver, Target, server_notices_silence};
use crate::error::Cause;

/// How often the server is asked.
const POLL: Duration = Duration::from_secs(1);

/// Longest the server takes to answer; it answers within a millisecond.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a session waits for us, in seconds, before we know that its answer is lost. The next
/// statement follows within milliseconds.
const LOST_AFTER_SECONDS: i32 = 3;

/// Longest time that the server may be unreachable. It is longer than a network failure usually
/// lasts, and short enough that nobody has to stop us by hand.
const OUT_OF_REACH: Duration = Duration::from_secs(30);

/// Whether a session has ended, or waits for us. When the server does not show the state of its
/// sessions, we assume that it is at work.
const LOST: &str = "SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity WHERE pid = $1 \
                    AND (state NOT LIKE 'idle%' OR state IS NULL \
                    OR clock_timestamp() - state_change < make_interval(secs => $2))) AS lost";

#[derive(QueryableByName)]
struct Lost {
    #[diesel(sql_type = Bool)]
    lost: bool,
}

diesel::define_sql_function! {
    /// The number of this session.
    fn pg_backend_pid() -> Integer;
}

/// Cuts `connection` when the server waits for it while it waits for the server, until it ends.
pub(super) async fn start(
    target: Target,
    connection: &mut AsyncPgConnection,
    driver: AbortHandle,
) -> Result<(), MigrateError> {
    let asked = diesel::select(pg_backend_pid()).get_result(connection);
    let pid = match timeout(ANSWER_TIMEOUT, asked).await {
        Ok(pid) => pid.map_err(|error| failed(error.into()))?,
        Err(_) => return Err(MigrateError::Unavailable(Cause::new("it has stopped answering"))),
    };
    tokio::spawn(watch(target, pid, driver));
    Ok(())
}

async fn watch(target: Target, pid: i32, driver: AbortHandle) {
    let mut side: Option<(AsyncPgConnection, Driver)> = None;
    let mut heard = Instant::now();
    while !driver.is_finished() {
        sleep(POLL).await;
        if heard.elapsed() > OUT_OF_REACH {
            tracing::warn!("the database is out of reach; the migration is given up");
            return driver.abort();
        }
        if side.is_none() {
            side = target.connect_with(&server_notices_silence()).await.ok();
        }
        let Some((connection, _)) = &mut side else { continue };
        let asked = diesel::sql_query(LOST)
            .bind::<Integer, _>(pid)
            .bind::<Integer, _>(LOST_AFTER_SECONDS)
            .get_result::<Lost>(connection);
        match timeout(ANSWER_TIMEOUT, asked).await {
            Ok(Ok(Lost { lost: false })) => heard = Instant::now(),
            Ok(Ok(Lost { lost: true })) => {
                tracing::warn!("the database has answered and we have not heard it");
                return driver.abort();
            }
            // This connection is as good as dead; the next may live.
            Ok(Err(_)) | Err(_) => side = None,
        }
    }
}
