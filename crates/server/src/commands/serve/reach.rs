//! Waiting for the database at start-up.
//!
//! The service listens meanwhile, answers 503 and is not ready, so that a database and its services
//! may start in any order. It does not wait for ever: an address that is wrong would never answer.

use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::rt::time::sleep;
use faceauth_store::{Store, StoreError};

/// How soon a database that does not answer is asked again at first. Each pause is twice the last
/// one.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// Longest pause, so that the service is ready soon after its database.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Asks for the database until it answers, so that its clock is known before the first request
/// needs it. Stops the server when it has not answered within `patience`.
///
/// # Errors
/// When it has not.
pub(super) async fn database(
    store: Store,
    patience: Duration,
    server: ServerHandle,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let mut pause = FIRST_PAUSE;
    let error = loop {
        let Err(error) = store.ping().await else {
            if pause > FIRST_PAUSE {
                tracing::info!("the database answers");
            }
            return Ok(());
        };
        if began.elapsed() >= patience {
            break error;
        }
        let left = patience.saturating_sub(began.elapsed());
        tracing::warn!(cause = %error, again_in = ?pause, giving_up_in = ?left, "waiting for the database");
        sleep(pause.min(left)).await;
        pause = next(pause);
    };
    // The server ends later than this does, so that the error is seen.
    drop(server.stop(false));
    Err(gave_up(&error, patience))
}

fn next(pause: Duration) -> Duration {
    (2 * pause).min(LONGEST_PAUSE)
}

fn gave_up(error: &StoreError, patience: Duration) -> anyhow::Error {
    anyhow::anyhow!(
        "the database has not been usable for {} s after the start ({error}): check DATABASE_URL, \
         that the database runs, and that `faceauth migrate` has run; database.startup_seconds \
         says how long to wait",
        patience.as_secs()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_a_whole_wait_logs_few_lines() {
        let (mut pause, mut waited, mut lines) = (FIRST_PAUSE, Duration::ZERO, 0);
        while waited < Duration::from_secs(300) {
            waited += pause;
            lines += 1;
            pause = next(pause);
        }
        assert_eq!(pause, LONGEST_PAUSE);
        assert!(lines <= 26, "{lines}");
    }
}
