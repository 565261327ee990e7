//! A reserved place, and a caller that waits for an answer.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use faceauth_domain::analyzer::{
    AnalysisSlot, AnalyzerUnavailable, Answer, CaptureNeeds, Faces, ImageProblem, Keep, LookAhead,
    ObserveProblem, PictureProblem,
};
use faceauth_domain::capture::{Capture, EncodedImage};
use faceauth_domain::decision::Settlement;
use faceauth_domain::evidence::Evidence;
use faceauth_domain::liveness::capture::LivenessCapture;
use faceauth_domain::liveness::evidence::Observation;
use faceauth_telemetry::guard::Waiting;
use tokio::sync::oneshot;
use tracing::Span;

use super::admission::Ticket;
use super::ahead::Ahead;
use super::job::{Job, Outcome, Place, Reply, Task};
use crate::queue::Queue;

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
        let place = Some(Place { ticket: self.ticket, waiting: Waiting::begin() });
        let job = Job { task, queued: Instant::now(), span: Span::current(), place };
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
        ahead: Option<Box<dyn LookAhead>>,
    ) -> Answer<Result<Observation, ObserveProblem>> {
        let ahead = ahead.and_then(Ahead::arriving);
        self.spend(|reply| Task::Observe { capture, needs, ahead, reply })
    }
}
