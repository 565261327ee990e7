//! Work on its way to a worker, and the answer on its way back.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use faceauth_domain::analyzer::{
    AnalysisSlot, AnalyzerUnavailable, Answer, CaptureNeeds, Faces, ImageProblem, Keep,
    ObserveProblem, PictureProblem, ReserveError,
};
use faceauth_domain::capture::{Capture, EncodedImage};
use faceauth_domain::decision::Settlement;
use faceauth_domain::evidence::Evidence;
use faceauth_domain::liveness::capture::LivenessCapture;
use faceauth_domain::liveness::evidence::Observation;
use faceauth_telemetry::guard::Waiting;
use faceauth_telemetry::label;
use tokio::sync::oneshot;
use tracing::Span;

use super::admission::Ticket;
use crate::queue::Queue;

/// Work on its way to a worker. Dropping it gives the place back, and tells the caller that no
/// answer will come.
pub(super) struct Job {
    pub(super) task: Task,
    pub(super) queued: Instant,
    pub(super) waiting: Waiting,
    /// Of the request, so that what the worker logs can be found with it.
    pub(super) span: Span,
    pub(super) ticket: Ticket,
}

/// What a worker can be asked.
pub(super) enum Task {
    /// The faces of a picture.
    Faces { image: EncodedImage, reply: Reply<Result<Faces, ImageProblem>> },
    /// Pictures that may become references, each by itself.
    References { capture: Capture, keep: Keep, reply: Reply<Vec<Result<Evidence, PictureProblem>>> },
    /// One picture of somebody who is to be recognised.
    Recognise {
        image: EncodedImage,
        settlement: Settlement,
        reply: Reply<Result<Evidence, PictureProblem>>,
    },
    /// The frames of a liveness capture, one after the other.
    Observe {
        capture: LivenessCapture,
        needs: CaptureNeeds,
        reply: Reply<Result<Observation, ObserveProblem>>,
    },
}

impl Task {
    /// What it is called in metrics.
    pub(super) fn label(&self) -> label::Task {
        match self {
            Self::Faces { .. } => label::Task::Faces,
            Self::References { .. } => label::Task::References,
            Self::Recognise { .. } => label::Task::Recognise,
            Self::Observe { .. } => label::Task::Observe,
        }
    }

    /// Whether nobody waits for the answer any more.
    pub(super) fn is_abandoned(&self) -> bool {
        match self {
            Self::Faces { reply, .. } => reply.is_closed(),
            Self::References { reply, .. } => reply.is_closed(),
            Self::Recognise { reply, .. } => reply.is_closed(),
            Self::Observe { reply, .. } => reply.is_closed(),
        }
    }

    /// Tells the caller that the work has waited too long, and was not begun.
    pub(super) fn refuse(self) {
        let refusal = ReserveError::Full { retry_after: Duration::ZERO };
        match self {
            Self::Faces { reply, .. } => reply.send(Err(refusal)),
            Self::References { reply, .. } => reply.send(Err(refusal)),
            Self::Recognise { reply, .. } => reply.send(Err(refusal)),
            Self::Observe { reply, .. } => reply.send(Err(refusal)),
        }
    }

    /// What tells the caller, from another thread, that no answer will come.
    pub(super) fn give_up(&self) -> Box<dyn FnOnce() + Send> {
        match self {
            Self::Faces { reply, .. } => reply.give_up(),
            Self::References { reply, .. } => reply.give_up(),
            Self::Recognise { reply, .. } => reply.give_up(),
            Self::Observe { reply, .. } => reply.give_up(),
        }
    }
}

/// Result of a task, as the caller gets it.
type Outcome<T> = Result<T, ReserveError>;

/// Where the answer to a task of this result goes. The worker answers, or the watchdog for it.
pub(super) struct Reply<T>(Arc<Mutex<Option<oneshot::Sender<Outcome<T>>>>>);

impl<T: Send + 'static> Reply<T> {
    fn new(sender: oneshot::Sender<Outcome<T>>) -> Self {
        Self(Arc::new(Mutex::new(Some(sender))))
    }

    /// Whether nobody waits for the answer any more.
    pub(super) fn is_closed(&self) -> bool {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sender.as_ref().is_none_or(oneshot::Sender::is_closed)
    }

    pub(super) fn send(&self, answer: Outcome<T>) {
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

/// A caller that waits. When it goes away, its job leaves the queue.
struct Caller<T> {
    answer: oneshot::Receiver<Outcome<T>>,
    jobs: Arc<Queue<Job>>,
}

impl<T> Future for Caller<T> {
    type Output = Outcome<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome<T>> {
        let polled = Pin::new(&mut self.answer).poll(context);
        polled.map(|answer| answer.unwrap_or_else(|_| Err(AnalyzerUnavailable.into())))
    }
}

impl<T> Drop for Caller<T> {
    fn drop(&mut self) {
        if !self.answer.is_terminated() {
            self.answer.close();
            drop(self.jobs.take_waiting(|job| job.task.is_abandoned()));
        }
    }
}

/// A reserved place in the queue.
pub(super) struct Slot {
    pub(super) ticket: Ticket,
    pub(super) jobs: Arc<Queue<Job>>,
}

impl Slot {
    /// Sends the task that answers to a reply, and waits for that.
    fn spend<T: Send + 'static>(self, task: impl FnOnce(Reply<T>) -> Task) -> Answer<T> {
        let (reply, answer) = oneshot::channel();
        let task = task(Reply::new(reply));
        let (waiting, span) = (Waiting::begin(), Span::current());
        let job = Job { task, queued: Instant::now(), waiting, span, ticket: self.ticket };
        let sent = self.jobs.push(job).map_err(|_| AnalyzerUnavailable);
        let caller = Caller { answer, jobs: self.jobs };
        Box::pin(async move {
            sent?;
            caller.await
        })
    }
}

impl AnalysisSlot for Slot {
    fn faces(self: Box<Self>, image: EncodedImage) -> Answer<Result<Faces, ImageProblem>> {
        self.spend(|reply| Task::Faces { image, reply })
    }

    fn references(
        self: Box<Self>,
        capture: Capture,
        keep: Keep,
    ) -> Answer<Vec<Result<Evidence, PictureProblem>>> {
        self.spend(|reply| Task::References { capture, keep, reply })
    }

    fn recognise(
        self: Box<Self>,
        image: EncodedImage,
        settlement: Settlement,
    ) -> Answer<Result<Evidence, PictureProblem>> {
        self.spend(|reply| Task::Recognise { image, settlement, reply })
    }

    fn observe(
        self: Box<Self>,
        capture: LivenessCapture,
        needs: CaptureNeeds,
    ) -> Answer<Result<Observation, ObserveProblem>> {
        self.spend(|reply| Task::Observe { capture, needs, reply })
    }
}
