//! Work that takes as long as its input is large, away from the threads that serve everybody.

use std::panic::resume_unwind;

use faceauth_domain::analyzer::AnalyzerUnavailable;
use tokio::task::spawn_blocking;

use crate::error::Result;

/// Runs `work` on the blocking pool. A panic in it goes on in the caller.
///
/// # Errors
/// [`AnalyzerUnavailable`] when the process is ending.
pub(crate) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    match spawn_blocking(work).await {
        Ok(done) => Ok(done),
        Err(failed) => match failed.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(_) => Err(AnalyzerUnavailable.into()),
        },
    }
}
