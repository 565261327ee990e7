//! Captures that are looked at while they arrive.
//!
//! A person's frames need longer over a mobile network than a worker needs for them. A worker that has
//! nothing else to do looks at the frames that are there. It stops after the frame in hand as
//! soon as a job waits. So it takes nothing from anybody but electricity.

use std::any::Any;
use std::sync::Arc;
use std::time::Instant;

use faceauth_domain::analyzer::LookAhead;
use faceauth_domain::liveness::capture::TimedImage;
use faceauth_domain::liveness::policy::LivenessPolicy;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::Span;

use super::arriving::Arriving;
use super::job::{Job, Task};
use crate::queue::Queue;

/// Captures for each worker that are looked at ahead at the same time. A sender that sends frames
/// as it takes them needs six seconds, in which a worker could look at many captures. Each holds
/// at most 0.4 megabytes a frame, for as long as its sender takes: four have 29 MB as the page
/// sends them, and 48 MB at most. Who keeps all of them busy with slow bodies takes nothing from
/// others but this head start.
pub(super) const AHEAD_A_WORKER: usize = 4;

/// A capture on its way, on the side of who receives it.
pub(super) struct Ahead {
    arriving: Arc<Arriving>,
    jobs: Arc<Queue<Job>>,
    _room: OwnedSemaphorePermit,
}

impl Ahead {
    /// Of a capture with so many frames, if that is known yet, by the limits of its verdict. `None`
    /// when there is no `room`.
    pub(super) fn begin(
        count: Option<usize>,
        policy: LivenessPolicy,
        jobs: &Arc<Queue<Job>>,
        room: &Arc<Semaphore>,
    ) -> Option<Self> {
        let room = Arc::clone(room).try_acquire_owned().ok()?;
        let arriving = Arc::new(Arriving::new(count, policy));
        Some(Self { arriving, jobs: Arc::clone(jobs), _room: room })
    }

    /// The side of the workers; `None` of what another analyzer has made. From here on nobody looks
    /// any more.
    pub(super) fn arriving(ahead: Box<dyn LookAhead>) -> Option<Arc<Arriving>> {
        let ahead: Box<dyn Any> = ahead;
        ahead.downcast::<Self>().ok().map(|ahead| Arc::clone(&ahead.arriving))
    }
}

impl LookAhead for Ahead {
    fn see(&self, frame: TimedImage) {
        let Self { arriving, jobs, .. } = self;
        if !arriving.arrived(frame) {
            return;
        }
        let task = Task::LookAhead { arriving: Arc::clone(arriving), jobs: Arc::clone(jobs) };
        let job = Job { task, queued: Instant::now(), span: Span::current(), place: None };
        if jobs.push_to_idle(job).is_err() {
            arriving.untended();
        }
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.arriving.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(room: &Arc<Semaphore>) -> Option<Ahead> {
        Ahead::begin(Some(8), LivenessPolicy::DEFAULT, &Arc::new(Queue::new(1)), room)
    }

    #[test]
    fn there_is_room_for_a_few_and_it_is_given_back() {
        let room = Arc::new(Semaphore::new(2));
        let (first, second) = (begin(&room), begin(&room));
        assert!(first.is_some() && second.is_some());
        assert!(begin(&room).is_none());
        drop(first);
        assert!(begin(&room).is_some());
    }

    #[test]
    fn who_has_gone_is_not_looked_at() {
        let ahead = begin(&Arc::new(Semaphore::new(1))).expect("room");
        let arriving = Arc::clone(&ahead.arriving);
        assert!(!arriving.is_over());
        drop(ahead);
        assert!(arriving.is_over());
    }
}
