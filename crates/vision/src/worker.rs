//! Worker threads that own their sessions, behind a bounded queue.
//!
//! Inference blocks for tens of milliseconds and a session serves one caller at a time,
//! so each worker thread has sessions of its own and async code only awaits the answer.
//! A caller reserves a place without waiting, or learns at once that the service is full, or that
//! it would wait too long (`admission`).
//!
//! Every job has a deadline ([`Deadlines`]). When one has passed, the caller and all waiting
//! callers learn that no answer will come. The pool takes no more jobs and is not ready, and
//! [`WorkerPool::failed`] resolves. A thread that hangs in native code cannot be ended, so the
//! process has to be ended.

mod admission;
mod ahead;
mod analyst;
mod arriving;
mod crew;
mod job;
mod settings;
mod slot;
mod watchdog;

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use faceauth_domain::analyzer::{
    AnalysisSlot, AnalyzerUnavailable, FaceAnalyzer, LookAhead, ReserveError, Work,
};
use faceauth_domain::embedding::ModelId;
use faceauth_domain::liveness::policy::LivenessPolicy;
use faceauth_domain::quality::QualityPolicies;
use tokio::sync::{Semaphore, watch};

use self::admission::Admission;
use self::ahead::{AHEAD_A_WORKER, Ahead};
use self::analyst::{Analyst, Engine};
use self::crew::{Crew, Progress};
use self::job::Job;
use self::slot::Slot;
use self::watchdog::Watchdog;
use crate::clip::ClipDecoder;
use crate::error::VisionError;
use crate::pipeline::{ModelSet, Pipeline};
use crate::queue::Queue;
use crate::session::Runtime;

pub use self::settings::{Deadlines, WorkerSettings};

/// How long the threads may take to finish their work when the pool is closed. All requests have
/// ended by then.
const END_WITHIN: Duration = Duration::from_secs(5);

/// How often an ending thread is checked.
const END_TICK: Duration = Duration::from_millis(5);

/// The analyzer the service runs on.
pub struct WorkerPool {
    model: ModelId,
    sees_lids: bool,
    admission: Arc<Admission>,
    jobs: Arc<Queue<Job>>,
    /// For captures that are looked at while they arrive.
    room_ahead: Arc<Semaphore>,
    progress: watch::Receiver<Progress>,
    /// Emptied by [`Self::close`].
    threads: Mutex<Vec<JoinHandle<()>>>,
    watching: Mutex<Option<JoinHandle<()>>>,
    ending: Arc<AtomicBool>,
}

impl WorkerPool {
    /// Starts the workers and returns while they load and warm up; await
    /// [`Self::loaded`] to learn how that went.
    ///
    /// # Errors
    /// [`VisionError::Worker`] when a thread cannot be started.
    pub fn start(
        runtime: &Runtime,
        set: ModelSet,
        clips: &ClipDecoder,
        quality: QualityPolicies,
        settings: WorkerSettings,
    ) -> Result<Self, VisionError> {
        let model = set.manifest.model_id();
        let sees_lids = set.manifest.eyes.is_some();
        let (runtime, clips) = (runtime.clone(), clips.clone());
        let build = move || {
            let pipeline = Pipeline::new(&runtime, &set, quality, settings.session_threads)?;
            Analyst::warm(pipeline, clips.clone())
        };
        let mut pool = Self::start_with(model, settings, Deadlines::DEFAULT, build)?;
        pool.sees_lids = sees_lids;
        Ok(pool)
    }

    /// Starts workers that serve with what `build` makes, once on each thread.
    fn start_with<E: Engine + 'static>(
        model: ModelId,
        settings: WorkerSettings,
        deadlines: Deadlines,
        build: impl Fn() -> Result<E, VisionError> + Send + Sync + 'static,
    ) -> Result<Self, VisionError> {
        let workers = settings.workers.max(1);
        let places = workers + settings.queue;
        let admission = Arc::new(Admission::new(workers, places, settings.max_wait));
        let jobs = Arc::new(Queue::new(workers));
        let (report, progress) = watch::channel(Progress::Loading);
        let crew = Arc::new(Crew {
            jobs: Arc::clone(&jobs),
            report,
            missing: AtomicUsize::new(workers),
            turn: Mutex::new(()),
            watchdog: Watchdog::new(workers),
            deadlines,
            max_wait: settings.max_wait,
        });
        let ending = Arc::new(AtomicBool::new(false));
        // From here on the pool ends what it has started, should a thread not start.
        let pool = Self {
            model,
            sees_lids: false,
            admission,
            jobs,
            room_ahead: Arc::new(Semaphore::new(AHEAD_A_WORKER * workers)),
            progress,
            threads: Mutex::default(),
            watching: Mutex::default(),
            ending: Arc::clone(&ending),
        };
        let watching = {
            let crew = Arc::clone(&crew);
            spawn("analysis-watchdog", move || crew.watch(&ending))?
        };
        *pool.watching.lock().unwrap_or_else(PoisonError::into_inner) = Some(watching);
        let build = Arc::new(build);
        for number in 0..workers {
            let (crew, build) = (Arc::clone(&crew), Arc::clone(&build));
            let thread = spawn(&format!("analysis-{number}"), move || crew.work(number, build))?;
            pool.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        }
        Ok(pool)
    }

    /// Waits until every worker is loaded and warmed up.
    ///
    /// # Errors
    /// [`VisionError::Worker`] with the cause when one could not be loaded.
    pub async fn loaded(&self) -> Result<(), VisionError> {
        match self.progress(|progress| *progress != Progress::Loading).await {
            Progress::Failed(reason) => Err(VisionError::Worker(reason)),
            Progress::Loading | Progress::Ready => Ok(()),
        }
    }

    /// Waits until the pool can serve no more jobs and the process must end, because a worker could
    /// not be loaded or hangs. While all workers are well, it waits for ever.
    pub async fn failed(&self) -> VisionError {
        let failed = |progress: &Progress| matches!(progress, Progress::Failed(_));
        match self.progress(failed).await {
            Progress::Failed(reason) => VisionError::Worker(reason),
            Progress::Loading | Progress::Ready => std::future::pending().await,
        }
    }

    async fn progress(&self, wanted: impl FnMut(&Progress) -> bool) -> Progress {
        let mut progress = self.progress.clone();
        let last = progress.wait_for(wanted).await.map(|found| found.clone());
        // Every thread has ended: it stays as it is.
        last.unwrap_or_else(|_| self.progress.borrow().clone())
    }

    /// Takes no more jobs, serves those it has, and waits 5 s at most for the threads to end.
    /// Threads that have not ended by then are left alone: nothing can end them but the end of
    /// the process.
    ///
    /// # Errors
    /// [`VisionError::Worker`] with what has failed before, or when a thread has not ended.
    pub fn close(&self) -> Result<(), VisionError> {
        self.jobs.close();
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let until = Instant::now() + END_WITHIN;
        let mut hung = Vec::new();
        for thread in threads {
            while !thread.is_finished() && Instant::now() < until {
                thread::sleep(END_TICK);
            }
            if thread.is_finished() {
                // A worker that panicked has been reported already.
                let _ = thread.join();
            } else {
                hung.push(thread.thread().name().unwrap_or("unnamed").to_owned());
            }
        }
        self.ending.store(true, Ordering::Release);
        let watching = self.watching.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(watching) = watching {
            watching.thread().unpark();
            let _ = watching.join();
        }
        if !hung.is_empty() {
            let seconds = END_WITHIN.as_secs();
            let threads = hung.join(", ");
            return Err(VisionError::Worker(format!("{threads} did not end within {seconds} s")));
        }
        match &*self.progress.borrow() {
            Progress::Failed(reason) => Err(VisionError::Worker(reason.clone())),
            Progress::Loading | Progress::Ready => Ok(()),
        }
    }
}

impl FaceAnalyzer for WorkerPool {
    fn model(&self) -> &ModelId {
        &self.model
    }

    fn ready(&self) -> bool {
        *self.progress.borrow() == Progress::Ready
    }

    fn sees_lids(&self) -> bool {
        self.sees_lids
    }

    fn room(&self) -> Result<(), ReserveError> {
        if self.ready() { self.admission.room() } else { Err(AnalyzerUnavailable.into()) }
    }

    fn reserve(&self, work: Work) -> Result<Box<dyn AnalysisSlot>, ReserveError> {
        if !self.ready() {
            return Err(AnalyzerUnavailable.into());
        }
        let ticket = self.admission.admit(work)?;
        Ok(Box::new(Slot { ticket, jobs: Arc::clone(&self.jobs) }))
    }

    fn look_ahead(
        &self,
        frames: Option<usize>,
        policy: LivenessPolicy,
    ) -> Option<Box<dyn LookAhead>> {
        if !self.ready() {
            return None;
        }
        let ahead = Ahead::begin(frames, policy, &self.jobs, &self.room_ahead)?;
        Some(Box::new(ahead))
    }
}

impl Drop for WorkerPool {
    fn drop(&mut self) {
        // A caller that wants the result has waited for it.
        let _ = self.close();
    }
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, VisionError> {
    let builder = thread::Builder::new().name(name.to_owned());
    builder.spawn(body).map_err(|error| VisionError::Worker(error.to_string()))
}
