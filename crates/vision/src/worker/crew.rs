//! What the threads of a pool share, and what each of them does.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use faceauth_telemetry::guard::busy_worker;
use tokio::sync::watch;

use super::analyst::Engine;
use super::job::{Job, Place};
use super::settings::Deadlines;
use super::watchdog::{TICK, Watchdog};
use crate::error::VisionError;
use crate::queue::Queue;

/// What the pool can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Progress {
    Loading,
    Ready,
    /// Nothing any more, for this reason.
    Failed(String),
}

/// What the threads of a pool share.
pub(super) struct Crew {
    pub(super) jobs: Arc<Queue<Job>>,
    pub(super) report: watch::Sender<Progress>,
    /// Workers that are not loaded yet.
    pub(super) missing: AtomicUsize,
    /// One loads after the other: what the first let go is what the next one takes. At the same
    /// time, up to 15 MB more stay resident for good, to be ready a tenth of a second sooner.
    pub(super) turn: Mutex<()>,
    pub(super) watchdog: Watchdog,
    pub(super) deadlines: Deadlines,
    /// Longest that a job waits for a worker.
    pub(super) max_wait: Duration,
}

impl Crew {
    /// The life of worker `number`: loads, then serves jobs until the queue is closed.
    pub(super) fn work<E: Engine>(
        &self,
        number: usize,
        build: Arc<impl Fn() -> Result<E, VisionError>>,
    ) {
        // A worker that panicked while loading has left nothing half done for the others.
        let held = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let loading = self.watchdog.begin(number, self.deadlines.load, || {});
        let built = build();
        // The weight files are in the sessions now; their bytes can go.
        drop(build);
        drop(loading);
        drop(held);
        match built {
            Ok(mut engine) => {
                if self.missing.fetch_sub(1, Ordering::AcqRel) == 1 {
                    self.settle(Progress::Ready);
                }
                while let Some(job) = self.jobs.next(number) {
                    if job.task.is_abandoned() {
                        continue;
                    }
                    let deadline = self.deadlines.of(&job.task);
                    let Job { task, place, span, .. } = job;
                    let begun = self.watchdog.begin(number, deadline, task.give_up());
                    let ticket = place.map(|Place { ticket, waiting }| {
                        waiting.taken(task.label());
                        ticket.begin();
                        ticket
                    });
                    let busy = busy_worker();
                    let ended = span.in_scope(|| engine.serve(task));
                    drop((busy, begun));
                    if let Some(ticket) = ticket {
                        ticket.end(ended);
                    }
                }
            }
            Err(error) => self.fail(error.to_string()),
        }
    }

    /// The life of the watchdog.
    pub(super) fn watch(&self, ending: &AtomicBool) {
        while !ending.load(Ordering::Acquire) {
            thread::park_timeout(TICK);
            if let Some((number, deadline)) = self.watchdog.look() {
                let seconds = deadline.as_secs();
                tracing::error!(worker = number, seconds, "an analysis worker hangs");
                self.fail(format!("worker {number} has been busy for more than {seconds} s"));
            }
            let waited = |job: &Job| job.queued.elapsed() > self.deadlines.wait;
            // An idle worker that does not wake up for a job would not wake up for the next one.
            let handed = self.jobs.take_handed(waited);
            if !handed.is_empty() {
                let seconds = self.deadlines.wait.as_secs();
                tracing::error!(jobs = handed.len(), seconds, "an idle analysis worker hangs");
                self.fail(format!("a worker has not taken its job for more than {seconds} s"));
            }
            let late = |job: &Job| job.queued.elapsed() > self.max_wait;
            let given_up = self.jobs.take_waiting(late);
            if !given_up.is_empty() {
                let jobs = given_up.len();
                tracing::warn!(jobs, "gave up jobs that waited too long for a worker");
            }
            for job in given_up {
                job.task.refuse();
            }
        }
    }

    /// Takes no more jobs. Waiting callers learn it at once, because perhaps no worker is left to
    /// serve them.
    fn fail(&self, reason: String) {
        self.settle(Progress::Failed(reason));
        self.jobs.close();
        drop(self.jobs.take_waiting(|_| true));
    }

    /// The first failure counts, and nothing comes after it.
    fn settle(&self, next: Progress) {
        self.report.send_if_modified(|progress| {
            let settled = matches!(progress, Progress::Failed(_));
            if !settled {
                *progress = next;
            }
            !settled
        });
    }
}
