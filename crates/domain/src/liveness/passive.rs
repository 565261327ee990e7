//! The rules that need no challenge: whether the frames can be used, whether they are a picture, a loop
//! or a cut, and what passive PAD says.
//!
//! Each count is a function of its own, so that an explanation tells the figure that decided.

use super::evidence::Observation;
use super::joint;
use super::pad::{self, PadRange};
use super::policy::LivenessPolicy;
use super::reason::LivenessReason;
use super::steps::Seen;
use crate::evidence::CaptureProblem;
use crate::subject::SubjectError;

/// The reasons against a capture that do not depend on the challenge. They serve to measure these
/// rules on recordings that answer no challenge.
#[must_use]
pub fn reasons(observation: &Observation, policy: &LivenessPolicy) -> Vec<LivenessReason> {
    let frames = Seen::all(&observation.frames);
    let mut reasons = unusable_frames(observation, policy);
    reasons.extend(repeated_pictures(observation, policy));
    reasons.extend(scene_cut(observation, policy));
    if joint::is_joint(&observation.transitions, 0, policy) == Some(true) {
        reasons.push(LivenessReason::MovesWithBackground);
    }
    // Without a scored frame nothing is known; the frames without a subject refuse the capture.
    if !frames.is_empty() && !pad_bona_fide(&frames, policy) {
        reasons.push(LivenessReason::PresentationAttack);
    }
    reasons
}

/// The PAD score of a whole capture: the mean over the frames with a subject, `None` without one.
/// It is the score itself only of an observation of everything; else models that could not change
/// the verdict have not looked, and it is the middle of what they leave possible.
#[must_use]
pub fn pad_score(observation: &Observation) -> Option<f32> {
    let frames = Seen::all(&observation.frames);
    let sum: f32 = frames.iter().map(|frame| frame.evidence.pad.middle()).sum();
    (!frames.is_empty()).then(|| sum / frames.len() as f32)
}

/// Whether the mean PAD score counts as bona fide. What was not looked at far enough to know does
/// not.
pub(super) fn pad_bona_fide(frames: &[Seen<'_>], policy: &LivenessPolicy) -> bool {
    let ranges: Vec<PadRange> = frames.iter().map(|frame| frame.evidence.pad).collect();
    pad::bona_fide(&ranges, 0, policy.min_mean_pad) == Some(true)
}

/// Frames without a subject. Two people in one frame are one too many; a face that is lost
/// for a moment, or too dark, is not.
pub(super) fn unusable_frames(
    observation: &Observation,
    policy: &LivenessPolicy,
) -> Vec<LivenessReason> {
    let problems: Vec<LivenessReason> = observation
        .frames
        .iter()
        .filter_map(|frame| match frame.subject.as_ref().err()? {
            CaptureProblem::Subject(problem) => Some((*problem).into()),
            CaptureProblem::Quality(reasons) => reasons.first().map(|r| (*r).into()),
        })
        .collect();
    let neighbours = observation
        .frames
        .windows(2)
        .any(|pair| pair[0].subject.is_err() && pair[1].subject.is_err());
    let tolerated = missed(observation) <= policy.max_missed && !neighbours;
    problems
        .into_iter()
        .filter(|reason| {
            !tolerated || *reason == LivenessReason::Subject(SubjectError::MultipleFaces)
        })
        .collect()
}

/// The share of the frames without a subject.
pub(super) fn missed(observation: &Observation) -> f32 {
    let missing = observation.frames.iter().filter(|frame| frame.subject.is_err()).count();
    missing as f32 / observation.frames.len().max(1) as f32
}

/// Stills sent as frames, and pieces sent twice.
fn repeated_pictures(
    observation: &Observation,
    policy: &LivenessPolicy,
) -> impl Iterator<Item = LivenessReason> {
    let is_frozen = frozen(observation, policy) > policy.max_frozen;
    // Every frame of a still recurs as well; it is named once, as what it is.
    let is_looped = !is_frozen && recurring(observation, policy) > policy.max_recurring;
    [
        is_frozen.then_some(LivenessReason::FrozenFrames),
        is_looped.then_some(LivenessReason::LoopedFrames),
    ]
    .into_iter()
    .flatten()
}

/// Transitions in which nothing changes.
pub(super) fn frozen(observation: &Observation, policy: &LivenessPolicy) -> usize {
    observation.transitions.iter().filter(|t| t.change <= policy.frozen_change).count()
}

/// Frames that show an earlier one again.
pub(super) fn recurring(observation: &Observation, policy: &LivenessPolicy) -> usize {
    observation.recurrences.iter().filter(|r| r.difference <= policy.frozen_change).count()
}

/// A background that is another one from one frame to the next.
fn scene_cut(observation: &Observation, policy: &LivenessPolicy) -> Option<LivenessReason> {
    background_change(observation)
        .is_some_and(|change| change > policy.max_background_change)
        .then_some(LivenessReason::SceneCut)
}

/// The most that the background has changed from one frame to the next; `None` where there is too
/// little of it.
pub(super) fn background_change(observation: &Observation) -> Option<f32> {
    observation.transitions.iter().filter_map(|t| t.background_change).max_by(f32::total_cmp)
}
