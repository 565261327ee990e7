//! Steps: what is asked for, done and passed over.

use super::{STEPS, capture, evidence, observe, person, reasons, verdict};
use crate::assurance::Assurance;
use crate::challenge::Action::{Blink, LookUp, MoveCloser, TurnLeft, TurnRight};
use crate::liveness::evidence::Observation;
use crate::liveness::reason::LivenessReason;

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
