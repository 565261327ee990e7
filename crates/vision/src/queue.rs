//! Jobs on their way to worker threads.
//!
//! The worker that ended last takes the next job: its weights and buffers are still in the
//! processor's caches, while those of the others may stay cold. In turn, as threads on one channel
//! would serve, a single client waits a fifth longer.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Hands each job to one of a fixed number of workers. Who puts jobs in bounds their number.
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    /// One for each worker, so that the right one wakes up.
    wake: Vec<Condvar>,
}

struct State<T> {
    /// Jobs that no worker has time for, oldest first.
    waiting: VecDeque<T>,
    /// Workers without a job, the one that ended last at the end.
    idle: Vec<usize>,
    /// What an idle worker is to wake up to.
    handed: Vec<Option<T>>,
    closed: bool,
}

impl<T> Queue<T> {
    pub(crate) fn new(workers: usize) -> Self {
        let handed = (0..workers).map(|_| None).collect();
        let state = State { waiting: VecDeque::new(), idle: Vec::new(), handed, closed: false };
        let wake = (0..workers).map(|_| Condvar::new()).collect();
        Self { state: Mutex::new(state), wake }
    }

    /// Puts a job in, or gives it back when the queue is closed.
    pub(crate) fn push(&self, job: T) -> Result<(), T> {
        let mut state = self.lock();
        if state.closed {
            return Err(job);
        }
        match state.idle.pop() {
            Some(worker) => {
                state.handed[worker] = Some(job);
                self.wake[worker].notify_one();
            }
            None => state.waiting.push_back(job),
        }
        Ok(())
    }

    /// Hands a job to a worker that has nothing to do, or gives it back when there is none.
    pub(crate) fn push_to_idle(&self, job: T) -> Result<(), T> {
        let mut state = self.lock();
        if state.closed {
            return Err(job);
        }
        let Some(worker) = state.idle.pop() else { return Err(job) };
        state.handed[worker] = Some(job);
        self.wake[worker].notify_one();
        Ok(())
    }

    /// Whether a job waits for a worker.
    pub(crate) fn is_behind(&self) -> bool {
        !self.lock().waiting.is_empty()
    }

    /// Waits for a job for `worker`, whose number is below the number of workers. `None` once the
    /// queue is closed and empty.
    pub(crate) fn next(&self, worker: usize) -> Option<T> {
        let mut state = self.lock();
        if let Some(job) = state.waiting.pop_front() {
            return Some(job);
        }
        if state.closed {
            return None;
        }
        state.idle.push(worker);
        loop {
            state = self.wake[worker].wait(state).unwrap_or_else(PoisonError::into_inner);
            if let Some(job) = state.handed[worker].take() {
                return Some(job);
            }
            if state.closed {
                return None;
            }
        }
    }

    /// Takes out the jobs that no worker has time for, of those that are `wanted`.
    pub(crate) fn take_waiting(&self, wanted: impl Fn(&T) -> bool) -> Vec<T> {
        let mut state = self.lock();
        let (taken, left): (VecDeque<T>, VecDeque<T>) =
            std::mem::take(&mut state.waiting).into_iter().partition(wanted);
        state.waiting = left;
        taken.into()
    }

    /// Takes back the jobs that were handed to a worker which has not woken up for them, of those
    /// that are `wanted`. Such a worker gets no job any more.
    pub(crate) fn take_handed(&self, wanted: impl Fn(&T) -> bool) -> Vec<T> {
        let mut state = self.lock();
        state.handed.iter_mut().filter_map(|job| job.take_if(|job| wanted(job))).collect()
    }

    /// Takes no more jobs; those within are still served.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        for worker in &self.wake {
            worker.notify_one();
        }
    }

    /// Nobody panics while holding this lock; a poisoned one is still usable.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;
    use std::time::{Duration, Instant};

    use super::*;

    /// Lets the workers go when a test ends, also when it fails.
    struct Closing<'a>(&'a Queue<u32>);

    impl Drop for Closing<'_> {
        fn drop(&mut self) {
            self.0.close();
        }
    }

    fn wait_for_idle(queue: &Queue<u32>, workers: &[usize]) {
        let patience = Instant::now() + Duration::from_secs(10);
        while queue.lock().idle != workers {
            assert!(Instant::now() < patience, "idle: {:?}", queue.lock().idle);
            thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn the_worker_that_ended_last_takes_the_next_job() {
        let queue = Queue::new(2);
        let (done, served) = mpsc::channel();
        thread::scope(|scope| {
            let _closing = Closing(&queue);
            for worker in 0..2 {
                let (queue, done) = (&queue, done.clone());
                scope.spawn(move || {
                    while let Some(job) = queue.next(worker) {
                        done.send((worker, job)).unwrap();
                    }
                });
                wait_for_idle(queue, if worker == 0 { &[0] } else { &[0, 1] });
            }
            for job in 0..5 {
                queue.push(job).unwrap();
                assert_eq!(served.recv().unwrap(), (1, job));
                wait_for_idle(&queue, &[0, 1]);
            }
            // Two at once: the other one is needed.
            queue.push(5).unwrap();
            queue.push(6).unwrap();
            let mut both = [served.recv().unwrap().1, served.recv().unwrap().1];
            both.sort_unstable();
            assert_eq!(both, [5, 6]);
        });
    }

    #[test]
    fn what_a_worker_does_not_wake_up_for_can_be_taken_back() {
        let queue = Queue::new(2);
        // Worker 1 is idle, and never looks at what it is handed.
        queue.lock().idle.push(1);
        queue.push(7).unwrap();
        queue.push(8).unwrap();
        assert!(queue.take_handed(|job| *job == 8).is_empty());
        assert_eq!(queue.take_handed(|job| *job == 7), [7]);
        assert!(queue.take_handed(|_| true).is_empty());
        assert_eq!(queue.take_waiting(|_| true), [8]);
    }

    #[test]
    fn some_jobs_are_for_idle_workers_alone() {
        let queue = Queue::new(1);
        assert_eq!(queue.push_to_idle(7), Err(7));
        assert!(!queue.is_behind());
        queue.push(8).unwrap();
        assert!(queue.is_behind());
        assert_eq!(queue.next(0), Some(8));
        queue.lock().idle.push(0);
        queue.push_to_idle(9).unwrap();
        assert_eq!(queue.push_to_idle(10), Err(10));
        assert_eq!(queue.take_handed(|_| true), [9]);
        queue.close();
        assert_eq!(queue.push_to_idle(11), Err(11));
    }

    #[test]
    fn what_waits_is_served_in_order_and_after_closing() {
        let queue = Queue::new(1);
        for job in 0..3 {
            queue.push(job).unwrap();
        }
        queue.close();
        assert_eq!(queue.push(3), Err(3));
        assert_eq!([(); 4].map(|()| queue.next(0)), [Some(0), Some(1), Some(2), None]);
    }

    #[test]
    fn what_waits_can_be_taken_out_again() {
        let queue = Queue::new(1);
        for job in 0..4 {
            queue.push(job).unwrap();
        }
        assert_eq!(queue.take_waiting(|job| job % 2 == 1), [1, 3]);
        queue.close();
        assert_eq!([(); 3].map(|()| queue.next(0)), [Some(0), Some(2), None]);
    }
}
