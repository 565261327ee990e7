//! Work that takes as long as its input is large, away from the threads that serve everybody.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use faceauth_domain::analyzer::AnalyzerUnavailable;

use crate::error::Result;

/// Threads that may be kept busy. The server brings them: a use case knows no runtime.
pub trait BlockingThreads: Send + Sync {
    /// Runs `work`, and ends with it. `work` is dropped when the process is ending.
    fn run(&self, work: Box<dyn FnOnce() + Send>) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// Runs `work` on one of the threads for it.
///
/// # Errors
/// [`AnalyzerUnavailable`] when the process is ending, or `work` has panicked.
pub(crate) async fn off_thread<T: Send + 'static>(
    threads: &dyn BlockingThreads,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let done = Arc::new(Mutex::new(None));
    let place = Arc::clone(&done);
    let run = threads.run(Box::new(move || {
        let made = work();
        *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(made);
    }));
    run.await;
    let made = done.lock().unwrap_or_else(PoisonError::into_inner).take();
    made.ok_or_else(|| AnalyzerUnavailable.into())
}
