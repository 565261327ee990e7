//! Work on its way to a worker, and the answer on its way back.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use faceauth_domain::analyzer::{
    AnalysisFuture, AnalysisSlot, AnalyzerUnavailable, CaptureAnalysis, Depth, Keep, ObserveFuture,
    ObserveProblem, Settled,
};
use faceauth_domain::capture::{Capture, EncodedImage};
use faceauth_domain::liveness::capture::LivenessCapture;
use faceauth_domain::liveness::evidence::Observation;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::queue::Queue;

/// Work on its way to a worker. Dropping it gives the place back, and tells the caller that no
/// answer will come.
pub(super) struct Job {
    pub(super) task: Task,
    pub(super) queued: Instant,
    _place: OwnedSemaphorePermit,
}

/// What a worker can be asked.
pub(super) enum Task {
    /// Pictures, each by itself.
    Analyze { capture: Capture, depth: Depth, reply: Reply<CaptureAnalysis> },
    /// One picture of somebody who is to be recognised.
    Recognise { image: EncodedImage, settled: Settled, reply: Reply<CaptureAnalysis> },
    /// The frames of a liveness capture, one after the other.
    Observe {
        capture: LivenessCapture,
        keep: Keep,
        reply: Reply<Result<Observation, ObserveProblem>>,
    },
}

impl Task {
    /// What tells the caller, from another thread, that no answer will come.
    pub(super) fn give_up(&self) -> Box<dyn FnOnce() + Send> {
        match self {
            Self::Analyze { reply, .. } | Self::Recognise { reply, .. } => reply.give_up(),
            Self::Observe { reply, .. } => reply.give_up(),
        }
    }
}

/// Result of a task, as the caller gets it.
type Answer<T> = Result<T, AnalyzerUnavailable>;

/// Where the answer to a task of this result goes. The worker answers, or the watchdog for it.
pub(super) struct Reply<T>(Arc<Mutex<Option<oneshot::Sender<Answer<T>>>>>);

impl<T: Send + 'static> Reply<T> {
    fn new(sender: oneshot::Sender<Answer<T>>) -> Self {
        Self(Arc::new(Mutex::new(Some(sender))))
    }

    /// Whether nobody waits for the answer any more.
    pub(super) fn is_closed(&self) -> bool {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sender.as_ref().is_none_or(oneshot::Sender::is_closed)
    }

    pub(super) fn send(&self, answer: Answer<T>) {
        // The caller may have gone away, or been told that no answer will come.
        if let Some(sender) = take(&self.0) {
            let _ = sender.send(answer);
        }
    }

    fn give_up(&self) -> Box<dyn FnOnce() + Send> {
        let shared = Arc::clone(&self.0);
        // A sender that is dropped answers that there is no answer.
        Box::new(move || drop(take(&shared)))
    }
}

fn take<S>(shared: &Mutex<Option<S>>) -> Option<S> {
    shared.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// A reserved place in the queue.
pub(super) struct Slot {
    pub(super) place: OwnedSemaphorePermit,
    pub(super) jobs: Arc<Queue<Job>>,
}

impl Slot {
    /// Sends the task that answers to a reply, and waits for that.
    fn spend<T: Send + 'static>(
        self,
        task: impl FnOnce(Reply<T>) -> Task,
    ) -> Pin<Box<dyn Future<Output = Answer<T>> + Send>> {
        let (reply, answer) = oneshot::channel();
        let task = task(Reply::new(reply));
        let job = Job { task, queued: Instant::now(), _place: self.place };
        let sent = self.jobs.push(job).map_err(|_| AnalyzerUnavailable);
        Box::pin(async move {
            sent?;
            answer.await.map_err(|_| AnalyzerUnavailable)?
        })
    }
}

impl AnalysisSlot for Slot {
    fn analyze(self: Box<Self>, capture: Capture, depth: Depth) -> AnalysisFuture {
        self.spend(|reply| Task::Analyze { capture, depth, reply })
    }

    fn recognise(self: Box<Self>, image: EncodedImage, settled: Settled) -> AnalysisFuture {
        self.spend(|reply| Task::Recognise { image, settled, reply })
    }

    fn observe(self: Box<Self>, capture: LivenessCapture, keep: Keep) -> ObserveFuture {
        self.spend(|reply| Task::Observe { capture, keep, reply })
    }
}
