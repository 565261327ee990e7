//! The liveness decision: a pure function over what was measured.
//!
//! Every rule is a function of its own that names its reasons for refusal. All rules are asked, so
//! that the person learns everything that was wrong. One refusal is enough: rules are not weighed
//! against each other. A value that could not be measured refuses.

use chrono::TimeDelta;

use super::evidence::{Flow, Observation, Relief};
use super::identity::{self, Who};
use super::pad::{self, PadRange};
use super::policy::LivenessPolicy;
use super::reason::LivenessReason;
use super::steps::{self, Performance, Seen, Start};
use crate::assurance::Assurance;
use crate::capture::EncodedImage;
use crate::challenge::Challenge;
use crate::embedding::Embedding;
use crate::evidence::CaptureProblem;
use crate::policy::PadMode;
use crate::subject::SubjectError;

/// Frames, those seen most from the side, in which a tilted picture is told from a head: in one
/// alone the landmarks may be bad.
const TILTED_FRAMES: usize = 3;

/// What clocks and networks may add to the age of a capture.
const CLOCK_SLACK: TimeDelta = TimeDelta::seconds(1);

/// What is known of a capture beside its pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circumstances {
    /// From handing out the steps to receiving the capture.
    pub elapsed: TimeDelta,
    /// Frames that had been sent before.
    pub replayed: usize,
}

/// The person of a capture that was found live. Exists only for those: it is what a
/// template may be made of and what may be compared with templates.
#[derive(Debug, Clone)]
pub struct LivePerson {
    /// Mean of the most frontal frames' embeddings.
    pub embedding: Embedding,
    /// The same by the previous model, while people move from it to the current one.
    pub previous: Option<Embedding>,
    /// What the challenge has shown.
    pub assurance: Assurance,
    /// The face in the most frontal frame, where a picture of it was asked for.
    pub image: Option<EncodedImage>,
}

/// The outcome of a liveness capture.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The person, or why the capture is refused: at least one reason, in the order of
    /// [`LivenessReason::all`].
    pub live: Result<LivePerson, Vec<LivenessReason>>,
    /// For each step whether it was met in order and in time.
    pub steps: Vec<bool>,
    /// Whether the mean passive PAD score counts as bona fide. The policy may ignore it.
    pub pad_bona_fide: bool,
}

/// Decides whether `observation` shows a living person who performs `challenge`.
#[must_use]
pub fn judge(
    challenge: &Challenge,
    observation: &Observation,
    circumstances: Circumstances,
    mode: PadMode,
    policy: &LivenessPolicy,
) -> Verdict {
    let frames = Seen::all(&observation.frames);
    let pad_bona_fide = pad_bona_fide(&frames, policy);

    let mut reasons = passive(observation, policy);
    if mode == PadMode::Record {
        reasons.retain(|reason| *reason != LivenessReason::PresentationAttack);
    }
    reasons.extend(untimely(observation, circumstances));
    let mut met = vec![None; challenge.steps().len()];
    let mut person = None;
    match Start::of(&frames, policy) {
        Err(reason) => reasons.push(reason),
        Ok(start) => {
            let performance = perform(challenge, &frames, &start, policy);
            reasons.extend(performance.reasons);
            met = performance.met;
            reasons.extend(flat_motion(observation, challenge, &met, policy));
            match identity::identity(&frames, &start, policy) {
                Ok(who) => person = Some(who),
                Err(reason) => reasons.push(reason),
            }
        }
    }
    reasons.sort_unstable();
    reasons.dedup();
    let steps = met.iter().map(Option::is_some).collect();
    let live = match (person, reasons.is_empty()) {
        (Some(Who { embedding, previous, image }), true) => {
            Ok(LivePerson { embedding, previous, assurance: assurance(challenge), image })
        }
        // A missing embedding always has a reason. If that should ever fail, the capture is
        // refused.
        (None, true) => Err(vec![LivenessReason::NoFrontalFrame]),
        (_, false) => Err(reasons),
    };
    Verdict { live, steps, pad_bona_fide }
}

/// The reasons against a capture that do not depend on the challenge. They serve to measure these
/// rules on recordings that answer no challenge.
#[must_use]
pub fn passive(observation: &Observation, policy: &LivenessPolicy) -> Vec<LivenessReason> {
    let frames = Seen::all(&observation.frames);
    let mut reasons = unusable_frames(observation, policy);
    reasons.extend(repeated_pictures(observation, policy));
    reasons.extend(scene_cut(observation, policy));
    reasons.extend(joint_motion(observation, policy));
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

/// The assurance of a performed challenge.
fn assurance(challenge: &Challenge) -> Assurance {
    if challenge.rotates() { Assurance::FaceLiveness } else { Assurance::FaceLivenessReduced }
}

/// Whether the mean PAD score counts as bona fide. What was not looked at far enough to know does
/// not.
fn pad_bona_fide(frames: &[Seen<'_>], policy: &LivenessPolicy) -> bool {
    let ranges: Vec<PadRange> = frames.iter().map(|frame| frame.evidence.pad).collect();
    pad::bona_fide(&ranges, 0, policy.min_mean_pad) == Some(true)
}

/// Frames without a subject. Two people in one frame are one too many; a face that is lost
/// for a moment, or too dark, is not.
fn unusable_frames(observation: &Observation, policy: &LivenessPolicy) -> Vec<LivenessReason> {
    let problems: Vec<LivenessReason> = observation
        .frames
        .iter()
        .filter_map(|frame| match frame.subject.as_ref().err()? {
            CaptureProblem::Subject(problem) => Some((*problem).into()),
            CaptureProblem::Quality(reasons) => reasons.first().map(|r| (*r).into()),
        })
        .collect();
    let missed = problems.len() as f32 / observation.frames.len().max(1) as f32;
    let neighbours = observation
        .frames
        .windows(2)
        .any(|pair| pair[0].subject.is_err() && pair[1].subject.is_err());
    let tolerated = missed <= policy.max_missed && !neighbours;
    problems
        .into_iter()
        .filter(|reason| {
            !tolerated || *reason == LivenessReason::Subject(SubjectError::MultipleFaces)
        })
        .collect()
}

/// Captures that cannot be an answer to these steps.
fn untimely(
    observation: &Observation,
    circumstances: Circumstances,
) -> impl Iterator<Item = LivenessReason> {
    let last = observation.frames.last().map_or(0, |frame| frame.t_ms);
    let early = TimeDelta::milliseconds(i64::from(last)) > circumstances.elapsed + CLOCK_SLACK;
    let replayed = circumstances.replayed > 0;
    [
        early.then_some(LivenessReason::RecordedBeforeSession),
        replayed.then_some(LivenessReason::ReplayedFrames),
    ]
    .into_iter()
    .flatten()
}

/// Stills sent as frames, and pieces sent twice.
fn repeated_pictures(
    observation: &Observation,
    policy: &LivenessPolicy,
) -> impl Iterator<Item = LivenessReason> {
    let same = |difference: f32| difference <= policy.frozen_change;
    let frozen = observation.transitions.iter().filter(|t| same(t.change)).count();
    let recurring = observation.recurrences.iter().filter(|r| same(r.difference)).count();
    let is_frozen = frozen > policy.max_frozen;
    // Every frame of a still recurs as well; it is named once, as what it is.
    let is_looped = !is_frozen && recurring > policy.max_recurring;
    [
        is_frozen.then_some(LivenessReason::FrozenFrames),
        is_looped.then_some(LivenessReason::LoopedFrames),
    ]
    .into_iter()
    .flatten()
}

/// A background that is another one from one frame to the next.
fn scene_cut(observation: &Observation, policy: &LivenessPolicy) -> Option<LivenessReason> {
    observation
        .transitions
        .iter()
        .any(|t| t.background_change.is_some_and(|change| change > policy.max_background_change))
        .then_some(LivenessReason::SceneCut)
}

/// A face that never moves against what is behind it, although both move: a picture that is
/// held into the camera with its own background. A camera in the hand moves both too, but
/// the head turns before it.
fn joint_motion(observation: &Observation, policy: &LivenessPolicy) -> Option<LivenessReason> {
    let length = |flow: &Flow| flow.dx.hypot(flow.dy);
    let compared: Vec<bool> = observation
        .transitions
        .iter()
        .filter_map(|t| Some((t.face?, t.background?)))
        .filter(|(face, _)| length(face) >= policy.min_flow)
        .map(|(face, background)| {
            let apart = (face.dx - background.dx).hypot(face.dy - background.dy);
            apart <= policy.max_joint_flow * length(&face)
        })
        .collect();
    let joint = compared.iter().filter(|joint| **joint).count();
    (joint >= policy.joint_transitions && 2 * joint > compared.len())
        .then_some(LivenessReason::MovesWithBackground)
}

fn perform(
    challenge: &Challenge,
    frames: &[Seen<'_>],
    start: &Start,
    policy: &LivenessPolicy,
) -> Performance {
    let first = frames.first().map_or(0, |frame| frame.t_ms);
    let motions = steps::motions(frames, start, policy);
    steps::perform(challenge.steps(), &motions, first)
}

/// Motion that one homography explains: at the peak of a turn, where a head shows its depth;
/// or, when no turn was met, of what was seen from another side all the same. Who only moves to
/// and fro, nearer, or not at all shows neither: nothing tells such a person from a picture.
fn flat_motion(
    observation: &Observation,
    challenge: &Challenge,
    met: &[Option<usize>],
    policy: &LivenessPolicy,
) -> Option<LivenessReason> {
    let relief = |index: usize| observation.frames.get(index).and_then(|frame| frame.relief);
    let turns: Vec<usize> = challenge
        .steps()
        .iter()
        .zip(met)
        .filter_map(|(action, peak)| if action.rotates() { *peak } else { None })
        .collect();
    let flat = if turns.is_empty() {
        let mut reliefs: Vec<Relief> =
            observation.frames.iter().filter_map(|frame| frame.relief).collect();
        reliefs.sort_by(|a, b| b.turn.total_cmp(&a.turn));
        reliefs.truncate(TILTED_FRAMES);
        let length = |measure: fn(&Relief) -> f32| {
            reliefs.iter().map(|relief| measure(relief).powi(2)).sum::<f32>().sqrt()
        };
        let tilted = reliefs.first().is_some_and(|most| most.turn >= policy.min_tilt)
            && length(|r| r.depth) <= policy.max_flat_depth * length(|r| r.turn);
        challenge.rotates() && tilted
    } else {
        // A turn whose depth could not be measured shows none.
        turns.into_iter().any(|i| relief(i).is_none_or(|r| r.depth < policy.min_depth))
    };
    flat.then_some(LivenessReason::FlatMotion)
}
