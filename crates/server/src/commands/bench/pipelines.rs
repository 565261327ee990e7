//! As many pipelines as the service has workers; callers take turns.

use std::sync::{Condvar, Mutex, PoisonError};

use faceauth_vision::pipeline::Pipeline;

/// Pipelines that wait for callers, and callers that wait for pipelines.
pub struct Pipelines {
    line: Mutex<Line>,
    moved: Condvar,
}

/// Who waits for a pipeline.
struct Line {
    idle: Vec<Pipeline>,
    /// Turn of who is next.
    next: u64,
    /// Turn of who comes next to the end.
    last: u64,
}

impl Pipelines {
    pub fn new(idle: Vec<Pipeline>) -> Self {
        Self { line: Mutex::new(Line { idle, next: 0, last: 0 }), moved: Condvar::new() }
    }

    /// Lets `work` have a pipeline.
    pub fn lend<T>(&self, work: impl FnOnce(&mut Pipeline) -> T) -> T {
        let mut pipeline = self.take();
        let done = work(&mut pipeline);
        self.give_back(pipeline);
        done
    }

    /// Waits for a pipeline, first come, first served: whoever waits longest is next, as in the
    /// queue of the service.
    fn take(&self) -> Pipeline {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = line.last;
        line.last += 1;
        loop {
            if line.next == turn
                && let Some(pipeline) = line.idle.pop()
            {
                line.next += 1;
                self.moved.notify_all();
                return pipeline;
            }
            line = self.moved.wait(line).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn give_back(&self, pipeline: Pipeline) {
        self.line.lock().unwrap_or_else(PoisonError::into_inner).idle.push(pipeline);
        self.moved.notify_all();
    }
}
