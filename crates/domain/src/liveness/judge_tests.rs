//! Each rule alone, over evidence made by hand.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::evidence::{
    Flow, FrameObservation, Observation, Recurrence, Relief, Sight, Stage, Transition, Whole,
};
use super::judge::{Circumstances, Verdict, judge};
use super::pad::PadRange;
use super::passive;
use super::policy::LivenessPolicy;
use super::reason::LivenessReason;
use crate::assurance::Assurance;
use crate::challenge::Action::{self, Blink, LookUp, MoveCloser, TurnLeft, TurnRight};
use crate::challenge::Challenge;
use crate::embedding::{Embedding, ModelId};
use crate::evidence::{CaptureProblem, PadScore};
use crate::face::Face;
use crate::geometry::{BoundingBox, FiveLandmarks, Point, Pose};
use crate::policy::PadMode;
use crate::quality::{QualityMeasures, QualityReason};
use crate::subject::SubjectError;

/// Milliseconds between frames.
const FRAME_MS: u32 = 400;

/// A face in the middle of `action`.
fn subject(action: Option<Action>) -> Sight {
    let mut pose = Pose { yaw: 3.0, pitch: 5.0, roll: 0.0 };
    let (mut height, mut lids) = (200.0, 0.1);
    match action {
        None => {}
        Some(TurnLeft) => pose.yaw += 30.0,
        Some(TurnRight) => pose.yaw -= 30.0,
        Some(LookUp) => pose.pitch += 20.0,
        Some(Blink) => lids = 0.03,
        Some(MoveCloser) => height = 270.0,
    }
    Sight {
        face: Face {
            bounding_box: BoundingBox { x: 100.0, y: 100.0, width: 150.0, height },
            detection_score: 0.9,
            landmarks: FiveLandmarks::from_array([Point::default(); 5]),
            pose,
            measures: QualityMeasures { pose, ..QualityMeasures::GOOD },
            reasons: Vec::new(),
        },
        first: None,
        whole: Some(whole(&[1.0, 0.1])),
        lids: Some(lids),
        pad: scored(0.9),
        image: None,
    }
}

pub(super) fn whole(values: &[f32]) -> Whole {
    let previous = Embedding::normalised(ModelId::new("old"), vec![0.1, 1.0]).unwrap();
    Whole { embedding: person(values), previous: Some(previous) }
}

pub(super) fn scored(pad: f32) -> PadRange {
    PadRange::exactly(PadScore::new(pad))
}

fn person(values: &[f32]) -> Embedding {
    Embedding::normalised(ModelId::new("m"), values.to_vec()).unwrap()
}

/// A capture of these motions, straight before, between and after. Eyes are held shut for two
/// frames.
pub(super) fn capture(actions: &[Action]) -> Observation {
    let straight = [None, None];
    let motions = actions.iter().flat_map(|action| {
        let held = if *action == Blink { 2 } else { 1 };
        std::iter::repeat_n(Some(*action), held).chain([None])
    });
    observe(&straight.into_iter().chain(motions).chain(straight).collect::<Vec<_>>())
}

pub(super) fn observe(frames: &[Option<Action>]) -> Observation {
    let frames: Vec<FrameObservation> = frames
        .iter()
        .zip(0..)
        .map(|(action, index)| {
            let depth = if action.is_some_and(Action::rotates) { 0.2 } else { 0.01 };
            FrameObservation {
                t_ms: index * FRAME_MS,
                subject: Ok(subject(*action)),
                relief: Some(Relief { turn: depth, depth }),
            }
        })
        .collect();
    let transition =
        Transition { change: 4.0, background_change: Some(0.1), face: None, background: None };
    Observation {
        stage: Stage::Whole,
        transitions: vec![transition; frames.len() - 1],
        recurrences: (2..frames.len())
            .map(|frame| Recurrence { frame, earlier: 0, difference: 4.0 })
            .collect(),
        frames,
    }
}

pub(super) fn evidence(observation: &mut Observation, frame: usize) -> &mut Sight {
    observation.frames[frame].subject.as_mut().unwrap()
}

const NOW: Circumstances = Circumstances { elapsed: TimeDelta::seconds(25), replayed: 0 };
const STEPS: [Action; 3] = [TurnLeft, LookUp, TurnRight];

fn verdict(steps: &[Action], observation: &Observation) -> Verdict {
    let challenge = Challenge::from_steps(steps.to_vec());
    judge(&challenge, observation, NOW, PadMode::Enforce, &LivenessPolicy::DEFAULT)
}

/// The reasons for refusing `observation` as an answer to [`STEPS`].
fn reasons(observation: &Observation) -> Vec<LivenessReason> {
    verdict(&STEPS, observation).live.err().unwrap_or_default()
}

#[test]
fn a_performance_is_live_and_says_who_it_was() {
    let verdict = verdict(&STEPS, &capture(&STEPS));
    assert_eq!(verdict.steps, [true; 3]);
    let live = verdict.live.unwrap();
    assert_eq!(live.assurance, Assurance::FaceLiveness);
    assert!(live.embedding.compare(&person(&[1.0, 0.1])).unwrap().value() > 0.999);
    assert_eq!(live.previous.as_ref().map(|p| p.model().as_str()), Some("old"));
}

#[test]
fn every_step_can_be_met() {
    for steps in [[Blink, TurnLeft, MoveCloser], [MoveCloser, LookUp, Blink]] {
        assert_eq!(verdict(&steps, &capture(&steps)).live.map(|_| ()), Ok(()), "{steps:?}");
    }
}

#[test]
fn without_a_turn_the_assurance_is_reduced() {
    let steps = [Blink, MoveCloser, Blink];
    let live = verdict(&steps, &capture(&steps)).live.unwrap();
    assert_eq!(live.assurance, Assurance::FaceLivenessReduced);
}

#[test]
fn eyes_count_as_closed_when_they_are_held_shut() {
    let steps = [Blink, MoveCloser];
    let shut = Some(Blink);
    let met = |observation: &Observation| verdict(&steps, observation).steps[0];
    assert!(met(&capture(&steps)));
    // A blink in passing: one frame.
    assert!(!met(&observe(&[None, None, shut, None, shut, None, Some(MoveCloser), None])));
    // The same in more frames: a quarter of a second is a blink, half a second is not.
    for (frame_ms, held) in [(85, false), (170, true)] {
        let (shut, rest) = ([shut; 4], [None, None, Some(MoveCloser), None, None]);
        let mut quick = observe(&[&[None, None, None], &shut[..], &rest[..]].concat());
        for (frame, index) in quick.frames.iter_mut().zip(0..) {
            frame.t_ms = index * frame_ms;
        }
        assert_eq!(met(&quick), held, "{frame_ms}");
    }
    // Lids that were not measured, at the start or later, are not closed ones.
    let (start, during) = (0..2, 2..4);
    for frames in [start, during] {
        let mut unseen = capture(&steps);
        for frame in frames {
            evidence(&mut unseen, frame).lids = None;
        }
        assert!(!met(&unseen));
    }
    // The eyes of a turned head look narrower.
    let mut turned = capture(&steps);
    for frame in 2..4 {
        evidence(&mut turned, frame).face.pose.yaw = 25.0;
    }
    assert!(!met(&turned));
}

#[test]
fn coming_closer_and_staying_there_is_one_step() {
    let closer = Some(MoveCloser);
    let frames = [None, None, closer, closer, closer, None, None, None];
    // Once is not twice.
    assert!(verdict(&[MoveCloser], &observe(&frames)).live.is_ok());
    let twice = verdict(&[MoveCloser, MoveCloser], &observe(&frames));
    assert_eq!(twice.live.unwrap_err(), [LivenessReason::StepNotMet]);
}

#[test]
fn the_same_step_twice_needs_the_way_back() {
    let left = Some(TurnLeft);
    let held = observe(&[None, None, left, left, left, left, left, None]);
    let once = verdict(&[TurnLeft, TurnLeft], &held);
    assert_eq!(once.live.unwrap_err(), [LivenessReason::StepNotMet]);
    let twice = [TurnLeft, TurnLeft, TurnRight];
    assert!(verdict(&twice, &capture(&twice)).live.is_ok());
}

#[test]
fn motions_that_were_not_asked_for_are_refused() {
    let cases = [
        (vec![LookUp, TurnLeft, TurnRight], LivenessReason::StepsOutOfOrder),
        (vec![TurnLeft, TurnRight, LookUp], LivenessReason::StepsOutOfOrder),
        (vec![TurnLeft, LookUp, TurnRight, LookUp], LivenessReason::UnexpectedMotion),
        (vec![TurnLeft, LookUp], LivenessReason::StepNotMet),
        (vec![], LivenessReason::StepNotMet),
    ];
    for (performed, reason) in cases {
        let found = reasons(&capture(&performed));
        assert!(found.contains(&reason), "{performed:?}: {found:?}");
    }
    // Everything there is, in every order, meets nothing.
    let everything = [TurnRight, TurnLeft, LookUp, TurnRight, TurnLeft, LookUp, TurnRight];
    assert!(!reasons(&capture(&everything)).is_empty());
    let steps = [TurnLeft, TurnRight, TurnLeft];
    let extra = verdict(&steps, &capture(&[LookUp, TurnLeft, TurnRight, TurnLeft]));
    assert_eq!(extra.live.unwrap_err(), [LivenessReason::UnexpectedMotion]);
}

#[test]
fn what_people_do_by_the_way_is_passed_over() {
    let performed = [TurnLeft, Blink, LookUp, MoveCloser, TurnRight];
    assert_eq!(reasons(&capture(&performed)), []);
}

#[test]
fn a_step_that_comes_too_late_is_not_met() {
    let mut late = capture(&STEPS);
    // From the second step on, everything happens seven seconds later.
    for frame in late.frames.iter_mut().skip(4) {
        frame.t_ms += 7_000;
    }
    let verdict = verdict(&STEPS, &late);
    assert_eq!(verdict.steps, [true, false, false]);
    assert_eq!(verdict.live.unwrap_err(), [LivenessReason::StepTooLate]);
}

#[test]
fn the_head_must_be_straight_at_the_start() {
    let mut turned = capture(&STEPS);
    for frame in 0..2 {
        evidence(&mut turned, frame).face.pose.yaw = 40.0;
    }
    assert_eq!(reasons(&turned), [LivenessReason::NotStraightAtStart]);
}

#[test]
fn a_head_that_was_bowed_and_comes_up_has_not_looked_up() {
    let bow = |observation: &mut Observation| {
        for frame in 0..2 {
            evidence(observation, frame).face.pose.pitch -= 15.0;
        }
    };
    // It meets no step, and is no motion that was not asked for.
    let mut bowed = capture(&[TurnLeft, TurnRight]);
    bow(&mut bowed);
    let up = verdict(&[LookUp, TurnLeft, TurnRight], &bowed);
    assert_eq!(up.steps, [false; 3]);
    assert!(up.live.is_err());
    assert!(verdict(&[TurnLeft, TurnRight], &bowed).live.is_ok());
    // A look upwards from there is measured against the later position of the head.
    let mut performed = capture(&STEPS);
    bow(&mut performed);
    assert_eq!(reasons(&performed), []);
    // Looking up for long is still looking up.
    let up = Some(LookUp);
    let long = observe(&[None, None, up, up, up, up, None, Some(TurnLeft), None]);
    assert!(verdict(&[LookUp, TurnLeft], &long).live.is_ok());
}

#[test]
fn nobody_is_called_an_attack_whose_face_was_never_looked_at() {
    let mut unseen = capture(&STEPS);
    for frame in &mut unseen.frames {
        frame.subject = Err(CaptureProblem::Quality(vec![QualityReason::FaceTooSmall]));
        frame.relief = None;
    }
    let verdict = verdict(&STEPS, &unseen);
    let reasons = verdict.live.unwrap_err();
    assert!(reasons.contains(&QualityReason::FaceTooSmall.into()), "{reasons:?}");
    assert!(!reasons.contains(&LivenessReason::PresentationAttack), "{reasons:?}");
    assert!(!verdict.pad_bona_fide);
    let passive = passive::reasons(&unseen, &LivenessPolicy::DEFAULT);
    assert!(!passive.contains(&LivenessReason::PresentationAttack), "{passive:?}");
    assert_eq!(passive::pad_score(&unseen), None);
}

#[test]
fn a_turn_without_depth_is_a_picture_of_one() {
    let mut card = capture(&STEPS);
    for frame in &mut card.frames {
        frame.relief = Some(Relief { turn: 0.1, depth: 0.02 });
    }
    assert_eq!(reasons(&card), [LivenessReason::FlatMotion]);
    // One flat turn among real ones is enough, and so is one that was not measured.
    let mut one = capture(&STEPS);
    one.frames[2].relief = Some(Relief { turn: 0.1, depth: 0.02 });
    assert_eq!(reasons(&one), [LivenessReason::FlatMotion]);
    one.frames[2].relief = None;
    assert_eq!(reasons(&one), [LivenessReason::FlatMotion]);
}

#[test]
fn who_never_turned_has_not_moved_like_a_picture() {
    // Swaying, coming nearer, tilting the head to a shoulder, holding still: no other side is seen.
    assert_eq!(reasons(&capture(&[])), [LivenessReason::StepNotMet]);
    // Turning too little shows another side, and depth with it.
    let mut little = observe(&[None; 10]);
    for frame in 4..7 {
        little.frames[frame].relief = Some(Relief { turn: 0.07, depth: 0.045 });
    }
    assert_eq!(reasons(&little), [LivenessReason::StepNotMet]);
}

#[test]
fn a_photo_that_is_tilted_is_flat_and_meets_nothing() {
    let mut tilted = observe(&[None; 10]);
    for frame in 4..7 {
        tilted.frames[frame].relief = Some(Relief { turn: 0.07, depth: 0.03 });
    }
    assert_eq!(reasons(&tilted), [LivenessReason::StepNotMet, LivenessReason::FlatMotion]);
    // Moved about without a tilt it is refused, but nothing tells it from a person who does that.
    assert_eq!(reasons(&capture(&[])), [LivenessReason::StepNotMet]);
}

#[test]
fn a_background_that_moves_with_the_face_is_refused() {
    let flow = |dx, dy| Some(Flow { dx, dy, points: 40 });
    let mut held_up = capture(&STEPS);
    for transition in &mut held_up.transitions {
        (transition.face, transition.background) = (flow(0.2, 0.0), flow(0.19, 0.01));
    }
    assert_eq!(reasons(&held_up), [LivenessReason::MovesWithBackground]);
    // A phone in a shaking hand: now and then both move, but the head turns before it.
    let mut selfie = capture(&STEPS);
    for (index, transition) in selfie.transitions.iter_mut().enumerate() {
        let background = if index % 3 == 0 { flow(0.2, 0.0) } else { flow(0.0, 0.02) };
        (transition.face, transition.background) = (flow(0.2, 0.0), background);
    }
    assert_eq!(reasons(&selfie), []);
}

#[test]
fn stills_and_loops_are_told_apart() {
    let mut frozen = capture(&STEPS);
    for index in 0..3 {
        frozen.transitions[index].change = 0.1;
    }
    for recurrence in &mut frozen.recurrences {
        recurrence.difference = 0.1;
    }
    assert_eq!(reasons(&frozen), [LivenessReason::FrozenFrames]);
    let mut looped = capture(&STEPS);
    for recurrence in looped.recurrences.iter_mut().take(3) {
        recurrence.difference = 0.1;
    }
    assert_eq!(reasons(&looped), [LivenessReason::LoopedFrames]);
}

#[test]
fn somebody_else_halfway_is_noticed() {
    let mut swapped = capture(&STEPS);
    for frame in 5..10 {
        evidence(&mut swapped, frame).whole = Some(whole(&[0.1, 1.0]));
    }
    assert_eq!(reasons(&swapped), [LivenessReason::IdentityChanged]);
    // Also when only the turned frames show somebody else.
    let mut borrowed = capture(&STEPS);
    for frame in [2, 4, 6] {
        evidence(&mut borrowed, frame).whole = Some(whole(&[-0.2, 1.0]));
    }
    assert_eq!(reasons(&borrowed), [LivenessReason::IdentityChanged]);
}

#[test]
fn a_cut_is_noticed_where_there_is_background() {
    let mut cut = capture(&STEPS);
    cut.transitions[4].background_change = Some(0.9);
    assert_eq!(reasons(&cut), [LivenessReason::SceneCut]);
    cut.transitions[4].background_change = None;
    assert_eq!(reasons(&cut), []);
}

#[test]
fn a_presentation_attack_is_refused_where_the_policy_says_so() {
    let mut attack = capture(&STEPS);
    for frame in 0..attack.frames.len() {
        evidence(&mut attack, frame).pad = scored(0.1);
    }
    let verdict = verdict(&STEPS, &attack);
    assert!(!verdict.pad_bona_fide);
    assert_eq!(verdict.live.unwrap_err(), [LivenessReason::PresentationAttack]);
    let challenge = Challenge::from_steps(STEPS.to_vec());
    let recorded = judge(&challenge, &attack, NOW, PadMode::Record, &LivenessPolicy::DEFAULT);
    assert!(recorded.live.is_ok() && !recorded.pad_bona_fide);
}

#[test]
fn captures_that_cannot_be_an_answer_are_refused() {
    let challenge = Challenge::from_steps(STEPS.to_vec());
    let refuse = |circumstances| {
        judge(
            &challenge,
            &capture(&STEPS),
            circumstances,
            PadMode::Enforce,
            &LivenessPolicy::DEFAULT,
        )
        .live
        .unwrap_err()
    };
    let young = Circumstances { elapsed: TimeDelta::seconds(1), ..NOW };
    assert_eq!(refuse(young), [LivenessReason::RecordedBeforeSession]);
    assert_eq!(refuse(Circumstances { replayed: 1, ..NOW }), [LivenessReason::ReplayedFrames]);
}

#[test]
fn a_face_may_be_lost_once_and_others_never_join() {
    let lost = |frames: &[usize], problem: CaptureProblem| {
        let mut capture = capture(&STEPS);
        for frame in frames {
            capture.frames[*frame].subject = Err(problem.clone());
        }
        reasons(&capture)
    };
    let nobody = CaptureProblem::Subject(SubjectError::NoFace);
    assert_eq!(lost(&[3], nobody.clone()), []);
    assert!(lost(&[3, 5], nobody.clone()).contains(&SubjectError::NoFace.into()));
    assert!(lost(&[2, 3], nobody).contains(&SubjectError::NoFace.into()));
    let two = CaptureProblem::Subject(SubjectError::MultipleFaces);
    assert_eq!(lost(&[3], two), [LivenessReason::Subject(SubjectError::MultipleFaces)]);
    let dark = CaptureProblem::Quality(vec![QualityReason::TooDark]);
    assert!(lost(&[1, 3, 5], dark).contains(&QualityReason::TooDark.into()));
}

#[test]
fn a_capture_without_a_usable_frontal_frame_names_nobody() {
    let mut blurred = capture(&STEPS);
    for frame in 0..blurred.frames.len() {
        evidence(&mut blurred, frame).face.reasons = vec![QualityReason::Blurred];
    }
    assert_eq!(reasons(&blurred), [LivenessReason::NoFrontalFrame]);
}

#[test]
fn nothing_at_all_is_refused() {
    let empty = Observation {
        stage: Stage::Whole,
        frames: Vec::new(),
        transitions: Vec::new(),
        recurrences: Vec::new(),
    };
    assert!(!reasons(&empty).is_empty());
}

proptest! {
    #[test]
    fn only_the_asked_order_is_live(
        asked in prop::sample::subsequence(vec![TurnLeft, TurnRight, LookUp, TurnLeft, LookUp], 3),
        done in prop::collection::vec(
            prop::sample::select(vec![TurnLeft, TurnRight, LookUp, Blink, MoveCloser]), 0..6,
        ),
    ) {
        let verdict = verdict(&asked, &capture(&done));
        // What counts of `done`. Blinking, coming closer and repeating a met step do not count,
        // unless the challenge asks for them.
        let mut counted: Vec<Action> = Vec::new();
        for action in done.iter().copied().filter(|action| action.rotates()) {
            if asked.get(counted.len()) == Some(&action) || counted.last() != Some(&action) {
                counted.push(action);
            }
        }
        if verdict.live.is_ok() {
            prop_assert!(counted.starts_with(&asked));
        }
        if counted == asked {
            prop_assert!(verdict.live.is_ok(), "{:?}", verdict.live.err());
        }
    }

    #[test]
    fn a_stricter_limit_never_lets_more_through(
        pad in 0.0f32..1.0, depth in 0.0f32..0.3, likeness in -1.0f32..1.0, raise in 0.0f32..0.5,
    ) {
        let mut observation = capture(&STEPS);
        for frame in 0..observation.frames.len() {
            let face = evidence(&mut observation, frame);
            face.pad = scored(pad);
            if frame == 2 {
                face.whole = Some(whole(&[likeness, 1.0]));
            }
            observation.frames[frame].relief =
                Some(Relief { turn: depth, depth });
        }
        let live = |policy: &LivenessPolicy| {
            let challenge = Challenge::from_steps(STEPS.to_vec());
            judge(&challenge, &observation, NOW, PadMode::Enforce, policy).live.is_ok()
        };
        let policy = LivenessPolicy::DEFAULT;
        let stricter = LivenessPolicy {
            min_mean_pad: policy.min_mean_pad + raise,
            min_depth: policy.min_depth + raise,
            min_identity_turned: policy.min_identity_turned + raise,
            ..policy
        };
        prop_assert!(live(&policy) || !live(&stricter));
    }
}
