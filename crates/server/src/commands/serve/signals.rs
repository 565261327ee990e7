//! What signals do to a service.
//!
//! SIGTERM comes from a supervisor: the service drains first, so that balancers stop sending
//! requests, and then finishes those in flight. SIGINT comes from a terminal, which has no balancer
//! before it, so nothing is drained. A second signal, or SIGQUIT, ends the process at once.

use std::io;
use std::thread;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::rt::signal::unix::{Signal, SignalKind, signal};
use actix_web::rt::time::sleep;
use faceauth_api::Drain;
use rustix::process::{Signal as Kill, getpid, kill_process};

/// What the thread that writes the log has for its last line: a write takes microseconds.
const LAST_LINE: Duration = Duration::from_millis(50);

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    /// Drain, then finish what is in flight.
    Drain,
    /// Finish what is in flight.
    Finish,
    /// End now.
    End,
}

/// The signals that the process listens to.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    quit: Signal,
}

impl Signals {
    /// Takes the signals over. Must be called on a runtime.
    ///
    /// # Errors
    /// When the system does not allow it.
    pub(super) fn take() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
        })
    }

    async fn next(&mut self) -> Wish {
        tokio::select! {
            _ = self.terminate.recv() => Wish::Drain,
            _ = self.interrupt.recv() => Wish::Finish,
            _ = self.quit.recv() => Wish::End,
        }
    }

    /// Obeys the signals for as long as the service runs.
    pub(super) async fn obey(mut self, drain: Drain, drain_for: Duration, server: ServerHandle) {
        let pause = match self.next().await {
            Wish::Drain => drain_for,
            Wish::Finish => Duration::ZERO,
            Wish::End => return end_at_once(),
        };
        drain.begin();
        tracing::info!(drain_seconds = pause.as_secs(), "stopping: not ready any more");
        actix_web::rt::spawn(async move {
            sleep(pause).await;
            tracing::info!("stopping: finishing the requests in flight");
            server.stop(true).await;
        });
        self.next().await;
        end_at_once();
    }
}

/// Ends the process without finishing anything. Nothing runs at exit, because that may wait for
/// native code, and no core file is written, which would hold faces.
fn end_at_once() {
    tracing::warn!("ending at once: requests in flight are lost");
    // Blocks everything else here, which is lost anyhow.
    thread::sleep(LAST_LINE);
    let _ = kill_process(getpid(), Kill::KILL);
}
