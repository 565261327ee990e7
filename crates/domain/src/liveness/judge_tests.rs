//! Each rule alone, over evidence made by hand.

mod attacks;
mod identity;
mod properties;
mod steps;

use chrono::TimeDelta;

use super::evidence::{
    FrameObservation, Observation, Recurrence, Relief, Sight, Stage, Transition, Whole,
};
use super::judge::{Circumstances, Verdict, judge};
use super::pad::PadRange;
use super::policy::LivenessPolicy;
use super::reason::LivenessReason;
use crate::challenge::Action::{self, Blink, LookUp, MoveCloser, TurnLeft, TurnRight};
use crate::challenge::Challenge;
use crate::embedding::{Embedding, ModelId};
use crate::evidence::PadScore;
use crate::face::Face;
use crate::geometry::{BoundingBox, FiveLandmarks, Point, Pose};
use crate::policy::PadMode;
use crate::quality::QualityMeasures;

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
