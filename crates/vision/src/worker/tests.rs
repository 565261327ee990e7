//! Workers that really hang.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};

use faceauth_domain::analyzer::{Faces, Keep};
use faceauth_domain::capture::EncodedImage;
use faceauth_test_support::photos;

use super::admission::Ended;
use super::job::Task;
use super::*;

/// Long enough for a healthy worker on a busy machine, short enough for a test.
const SHORT: Deadlines = Deadlines {
    load: Duration::from_secs(60),
    pictures: Duration::from_millis(300),
    liveness: Duration::from_millis(300),
    wait: Duration::from_secs(60),
};

/// Longer than a test takes.
const LONG: Duration = Duration::from_secs(3_600);

/// Places beyond those of the workers.
const QUEUE: usize = 50;

/// An engine that hangs on references until the test lets it go, and finds no faces.
struct Hanging {
    release: Arc<Mutex<Receiver<()>>>,
}

impl Engine for Hanging {
    fn serve(&mut self, task: Task) -> Ended {
        match task {
            Task::References { reply, .. } => {
                // Ends when the test drops its end.
                let _ = self.release.lock().unwrap().recv();
                reply.send(Ok(Vec::new()));
            }
            Task::Faces { image, reply } => {
                reply.send(Ok(Ok(Faces { size: image.size(), faces: Vec::new() })));
            }
            Task::Recognise { .. } | Task::Observe { .. } | Task::LookAhead { .. } => {}
        }
        Ended::Whole
    }
}

fn pool(workers: usize, deadlines: Deadlines) -> (WorkerPool, Sender<()>) {
    pool_of(workers, deadlines, LONG)
}

fn pool_of(workers: usize, deadlines: Deadlines, max_wait: Duration) -> (WorkerPool, Sender<()>) {
    let (hold, release) = mpsc::channel();
    let release = Arc::new(Mutex::new(release));
    let settings = WorkerSettings { workers, session_threads: 1, queue: QUEUE, max_wait };
    let build = move || Ok(Hanging { release: Arc::clone(&release) });
    let pool = WorkerPool::start_with(ModelId::new("m"), settings, deadlines, build).unwrap();
    (pool, hold)
}

fn picture() -> EncodedImage {
    EncodedImage::parse(photos::png(&image::DynamicImage::new_rgb8(8, 8)), None).unwrap()
}

#[tokio::test]
async fn a_worker_that_hangs_is_noticed_and_everybody_is_answered() {
    let (pool, hold) = pool(1, SHORT);
    pool.loaded().await.unwrap();
    let served = pool.reserve(Work::Faces).unwrap().faces(picture()).await;
    assert_eq!(served.unwrap().unwrap().faces.len(), 0);
    assert!(pool.ready());

    let reserved = pool.reserve(Work::Faces).unwrap();
    let hung =
        pool.reserve(Work::References(1)).unwrap().references(picture().into(), Keep::Nothing);
    let behind = pool.reserve(Work::Faces).unwrap().faces(picture());
    assert_eq!(hung.await.unwrap_err(), AnalyzerUnavailable.into());
    assert_eq!(behind.await.unwrap_err(), AnalyzerUnavailable.into());
    let failure = pool.failed().await.to_string();
    assert!(failure.contains("worker 0"), "{failure}");
    assert!(!pool.ready());
    assert!(matches!(pool.reserve(Work::Faces), Err(ReserveError::Unavailable(_))));
    // A place that was reserved before is no longer valid.
    assert_eq!(reserved.faces(picture()).await.unwrap_err(), AnalyzerUnavailable.into());

    // The thread cannot be ended, and nothing waits for it for ever.
    let closed = pool.close().unwrap_err().to_string();
    assert!(closed.contains("analysis-0 did not end"), "{closed}");
    drop(hold);
}

#[tokio::test]
async fn one_worker_that_hangs_does_not_undo_what_another_is_doing() {
    let patient = Deadlines { pictures: Duration::from_secs(3_600), ..SHORT };
    let (pool, hold) = pool(2, patient);
    pool.loaded().await.unwrap();
    let hung =
        pool.reserve(Work::References(1)).unwrap().references(picture().into(), Keep::Nothing);
    for _ in 0..20 {
        let served = pool.reserve(Work::Faces).unwrap().faces(picture()).await;
        assert!(served.is_ok());
    }
    assert!(pool.ready());
    drop(hold);
    assert!(hung.await.is_ok());
    pool.close().unwrap();
}

#[tokio::test]
async fn closing_does_not_wait_for_ever_before_the_deadline_either() {
    let patient = Deadlines { pictures: Duration::from_secs(3_600), ..SHORT };
    let (pool, hold) = pool(1, patient);
    pool.loaded().await.unwrap();
    let hung =
        pool.reserve(Work::References(1)).unwrap().references(picture().into(), Keep::Nothing);
    assert!(pool.close().is_err());
    drop(hold);
    assert!(hung.await.is_ok());
}

#[tokio::test]
async fn who_waits_too_long_for_a_worker_is_told_so() {
    let patient = Deadlines { pictures: Duration::from_secs(3_600), ..SHORT };
    let (pool, hold) = pool_of(1, patient, Duration::from_millis(300));
    pool.loaded().await.unwrap();
    let busy =
        pool.reserve(Work::References(1)).unwrap().references(picture().into(), Keep::Nothing);
    let waiting = pool.reserve(Work::Faces).unwrap().faces(picture());
    assert!(matches!(waiting.await, Err(ReserveError::Full { .. })));
    // Slow is not hung.
    assert!(pool.ready());
    drop(hold);
    assert!(busy.await.is_ok());
}

#[tokio::test]
async fn models_that_never_load_are_noticed() {
    let (hold, release) = mpsc::channel::<()>();
    let release = Mutex::new(release);
    let settings = WorkerSettings { workers: 2, session_threads: 1, queue: 1, max_wait: LONG };
    let deadlines = Deadlines { load: Duration::from_millis(300), ..SHORT };
    let build = move || -> Result<Hanging, VisionError> {
        let _ = release.lock().unwrap().recv();
        Err(VisionError::Worker("let go".to_owned()))
    };
    let pool = WorkerPool::start_with(ModelId::new("m"), settings, deadlines, build).unwrap();
    let failure = pool.loaded().await.unwrap_err().to_string();
    assert!(failure.contains("has been busy"), "{failure}");
    assert!(pool.close().is_err());
    drop(hold);
}

#[tokio::test]
async fn clients_that_hang_up_leave_the_queue() {
    let patient = Deadlines { pictures: LONG, ..SHORT };
    let (pool, hold) = pool(1, patient);
    pool.loaded().await.unwrap();
    let busy =
        pool.reserve(Work::References(1)).unwrap().references(picture().into(), Keep::Nothing);
    let line = || -> Vec<_> {
        (0..QUEUE).map(|_| pool.reserve(Work::Faces).unwrap().faces(picture())).collect()
    };
    let hanging_up = line();
    assert!(matches!(pool.reserve(Work::Faces), Err(ReserveError::Full { .. })));
    drop(hanging_up);
    // Nobody has looked at them, and all their places are free.
    let staying = line();
    assert!(pool.reserve(Work::Faces).is_err());
    drop(hold);
    assert!(busy.await.is_ok());
    for one in staying {
        assert!(one.await.is_ok());
    }
}
