//! Worker threads that own their sessions, behind a bounded queue.
//!
//! Inference blocks for tens of milliseconds and a session serves one caller at a time,
//! so each worker thread has sessions of its own and async code only awaits the answer.
//! Places are counted by a semaphore: a caller reserves one without waiting, or learns
//! at once that the service is full.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use faceauth_domain::analyzer::{
    AnalysisFuture, AnalysisSlot, AnalyzerUnavailable, CaptureAnalysis, Depth, FaceAnalyzer, Keep,
    ObserveFuture, ObserveProblem, ReserveError, Settled,
};
use faceauth_domain::capture::{Capture, EncodedImage, ImageSize};
use faceauth_domain::clip::EncodedClip;
use faceauth_domain::embedding::ModelId;
use faceauth_domain::liveness::capture::{LivenessCapture, MAX_FRAMES, TimedImage, check_timing};
use faceauth_domain::liveness::evidence::Observation;
use faceauth_domain::quality::QualityPolicies;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError, oneshot, watch};

use crate::clip::ClipDecoder;
use crate::decode;
use crate::error::VisionError;
use crate::frame::Frame;
use crate::pipeline::{ModelSet, Pipeline};
use crate::queue::Queue;
use crate::session::Runtime;

/// Size of the picture that warms a worker up: what a webcam sends.
const WARM_UP_SIZE: ImageSize = ImageSize { width: 640, height: 480 };

/// How many threads analyse and how many requests may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkerSettings {
    /// Worker threads; each holds its own sessions.
    pub workers: usize,
    /// Threads inside each session. `workers * session_threads` should not pass the
    /// number of cores.
    pub session_threads: usize,
    /// Requests that may wait beyond those being worked on.
    pub queue: usize,
}

impl WorkerSettings {
    /// One single-threaded worker a core: twice the throughput of one session with many
    /// threads. Four requests may wait for each worker, about 150 ms of work.
    #[must_use]
    pub fn for_cores(cores: usize) -> Self {
        let workers = cores.max(1);
        Self { workers, session_threads: 1, queue: 4 * workers }
    }
}

/// Work on its way to a worker. Dropping it gives the place back.
struct Job {
    task: Task,
    _place: OwnedSemaphorePermit,
}

/// Where the answer to a task of this result goes.
type Reply<T> = oneshot::Sender<Result<T, AnalyzerUnavailable>>;

/// What a worker can be asked.
enum Task {
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

/// How far start-up has come.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Progress {
    Loading,
    Ready,
    Failed(String),
}

/// The analyzer the service runs on.
pub struct WorkerPool {
    model: ModelId,
    places: Arc<Semaphore>,
    jobs: Arc<Queue<Job>>,
    progress: watch::Receiver<Progress>,
    threads: Vec<JoinHandle<()>>,
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
        let set = Arc::new(set);
        let workers = settings.workers.max(1);
        let places = Arc::new(Semaphore::new(workers + settings.queue));
        let jobs = Arc::new(Queue::new(workers));
        let (report, progress) = watch::channel(Progress::Loading);
        let report = Arc::new(report);
        let missing = Arc::new(AtomicUsize::new(workers));
        let mut threads = Vec::with_capacity(workers);
        // One loads after the other: what the first let go is what the next one takes. At the same
        // time, up to 15 MB more stay resident for good, to be ready a tenth of a second sooner.
        let turn = Arc::new(Mutex::new(()));
        for number in 0..workers {
            let (runtime, set) = (runtime.clone(), Arc::clone(&set));
            let (jobs, report) = (Arc::clone(&jobs), Arc::clone(&report));
            let (missing, clips) = (Arc::clone(&missing), clips.clone());
            let turn = Arc::clone(&turn);
            let body = move || {
                // Who panicked while loading has left nothing half done for the others.
                let held = turn.lock().unwrap_or_else(PoisonError::into_inner);
                let built = Pipeline::new(&runtime, &set, quality, settings.session_threads)
                    .and_then(|mut pipeline| warm_up(&mut pipeline).map(|()| pipeline));
                // The weight files are in the sessions now; their bytes can go.
                drop(set);
                drop(held);
                match built {
                    Ok(mut pipeline) => {
                        if missing.fetch_sub(1, Ordering::AcqRel) == 1 {
                            report.send_if_modified(|progress| {
                                let loading = *progress == Progress::Loading;
                                if loading {
                                    *progress = Progress::Ready;
                                }
                                loading
                            });
                        }
                        work(&mut pipeline, &clips, &jobs, number);
                    }
                    Err(error) => {
                        report.send_replace(Progress::Failed(error.to_string()));
                    }
                }
            };
            let thread = std::thread::Builder::new()
                .name(format!("analysis-{number}"))
                .spawn(body)
                .map_err(|e| VisionError::Worker(e.to_string()))?;
            threads.push(thread);
        }
        Ok(Self { model, places, jobs, progress, threads })
    }

    /// Waits until every worker is loaded and warmed up.
    ///
    /// # Errors
    /// [`VisionError::Worker`] with the cause when one could not be loaded.
    pub async fn loaded(&self) -> Result<(), VisionError> {
        let mut progress = self.progress.clone();
        let settled = progress
            .wait_for(|progress| *progress != Progress::Loading)
            .await
            .map_err(|_| VisionError::Worker("every worker has ended".to_owned()))?
            .clone();
        match settled {
            Progress::Failed(reason) => Err(VisionError::Worker(reason)),
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

    fn reserve(&self) -> Result<Box<dyn AnalysisSlot>, ReserveError> {
        if !self.ready() {
            return Err(AnalyzerUnavailable.into());
        }
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|error| match error {
            TryAcquireError::NoPermits => ReserveError::Full,
            TryAcquireError::Closed => AnalyzerUnavailable.into(),
        })?;
        Ok(Box::new(Slot { place, jobs: Arc::clone(&self.jobs) }))
    }
}

impl Drop for WorkerPool {
    fn drop(&mut self) {
        self.jobs.close();
        for thread in self.threads.drain(..) {
            // A worker that panicked has been reported already.
            let _ = thread.join();
        }
    }
}

/// A reserved place in the queue.
struct Slot {
    place: OwnedSemaphorePermit,
    jobs: Arc<Queue<Job>>,
}

impl Slot {
    /// Sends the task that answers to a reply, and waits for that.
    fn spend<T: Send + 'static>(
        self,
        task: impl FnOnce(Reply<T>) -> Task,
    ) -> Pin<Box<dyn Future<Output = Result<T, AnalyzerUnavailable>> + Send>> {
        let (reply, answer) = oneshot::channel();
        let job = Job { task: task(reply), _place: self.place };
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

/// Serves jobs as worker `number` until the queue is closed.
fn work(pipeline: &mut Pipeline, clips: &ClipDecoder, jobs: &Queue<Job>, number: usize) {
    while let Some(job) = jobs.next(number) {
        match job.task {
            Task::Analyze { capture, depth, reply } => {
                answer(reply, || {
                    capture.images().iter().map(|image| pipeline.analyze(image, depth)).collect()
                });
            }
            Task::Recognise { image, settled, reply } => {
                answer(reply, || Ok(vec![pipeline.recognise(&image, settled)?]));
            }
            Task::Observe { capture, keep, reply } => {
                answer(reply, || observe(pipeline, clips, &capture, keep));
            }
        }
    }
}

/// Runs `task` and sends what comes of it, unless the caller has gone away while the job
/// waited.
fn answer<T>(reply: Reply<T>, task: impl FnOnce() -> Result<T, VisionError>) {
    if reply.is_closed() {
        return;
    }
    let result = match catch_unwind(AssertUnwindSafe(task)) {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => {
            tracing::error!(%error, "analysis failed");
            Err(AnalyzerUnavailable)
        }
        Err(_) => {
            tracing::error!("analysis panicked; the worker goes on");
            Err(AnalyzerUnavailable)
        }
    };
    // The caller may have gone away meanwhile.
    let _ = reply.send(result);
}

/// Why frames end early: by their own fault, or ours.
enum Stop {
    Problem(ObserveProblem),
    Failure(VisionError),
}

impl From<VisionError> for Stop {
    fn from(error: VisionError) -> Self {
        Self::Failure(error)
    }
}

fn observe(
    pipeline: &mut Pipeline,
    clips: &ClipDecoder,
    capture: &LivenessCapture,
    keep: Keep,
) -> Result<Result<Observation, ObserveProblem>, VisionError> {
    let observed = match capture {
        LivenessCapture::Frames(frames) => observe_frames(pipeline, frames.as_slice(), keep),
        LivenessCapture::Clip(clip) => observe_clip(pipeline, clips, clip, keep),
    };
    match observed {
        Ok(observation) => Ok(Ok(observation)),
        Err(Stop::Problem(problem)) => Ok(Err(problem)),
        Err(Stop::Failure(error)) => Err(error),
    }
}

fn observe_frames(
    pipeline: &mut Pipeline,
    frames: &[TimedImage],
    keep: Keep,
) -> Result<Observation, Stop> {
    let decoded =
        frames.iter().enumerate().map(|(index, timed)| match decode::decode(&timed.image) {
            Ok(frame) => Ok((timed.t_ms, frame)),
            Err(problem) => Err(Stop::Problem(ObserveProblem::Frame { index, problem })),
        });
    pipeline.observe(decoded, keep)
}

fn observe_clip(
    pipeline: &mut Pipeline,
    clips: &ClipDecoder,
    clip: &EncodedClip,
    keep: Keep,
) -> Result<Observation, Stop> {
    let frames = clips
        .decode(clip, MAX_FRAMES)?
        .map_err(|problem| Stop::Problem(ObserveProblem::Clip(problem)))?;
    let times: Vec<u32> = frames.iter().map(|frame| frame.t_ms).collect();
    check_timing(&times).map_err(|problem| Stop::Problem(ObserveProblem::Timing(problem)))?;
    pipeline.observe(frames.into_iter().map(|frame| Ok((frame.t_ms, frame.frame))), keep)
}

/// Runs every graph once, so that the first request is as fast as the next.
fn warm_up(pipeline: &mut Pipeline) -> Result<(), VisionError> {
    let pixels = vec![128; 3 * (WARM_UP_SIZE.width * WARM_UP_SIZE.height) as usize];
    let frame = Frame::new(pixels, WARM_UP_SIZE)
        .ok_or_else(|| VisionError::Worker("the warm-up picture has no pixels".to_owned()))?;
    pipeline.warm_up(&frame)
}
