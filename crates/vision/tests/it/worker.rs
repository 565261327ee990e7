//! The queue in front of the workers.

use std::time::Duration;

use faceauth_domain::analyzer::{
    CaptureNeeds, FaceAnalyzer, ImageProblem, Keep, PictureProblem, ReserveError, Work,
};
use faceauth_domain::capture::{Capture, EncodedImage};
use faceauth_domain::challenge::Action::{LookUp, TurnLeft, TurnRight};
use faceauth_domain::decision::CaptureSettlement;
use faceauth_domain::liveness::capture::{Frames, LivenessCapture, TimedImage};
use faceauth_domain::liveness::policy::LivenessPolicy;
use faceauth_domain::quality::QualityPolicies;
use faceauth_test_support::head::{Head, Person};
use faceauth_test_support::{hostile, performance, photos};
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

#[tokio::test]
async fn captures_that_were_looked_at_ahead_let_no_more_in() {
    let settings = WorkerSettings { queue: 1_000, ..SETTINGS };
    let pool =
        WorkerPool::start(&runtime(), shipped(), &clips(), QualityPolicies::DEFAULT, settings)
            .expect("start");
    pool.loaded().await.expect("load");
    let admitted = || {
        let slots = std::iter::from_fn(|| pool.reserve(Work::Frames(30)).ok());
        slots.collect::<Vec<_>>().len()
    };
    let before = admitted();
    let head = Head::of(Person::Obama);
    let frames: Vec<TimedImage> = performance::perform(&[TurnLeft, LookUp, TurnRight], 1)
        .iter()
        .map(|moment| {
            let picture = photos::jpeg(&head.render(&moment.view, 640, 480), 90);
            TimedImage { image: encoded(picture), t_ms: moment.t_ms }
        })
        .collect();
    for turn in 0..6 {
        let policy = LivenessPolicy::DEFAULT;
        let count = (turn % 2 == 0).then_some(frames.len());
        let ahead = pool.look_ahead(count, policy).expect("room");
        for frame in &frames {
            ahead.see(frame.clone());
            // Much longer than a frame takes. Where it is not, the worker has less of a head start,
            // and the test asks for less.
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
        let capture = LivenessCapture::Frames(Frames::new(frames.clone()).expect("a capture"));
        let settlement = CaptureSettlement::Nothing;
        let needs = CaptureNeeds { keep: Keep::Nothing, lids: false, policy, settlement };
        let slot = pool.reserve(Work::Frames(frames.len())).expect("a place");
        let observed = slot.observe(capture, needs, Some(ahead)).await.expect("a worker");
        assert_eq!(observed.expect("frames").frames.len(), frames.len());
    }
    let now = admitted();
    assert!(now <= before, "{before} places before, {now} now");
}
