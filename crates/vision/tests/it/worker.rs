//! The queue in front of the workers.

use faceauth_domain::analyzer::{
    FaceAnalyzer, ImageProblem, Keep, PictureProblem, ReserveError, Work,
};
use faceauth_domain::capture::{Capture, EncodedImage};
use faceauth_domain::quality::QualityPolicies;
use faceauth_test_support::{hostile, photos};
use faceauth_vision::worker::{WorkerPool, WorkerSettings};

use crate::support::{clips, encoded, runtime, shipped};

const SETTINGS: WorkerSettings =
    WorkerSettings { workers: 1, session_threads: 1, queue: 1, max_wait: WorkerSettings::MAX_WAIT };

fn pool() -> WorkerPool {
    WorkerPool::start(&runtime(), shipped(), &clips(), QualityPolicies::DEFAULT, SETTINGS)
        .expect("start")
}

fn portrait() -> EncodedImage {
    encoded(photos::bytes(photos::OBAMA))
}

#[test]
fn default_settings_never_oversubscribe_the_cores() {
    for cores in 0..65 {
        let settings = WorkerSettings::for_cores(cores);
        assert!(settings.workers >= 1);
        assert!(settings.workers * settings.session_threads <= cores.max(1));
    }
}

#[tokio::test]
async fn a_full_queue_says_so_at_once_and_empties_again() {
    let pool = pool();
    pool.loaded().await.expect("load");
    let first = pool.reserve(Work::References(1)).expect("the worker's place");
    let second = pool.reserve(Work::References(1)).expect("the waiting place");
    assert_eq!(
        pool.reserve(Work::References(1)).expect_err("full"),
        ReserveError::Full { retry_after: std::time::Duration::from_millis(1) }
    );
    drop(second);
    let found = first.references(portrait().into(), Keep::Nothing).await.expect("a worker");
    assert!(found[0].is_ok());
    assert!(pool.reserve(Work::References(1)).is_ok());
}

#[tokio::test]
async fn pictures_of_one_capture_fail_one_by_one() {
    let pool = pool();
    pool.loaded().await.expect("load");
    let good = photos::bytes(photos::OBAMA);
    let cut = encoded(hostile::truncated(&good, 0.5));
    let capture = Capture::new(vec![encoded(good), cut]).expect("two pictures");
    let slot = pool.reserve(Work::References(1)).expect("a place");
    let found = slot.references(capture, Keep::Nothing).await.expect("a worker");
    assert!(found[0].is_ok());
    let cut_off = found[1].as_ref().expect_err("cut off");
    assert_eq!(cut_off, &PictureProblem::Undecoded(ImageProblem::Undecodable));
}

#[tokio::test]
async fn nothing_is_reserved_before_every_worker_is_warm() {
    let pool = pool();
    // The workers need longer to load than this line to run; if ever not, both agree.
    assert_eq!(pool.reserve(Work::References(1)).is_ok(), pool.ready());
    pool.loaded().await.expect("load");
    assert!(pool.ready() && pool.reserve(Work::References(1)).is_ok());
}

#[tokio::test]
async fn a_caller_that_went_away_costs_no_inference() {
    let pool = pool();
    pool.loaded().await.expect("load");
    drop(
        pool.reserve(Work::References(1))
            .expect("a place")
            .references(portrait().into(), Keep::Nothing),
    );
    let slot = loop {
        if let Ok(slot) = pool.reserve(Work::References(1)) {
            break slot;
        }
        tokio::task::yield_now().await;
    };
    assert!(slot.faces(portrait()).await.is_ok());
}

#[tokio::test]
async fn weights_that_do_not_fit_are_reported() {
    let mut set = shipped();
    set.manifest.embedding.models[0].weights.outputs[0].name = "nowhere".to_owned();
    let pool = WorkerPool::start(&runtime(), set, &clips(), QualityPolicies::DEFAULT, SETTINGS)
        .expect("start");
    let error = pool.loaded().await.expect_err("must not load").to_string();
    assert!(error.contains("nowhere"), "{error}");
    assert!(matches!(pool.reserve(Work::References(1)), Err(ReserveError::Unavailable(_))));
}
