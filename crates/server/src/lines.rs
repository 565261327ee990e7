//! Log lines on their way to standard error.
//!
//! A thread of its own writes them, so no request waits for whoever reads the log. Standard error
//! may be a pipe whose reader hangs, or a file on a disk that is full. Lines that nobody takes are
//! dropped and counted, and the service goes on.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};

/// Lines that may wait: a busy minute of a replica. A line of a request takes some 600 bytes, so
/// they take 6 MB.
const MAX_WAITING: usize = 10_000;

/// The writer of this process. Dropping it writes what waits, for at most a second.
pub struct Lines {
    _guard: WorkerGuard,
    lost: Lost,
}

impl Lines {
    /// Starts the thread. What is written to the second of the two comes out of standard error.
    #[must_use]
    pub fn start() -> (Self, NonBlocking) {
        let unwritten = Arc::new(AtomicU64::new(0));
        let out = Counted { out: io::stderr(), unwritten: Arc::clone(&unwritten) };
        let (writer, guard) = NonBlockingBuilder::default()
            .thread_name("log")
            .buffered_lines_limit(MAX_WAITING)
            .lossy(true)
            .finish(out);
        let lost = Lost { dropped: writer.error_counter(), unwritten };
        (Self { _guard: guard, lost }, writer)
    }

    /// What counts the lines that are lost.
    #[must_use]
    pub fn lost(&self) -> Lost {
        self.lost.clone()
    }
}

/// How many lines were lost.
#[derive(Clone)]
pub struct Lost {
    dropped: ErrorCounter,
    unwritten: Arc<AtomicU64>,
}

impl Lost {
    /// So many: those that found no room to wait, and those that could not be written.
    #[must_use]
    pub fn lines(&self) -> u64 {
        let dropped = u64::try_from(self.dropped.dropped_lines()).unwrap_or(u64::MAX);
        dropped.saturating_add(self.unwritten.load(Ordering::Relaxed))
    }
}

/// Counts the lines that cannot be written.
struct Counted<W> {
    out: W,
    unwritten: Arc<AtomicU64>,
}

impl<W: Write> Write for Counted<W> {
    /// Takes every line, because the thread writes one at a time and has nobody to tell.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.out.write_all(line).is_err() {
            self.unwritten.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_that_cannot_be_written_are_counted() {
        let unwritten = Arc::new(AtomicU64::new(0));
        let mut out = Counted { out: Full, unwritten: Arc::clone(&unwritten) };
        for _ in 0..3 {
            out.write_all(b"a line\n").unwrap();
        }
        assert_eq!(unwritten.load(Ordering::Relaxed), 3);
    }
}
