//! What is going on now: gauges that cannot be left wrong by a way out that somebody forgot.

use std::time::{Duration, Instant};

use ::metrics::Gauge;

use crate::label::{ClipResult, Task};
use crate::metrics;

/// One more of something, until it is dropped.
#[must_use]
pub struct OneMore(Gauge);

impl OneMore {
    fn of(gauge: Gauge) -> Self {
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for OneMore {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// A request without an answer.
pub fn request_in_flight() -> OneMore {
    OneMore::of(metrics::requests_in_flight())
}

/// A worker of the analyzer that is at work.
pub fn busy_worker() -> OneMore {
    OneMore::of(metrics::workers_busy())
}

/// Work that waits for a worker, until this is dropped.
#[must_use]
pub struct Waiting {
    since: Instant,
    _one_more: OneMore,
}

impl Waiting {
    /// Begins to wait.
    pub fn begin() -> Self {
        Self { since: Instant::now(), _one_more: OneMore::of(metrics::queue_depth()) }
    }

    /// A worker has taken it.
    pub fn taken(self, task: Task) {
        metrics::queue_wait_seconds(task, self.since.elapsed());
    }
}

/// A program that decodes a clip, until this is dropped.
#[must_use]
pub struct ClipDecoder {
    result: ClipResult,
    _one_more: OneMore,
}

impl ClipDecoder {
    /// Is about to decode. Until something else is said, it has failed.
    pub fn begin() -> Self {
        Self { result: ClipResult::Failed, _one_more: OneMore::of(metrics::clip_decoders()) }
    }

    /// How it ended.
    pub fn ended(mut self, result: ClipResult) {
        self.result = result;
    }
}

impl Drop for ClipDecoder {
    fn drop(&mut self) {
        metrics::clips(self.result);
    }
}

/// Measures the wait for a connection to the database. Dropped before [`Self::connected`], it counts
/// as a call that got none.
#[must_use]
pub struct Connecting {
    since: Instant,
    connected: bool,
}

impl Connecting {
    /// Begins to wait.
    pub fn begin() -> Self {
        Self { since: Instant::now(), connected: false }
    }

    /// A connection is there.
    pub fn connected(mut self) {
        self.connected = true;
    }

    fn waited(&self) -> Duration {
        self.since.elapsed()
    }
}

impl Drop for Connecting {
    fn drop(&mut self) {
        metrics::database_wait_seconds(self.waited());
        if !self.connected {
            metrics::database_refusals();
        }
    }
}
