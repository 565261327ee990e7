//! What the scripted analyzer measures on a liveness capture.

use faceauth_domain::analyzer::{AnalyzerUnavailable, CaptureNeeds, ObserveProblem};
use faceauth_domain::challenge::Action;
use faceauth_domain::evidence::Evidence;
use faceauth_domain::face::Face;
use faceauth_domain::liveness::capture::TimedImage;
use faceauth_domain::liveness::evidence::{
    First, FrameObservation, Observation, Recurrence, Relief, Sight, Stage, Transition, Whole,
};
use faceauth_domain::liveness::pad::PadRange;

use super::picture::subject;
use super::shows::action;
use super::{Models, first_part};

pub(super) fn observe(
    models: &Models,
    frames: &[TimedImage],
    needs: &CaptureNeeds,
) -> Result<Result<Observation, ObserveProblem>, AnalyzerUnavailable> {
    let mut seen = Vec::new();
    for (index, frame) in frames.iter().enumerate() {
        let subject = match subject(models, &frame.image, needs.keep)? {
            Ok(subject) => subject,
            Err(problem) => return Ok(Err(ObserveProblem::Frame { index, problem })),
        };
        let action = action(&frame.image);
        let subject = subject.map(|mut evidence| {
            perform(&mut evidence.face, action);
            sight(evidence, needs.lids.then(|| lids(action)))
        });
        let turned = action.is_some_and(Action::rotates);
        let depth = if turned { 0.2 } else { 0.01 };
        let relief = subject.is_ok().then_some(Relief { turn: depth, depth });
        seen.push(FrameObservation { t_ms: frame.t_ms, subject, relief });
    }
    // A camera's noise: no two frames are the same picture.
    let difference = 5.0;
    let transition = Transition {
        change: difference,
        background_change: Some(0.05),
        face: None,
        background: None,
    };
    let recurrences =
        (2..seen.len()).map(|frame| Recurrence { frame, earlier: 0, difference }).collect();
    let transitions = vec![transition; seen.len().saturating_sub(1)];
    let whole = Observation { stage: Stage::Whole, frames: seen, transitions, recurrences };
    let first = by_first_stage(&whole);
    Ok(Ok(if needs.settlement.is_met(&first) { first } else { whole }))
}

/// What is seen before the whole matcher has looked.
fn by_first_stage(whole: &Observation) -> Observation {
    let mut first = Observation { stage: Stage::First, ..whole.clone() };
    for sight in first.frames.iter_mut().filter_map(|frame| frame.subject.as_mut().ok()) {
        sight.whole = None;
    }
    first
}

/// How far the lids are open in the middle of `action`.
fn lids(action: Option<Action>) -> f32 {
    if action == Some(Action::Blink) { 0.03 } else { 0.1 }
}

fn sight(evidence: Evidence, lids: Option<f32>) -> Sight {
    let Evidence { face, embedding, previous, pad, image } = evidence;
    let first = Some(First { embedding: first_part(&embedding), sure: true });
    let whole = Some(Whole { embedding, previous });
    Sight { face, first, whole, lids, pad: PadRange::exactly(pad), image }
}

/// Moves the face as somebody in the middle of `action` does.
fn perform(face: &mut Face, action: Option<Action>) {
    match action {
        None | Some(Action::Blink) => {}
        // Their own left is the right of the image.
        Some(Action::TurnLeft) => face.pose.yaw = 30.0,
        Some(Action::TurnRight) => face.pose.yaw = -30.0,
        Some(Action::LookUp) => face.pose.pitch = 20.0,
        Some(Action::MoveCloser) => face.bounding_box.height *= 1.4,
    }
}
