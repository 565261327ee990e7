//! How many threads analyse, and how long anything may take.

use std::time::Duration;

use super::job::Task;

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
    /// Longest that a request waits for a worker. One that would wait longer is refused at once, and
    /// one that has waited longer is given up.
    pub max_wait: Duration,
}

impl WorkerSettings {
    /// Threads of a session by default: single-threaded workers do twice the work of one session
    /// with many threads.
    pub const SESSION_THREADS: usize = 1;

    /// Default of [`Self::max_wait`]: a live sign-in takes seconds in front of the camera, and who
    /// waits two more is not lost yet. A refusal tells a client sooner when to come back.
    pub const MAX_WAIT: Duration = Duration::from_secs(2);

    /// One worker a core, each with [`Self::SESSION_THREADS`]. Four requests may wait for each
    /// worker, about 150 ms of work.
    #[must_use]
    pub fn for_cores(cores: usize) -> Self {
        let workers = cores.max(1);
        Self {
            workers,
            session_threads: Self::SESSION_THREADS,
            queue: 4 * workers,
            max_wait: Self::MAX_WAIT,
        }
    }
}

/// How long things may take before they count as hung. Far above what honest work takes on a
/// machine that is ten times too busy, because passing one ends the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Loading the models of one worker and running each once.
    pub load: Duration,
    /// The pictures of one request, five at the most.
    pub pictures: Duration,
    /// One liveness capture.
    pub liveness: Duration,
    /// Taking a job that was handed over. A worker that takes longer does not wake up.
    pub wait: Duration,
}

impl Deadlines {
    /// Loading takes 2 s. Five pictures take 0.3 s, or 4 s of the costliest kind. A clip may
    /// take [`crate::clip::MAX_TIME`] to decode, and 30 frames take a second.
    pub const DEFAULT: Self = Self {
        load: Duration::from_secs(300),
        pictures: Duration::from_secs(30),
        liveness: Duration::from_secs(90),
        wait: Duration::from_secs(30),
    };

    pub(super) fn of(&self, task: &Task) -> Duration {
        match task {
            Task::Faces { .. } | Task::References { .. } | Task::Recognise { .. } => self.pictures,
            Task::Observe { .. } | Task::LookAhead { .. } => self.liveness,
        }
    }
}
