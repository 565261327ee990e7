//! The liveness decision: a pure function over what was measured.
//!
//! Every rule is a function of its own that names its reasons for refusal. All rules are asked, so
//! that the person learns everything that was wrong. One refusal is enough: rules are not weighed
//! against each other. A value that could not be measured refuses.

use chrono::TimeDelta;

use super::evidence::{Observation, Relief};
use super::identity::{self, Who};
use super::passive;
use super::policy::LivenessPolicy;
use super::reason::LivenessReason;
use super::steps::{self, Performance, Seen, Start};
use crate::assurance::Assurance;
use crate::capture::EncodedImage;
use crate::challenge::Challenge;
use crate::embedding::Embedding;
use crate::policy::PadMode;

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
    let pad_bona_fide = passive::pad_bona_fide(&frames, policy);

    let mut reasons = passive::reasons(observation, policy);
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
            match identity::identity(&frames, &start, observation.stage, policy) {
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

/// The assurance of a performed challenge.
fn assurance(challenge: &Challenge) -> Assurance {
    if challenge.rotates() { Assurance::FaceLiveness } else { Assurance::FaceLivenessReduced }
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
        challenge.rotates() && Tilt::of(observation).is_some_and(|tilt| tilt.is_flat(policy))
    } else {
        // A turn whose depth could not be measured shows none.
        turns.into_iter().any(|i| relief(i).is_none_or(|r| r.depth < policy.min_depth))
    };
    flat.then_some(LivenessReason::FlatMotion)
}

/// How far the face was seen from another side at the most, whatever was asked for.
pub(super) struct Tilt {
    /// The most [`Relief::turn`] of a frame.
    pub turn: f32,
    /// Depth as a share of the turn, over the frames that were turned most.
    pub depth_share: f32,
}

impl Tilt {
    /// `None` when no frame could be compared.
    pub fn of(observation: &Observation) -> Option<Self> {
        let mut reliefs: Vec<Relief> =
            observation.frames.iter().filter_map(|frame| frame.relief).collect();
        reliefs.sort_by(|a, b| b.turn.total_cmp(&a.turn));
        reliefs.truncate(TILTED_FRAMES);
        let length = |measure: fn(&Relief) -> f32| {
            reliefs.iter().map(|relief| measure(relief).powi(2)).sum::<f32>().sqrt()
        };
        let turn = reliefs.first()?.turn;
        let turned = length(|r| r.turn).max(f32::EPSILON);
        Some(Self { turn, depth_share: length(|r| r.depth) / turned })
    }

    /// Whether something was tilted that has no depth.
    pub fn is_flat(&self, policy: &LivenessPolicy) -> bool {
        self.turn >= policy.min_tilt && self.depth_share <= policy.max_flat_depth
    }
}
