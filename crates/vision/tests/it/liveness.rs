//! Rendered captures through the real weights and the real decision: a performance passes, and
//! each way of pretending one is refused for its own reason.

use chrono::TimeDelta;
use faceauth_domain::analyzer::Keep;
use faceauth_domain::capture::ImageSize;
use faceauth_domain::challenge::Action::{self, LookUp, MoveCloser, TurnLeft, TurnRight};
use faceauth_domain::challenge::{Challenge, Kinds};
use faceauth_domain::decision::CaptureSettlement;
use faceauth_domain::evidence::CaptureProblem;
use faceauth_domain::liveness::evidence::Observation;
use faceauth_domain::liveness::judge::{Circumstances, Verdict, judge};
use faceauth_domain::liveness::policy::LivenessPolicy;
use faceauth_domain::liveness::reason::LivenessReason;
use faceauth_domain::policy::PadMode;
use faceauth_domain::subject::SubjectError;
use faceauth_test_support::head::{Card, Head, Person, View};
use faceauth_test_support::performance::{self, FRAME_MS, Moment};
use faceauth_vision::VisionError;
use faceauth_vision::frame::Frame;
use faceauth_vision::pipeline::Scrutiny;
use image::{Rgb, RgbImage, imageops};

use crate::support::pipeline;

/// What a webcam sends.
const WIDTH: u32 = 640;
const HEIGHT: u32 = 480;

/// The challenge of most tests.
const STEPS: [Action; 3] = [TurnLeft, LookUp, TurnRight];

/// A frame and its time in milliseconds.
type Timed = (u32, RgbImage);

fn head(person: Person, moments: &[Moment]) -> Vec<Timed> {
    let head = Head::of(person);
    moments.iter().map(|m| (m.t_ms, head.render(&m.view, WIDTH, HEIGHT))).collect()
}

fn card(person: Person, moments: &[Moment]) -> Vec<Timed> {
    let card = Card::of(person);
    moments.iter().map(|m| (m.t_ms, card.render(&m.view, WIDTH, HEIGHT))).collect()
}

fn verdict(steps: &[Action], capture: Vec<Timed>) -> Verdict {
    judged(
        steps,
        &observed(
            capture,
            &Scrutiny::Verdict {
                policy: LivenessPolicy::DEFAULT,
                lids: true,
                settlement: CaptureSettlement::Nothing,
            },
        ),
    )
}

fn observed(capture: Vec<Timed>, scrutiny: &Scrutiny) -> Observation {
    let frames = capture.into_iter().map(|(t_ms, picture)| {
        let size = ImageSize { width: picture.width(), height: picture.height() };
        Ok::<_, VisionError>((t_ms, Frame::new(picture.into_raw(), size).expect("a picture")))
    });
    pipeline().observe(frames, Keep::Nothing, scrutiny).expect("inference")
}

fn judged(steps: &[Action], observation: &Observation) -> Verdict {
    let now = Circumstances { elapsed: TimeDelta::seconds(60), replayed: 0 };
    let challenge = Challenge::from_steps(steps.to_vec());
    judge(&challenge, observation, now, PadMode::Enforce, &LivenessPolicy::DEFAULT)
}

/// The reasons for refusing `capture` as an answer to [`STEPS`].
fn reasons(capture: Vec<Timed>) -> Vec<LivenessReason> {
    verdict(&STEPS, capture).live.err().unwrap_or_default()
}

#[test]
fn everybody_meets_what_is_asked() {
    for (person, seed) in EVERYBODY.into_iter().zip([3, 14, 25]) {
        for draw in 0..3 {
            let challenge = Challenge::draw(&Kinds::default(), |n| (seed + 11 * draw) % n);
            let steps = challenge.steps();
            let capture = head(person, &performance::perform(steps, seed as u64));
            let verdict = verdict(steps, capture);
            assert_eq!(verdict.live.map(|_| ()), Ok(()), "{person:?} {steps:?}");
        }
    }
}

#[test]
fn closed_eyes_are_seen() {
    let steps = [Action::Blink, MoveCloser, Action::Blink];
    let capture = head(Person::Obama, &performance::perform(&steps, 2));
    let verdict = verdict(&steps, capture);
    assert_eq!(verdict.live.map(|_| ()), Ok(()), "{:?}", verdict.steps);
}

/// Twelve views of a photo that is moved about, `x` going from 0 to 1.
fn waved(view: impl Fn(f32) -> View) -> Vec<Moment> {
    performance::timed((0..12).map(|i| view(i as f32 / 11.0)).collect(), 5)
}

const EVERYBODY: [Person; 3] = [Person::Obama, Person::Biden, Person::Collins];

/// What shows no other side of a face, nor of a picture of one.
fn without_a_turn() -> [(&'static str, Vec<Moment>); 4] {
    let wave = |x: f32| (12.0 * x).sin();
    let still = View::default;
    [
        ("at rest", waved(|_| still())),
        ("moved", waved(|x| View { shift: (0.15 * wave(x), 0.1 * wave(x + 0.1)), ..still() })),
        ("nearer", waved(|x| View { scale: 0.35 + 0.3 * x, ..still() })),
        ("rotated in its plane", waved(|x| View { roll: 25.0 * wave(x), ..still() })),
    ]
}

#[test]
fn a_photo_that_is_tilted_is_flat() {
    let wave = |x: f32| (12.0 * x).sin();
    let tilt =
        |x: f32| View { yaw: 40.0 * wave(x), pitch: 25.0 * wave(x + 0.13), ..View::default() };
    let ways =
        [("tilted", waved(tilt)), ("turned as a head would", performance::perform(&STEPS, 3))];
    for person in EVERYBODY {
        for (way, moments) in &ways {
            let found = reasons(card(person, moments));
            assert!(found.contains(&LivenessReason::FlatMotion), "{person:?} {way}: {found:?}");
        }
    }
}

#[test]
fn a_photo_that_is_moved_otherwise_meets_no_step() {
    for person in EVERYBODY {
        for (way, moments) in &without_a_turn() {
            let found = reasons(card(person, moments));
            assert!(found.contains(&LivenessReason::StepNotMet), "{person:?} {way}: {found:?}");
        }
    }
}

#[test]
fn who_never_turned_is_told_of_the_step_and_not_of_a_photo() {
    let wave = |x: f32| (12.0 * x).sin();
    let swaying = waved(|x| View {
        yaw: 5.0 * wave(x + 0.05),
        pitch: 4.0 * wave(x + 0.2),
        roll: 6.0 * wave(x),
        shift: (0.12 * wave(x), 0.0),
        ..View::default()
    });
    let mut too_little = performance::perform(&STEPS, 3);
    for Moment { view, .. } in &mut too_little {
        (view.yaw, view.pitch) = (0.3 * view.yaw, 0.3 * view.pitch);
    }
    let others = [("swaying", swaying), ("turned too little", too_little)];
    for person in EVERYBODY {
        for (way, moments) in without_a_turn().iter().chain(&others) {
            let found = reasons(head(person, moments));
            assert!(found.contains(&LivenessReason::StepNotMet), "{person:?} {way}: {found:?}");
            assert!(!found.contains(&LivenessReason::FlatMotion), "{person:?} {way}: {found:?}");
        }
    }
}

#[test]
fn the_order_counts() {
    let capture = head(Person::Biden, &performance::perform(&[LookUp, TurnLeft, TurnRight], 4));
    assert_eq!(reasons(capture), [LivenessReason::StepsOutOfOrder]);
}

#[test]
fn the_time_counts() {
    let mut moments = performance::perform(&STEPS, 6);
    // After the first step the person waits for seven seconds, still in the picture.
    let waiting = (1..=5u32).map(|i| Moment {
        t_ms: 0,
        view: View { noise_seed: u64::from(900 + i), yaw: 1.0, ..moments[0].view },
    });
    moments.splice(5..5, waiting.collect::<Vec<_>>());
    let mut t_ms = 0;
    for (index, moment) in moments.iter_mut().enumerate() {
        moment.t_ms = t_ms;
        t_ms += if (4..10).contains(&index) { 1_400 } else { FRAME_MS };
    }
    assert_eq!(reasons(head(Person::Obama, &moments)), [LivenessReason::StepTooLate]);
}

#[test]
fn a_still_that_is_sent_again_and_again_is_frozen() {
    let still = Head::of(Person::Obama).render(&View::default(), WIDTH, HEIGHT);
    let capture = (0..12).map(|i| (i * FRAME_MS, still.clone())).collect();
    let found = reasons(capture);
    assert!(found.contains(&LivenessReason::FrozenFrames), "{found:?}");
}

#[test]
fn a_loop_is_recognised() {
    let once = head(Person::Collins, &performance::perform(&[TurnLeft], 7));
    let pictures = once.iter().map(|(_, picture)| picture.clone());
    let capture = pictures.clone().chain(pictures).zip(0..).map(|(p, i)| (i * FRAME_MS, p));
    let found = reasons(capture.collect());
    assert!(found.contains(&LivenessReason::LoopedFrames), "{found:?}");
}

#[test]
fn another_person_halfway_is_recognised() {
    let moments = performance::perform(&STEPS, 8);
    let (first, second) = moments.split_at(moments.len() / 2);
    let capture = [head(Person::Obama, first), head(Person::Biden, second)].concat();
    let found = reasons(capture);
    assert!(found.contains(&LivenessReason::IdentityChanged), "{found:?}");
}

#[test]
fn another_person_in_any_single_frame_is_recognised() {
    let moments = performance::perform(&STEPS, 12);
    let capture = head(Person::Obama, &moments);
    let other = head(Person::Biden, &moments);
    for frame in 0..capture.len() {
        let mut swapped = capture.clone();
        swapped[frame] = other[frame].clone();
        let found = reasons(swapped);
        assert!(found.contains(&LivenessReason::IdentityChanged), "{frame}: {found:?}");
    }
}

#[test]
fn models_that_do_not_look_would_not_have_changed_the_verdict() {
    let moments = performance::perform(&STEPS, 13);
    let halves = moments.split_at(moments.len() / 2);
    let two = [head(Person::Collins, halves.0), head(Person::Biden, halves.1)].concat();
    for capture in [head(Person::Biden, &moments), card(Person::Biden, &moments), two] {
        let count = capture.len();
        let policy = LivenessPolicy::DEFAULT;
        let needed = observed(
            capture.clone(),
            &Scrutiny::Verdict { policy, lids: false, settlement: CaptureSettlement::Nothing },
        );
        let everything = observed(capture, &Scrutiny::Everything);
        let looks = |observation: &Observation| {
            let sights = || observation.frames.iter().filter_map(|f| f.subject.as_ref().ok());
            let whole = sights().filter(|sight| sight.whole.is_some()).count();
            (whole, sights().filter(|sight| sight.pad.width() < 1.0).count())
        };
        assert_eq!(looks(&everything), (count, count));
        let (whole, scored) = looks(&needed);
        assert!(whole < count && scored < count, "{whole} and {scored} of {count}");
        let (now, all) = (judged(&STEPS, &needed), judged(&STEPS, &everything));
        assert_eq!((now.steps, now.pad_bona_fide), (all.steps, all.pad_bona_fide));
        match (now.live, all.live) {
            (Ok(now), Ok(all)) => assert_eq!(now.embedding.values(), all.embedding.values()),
            (now, all) => assert_eq!(now.err(), all.err()),
        }
    }
}

#[test]
fn a_face_that_others_borrow_the_turns_for_is_recognised() {
    let moments = performance::perform(&STEPS, 9);
    let straight = |view: &View| view.yaw.abs() < 8.0 && view.pitch.abs() < 8.0;
    let capture = moments
        .iter()
        .flat_map(|moment| {
            let person = if straight(&moment.view) { Person::Collins } else { Person::Biden };
            head(person, std::slice::from_ref(moment))
        })
        .collect();
    let found = reasons(capture);
    assert!(found.contains(&LivenessReason::IdentityChanged), "{found:?}");
}

/// Frames after the first are searched at the size that the last face needs. A second person who is
/// little more than half as large is still seen in each of them.
#[test]
fn a_small_second_person_is_seen_in_every_frame() {
    let alone = head(Person::Obama, &performance::perform(&STEPS, 11));
    let behind = View { shift: (0.36, -0.2), scale: 0.26, ..View::default() };
    let other = Head::of(Person::Biden).render(&behind, WIDTH, HEIGHT);
    let (x, width, height) = (WIDTH * 3 / 4, WIDTH / 4, HEIGHT * 3 / 5);
    let corner = imageops::crop_imm(&other, x, 0, width, height).to_image();
    let joined = alone.iter().enumerate().map(|(index, (t_ms, picture))| {
        let mut picture = picture.clone();
        if index > 0 {
            imageops::replace(&mut picture, &corner, i64::from(x), 0);
        }
        (*t_ms, picture)
    });
    let observation = observed(joined.collect(), &Scrutiny::Everything);
    let two = CaptureProblem::Subject(SubjectError::MultipleFaces);
    for (index, frame) in observation.frames.iter().enumerate().skip(1) {
        assert_eq!(frame.subject.as_ref().err(), Some(&two), "frame {index}");
    }
}

#[test]
fn a_second_person_is_one_too_many() {
    let mut capture = head(Person::Obama, &performance::perform(&STEPS, 10));
    let beside = View { shift: (0.27, 0.0), scale: 0.36, ..View::default() };
    let other = Head::of(Person::Biden).render(&beside, WIDTH, HEIGHT);
    let left = View { shift: (-0.25, 0.0), scale: 0.36, ..View::default() };
    let mut both = Head::of(Person::Obama).render(&left, WIDTH, HEIGHT);
    let half = imageops::crop_imm(&other, WIDTH / 2, 0, WIDTH / 2, HEIGHT).to_image();
    imageops::replace(&mut both, &half, i64::from(WIDTH / 2), 0);
    capture[6].1 = both;
    let found = reasons(capture);
    assert!(found.contains(&SubjectError::MultipleFaces.into()), "{found:?}");
}

#[test]
fn a_cut_to_another_room_is_recognised() {
    let mut capture = head(Person::Obama, &performance::perform(&STEPS, 11));
    for (_, picture) in capture.iter_mut().skip(6) {
        // Somebody turned the light on in another room: everything beside the head is new.
        for (x, _, pixel) in picture.enumerate_pixels_mut() {
            if !(WIDTH / 5..WIDTH * 4 / 5).contains(&x) {
                *pixel = Rgb(pixel.0.map(|value| 255 - value / 4));
            }
        }
    }
    let found = reasons(capture);
    assert!(found.contains(&LivenessReason::SceneCut), "{found:?}");
}

#[test]
fn shaking_is_not_liveness() {
    let moments = waved(|x| View {
        shift: (0.04 * (40.0 * x).sin(), 0.04 * (31.0 * x).cos()),
        ..View::default()
    });
    let found = reasons(card(Person::Obama, &moments));
    assert!(found.contains(&LivenessReason::StepNotMet), "{found:?}");
}
