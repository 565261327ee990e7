//! Work on its way to a worker, and the answer on its way back.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use faceauth_domain::analyzer::{
    CaptureNeeds, Faces, ImageProblem, Keep, ObserveProblem, PictureProblem, ReserveError,
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
use super::arriving::Arriving;
use crate::queue::Queue;

/// Work on its way to a worker. Dropping it gives the place back, and tells the caller that no
/// answer will come.
pub(super) struct Job {
    pub(super) task: Task,
    pub(super) queued: Instant,
    /// Of the request, so that what the worker logs can be found with it.
    pub(super) span: Span,
    /// What only idle workers do has none.
    pub(super) place: Option<Place>,
}

/// A place among those who wait, and the time in it.
pub(super) struct Place {
    pub(super) ticket: Ticket,
    pub(super) waiting: Waiting,
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
        /// What was seen of it while it arrived.
        ahead: Option<Arc<Arriving>>,
        reply: Reply<Result<Observation, ObserveProblem>>,
    },
    /// The frames that have arrived of a capture whose rest is on its way, until a job waits.
    LookAhead { arriving: Arc<Arriving>, jobs: Arc<Queue<Job>> },
}

impl Task {
    /// What it is called in metrics.
    pub(super) fn label(&self) -> label::Task {
        match self {
            Self::Faces { .. } => label::Task::Faces,
            Self::References { .. } => label::Task::References,
            Self::Recognise { .. } => label::Task::Recognise,
            Self::Observe { .. } | Self::LookAhead { .. } => label::Task::Observe,
        }
    }

    /// Whether nobody waits for the answer any more.
    pub(super) fn is_abandoned(&self) -> bool {
        match self {
            Self::Faces { reply, .. } => reply.is_closed(),
            Self::References { reply, .. } => reply.is_closed(),
            Self::Recognise { reply, .. } => reply.is_closed(),
            Self::Observe { reply, .. } => reply.is_closed(),
            Self::LookAhead { arriving, .. } => arriving.is_over(),
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
            Self::LookAhead { arriving, .. } => arriving.end(),
        }
    }

    /// What tells the caller, from another thread, that no answer will come.
    pub(super) fn give_up(&self) -> Box<dyn FnOnce() + Send> {
        match self {
            Self::Faces { reply, .. } => reply.give_up(),
            Self::References { reply, .. } => reply.give_up(),
            Self::Recognise { reply, .. } => reply.give_up(),
            Self::Observe { reply, .. } => reply.give_up(),
            Self::LookAhead { arriving, .. } => {
                let arriving = Arc::clone(arriving);
                Box::new(move || arriving.end())
            }
        }
    }
}

/// Result of a task, as the caller gets it.
pub(super) type Outcome<T> = Result<T, ReserveError>;

/// Where the answer to a task of this result goes. The worker answers, or the watchdog for it.
pub(super) struct Reply<T>(Arc<Mutex<Option<oneshot::Sender<Outcome<T>>>>>);

impl<T: Send + 'static> Reply<T> {
    pub(super) fn new(sender: oneshot::Sender<Outcome<T>>) -> Self {
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
