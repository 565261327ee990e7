//! Who is seen, and whether it is one person.

use super::{STEPS, capture, evidence, reasons, whole};
use crate::evidence::CaptureProblem;
use crate::liveness::evidence::{Observation, Stage};
use crate::liveness::reason::LivenessReason;
use crate::quality::QualityReason;
use crate::subject::SubjectError;

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
