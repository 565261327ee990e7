//! Pictures, screens, loops and cuts.

use chrono::TimeDelta;

use super::{NOW, STEPS, capture, evidence, observe, reasons, scored, verdict};
use crate::challenge::Challenge;
use crate::evidence::CaptureProblem;
use crate::liveness::evidence::{Flow, Relief};
use crate::liveness::judge::{Circumstances, judge};
use crate::liveness::passive;
use crate::liveness::policy::LivenessPolicy;
use crate::liveness::reason::LivenessReason;
use crate::policy::PadMode;
use crate::quality::QualityReason;

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
