//! Which motions a capture shows, and whether they are those that were asked for.

use crate::challenge::{Action, STEP_WITHIN_MS};
use crate::subject::SubjectError;

use super::evidence::{FrameObservation, Sight};
use super::policy::LivenessPolicy;
use super::reason::LivenessReason;

/// Milliseconds from the first frame in which the person still looks straight, because nobody
/// reacts sooner. Later movements of the head are measured against this position.
const START_MS: u32 = 300;

/// Least frames of the start: a single one may be a bad estimate.
const START_FRAMES: usize = 2;

/// Milliseconds for which eyes must be shut, in every frame and so in two at least. A blink in
/// passing takes 100 to 400, and one frame may be a bad estimate.
const CLOSED_EYES_MS: u32 = 400;

/// The start counts as bowed when this share of the frames without a turn is higher than the start.
/// A person who performs three steps looks up in less than half of the frames.
const BOWED_SHARE: f32 = 0.6;

/// A frame with a subject.
pub(super) struct Seen<'a> {
    /// Its place among all frames.
    pub index: usize,
    pub t_ms: u32,
    pub evidence: &'a Sight,
}

impl<'a> Seen<'a> {
    /// Those of `frames` that have one.
    pub fn all(frames: &'a [FrameObservation]) -> Vec<Self> {
        frames
            .iter()
            .enumerate()
            .filter_map(|(index, frame)| {
                let evidence = frame.subject.as_ref().ok()?;
                Some(Self { index, t_ms: frame.t_ms, evidence })
            })
            .collect()
    }
}

/// How the person is at the start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Start {
    pub yaw: f32,
    pub pitch: f32,
    pub roll: f32,
    pub height: f32,
    /// Opening of the lids; `None` where it was not measured.
    pub lids: Option<f32>,
}

impl Start {
    /// The median of the frames at the start; a head that is bowed there alone counts as straight.
    ///
    /// # Errors
    /// [`LivenessReason::NotStraightAtStart`] when the head is turned too far to judge the rest.
    pub fn of(frames: &[Seen<'_>], policy: &LivenessPolicy) -> Result<Self, LivenessReason> {
        let start =
            Self::measured(frames, policy).ok_or(LivenessReason::Subject(SubjectError::NoFace))?;
        let straight =
            start.yaw.abs() <= policy.max_start_yaw && start.pitch.abs() <= policy.max_start_pitch;
        if straight { Ok(start) } else { Err(LivenessReason::NotStraightAtStart) }
    }

    /// The same, however far the head is turned; `None` without frames.
    pub fn measured(frames: &[Seen<'_>], policy: &LivenessPolicy) -> Option<Self> {
        let first = frames.first()?.t_ms;
        let early = frames.iter().take_while(|f| f.t_ms - first <= START_MS).count();
        let all = frames;
        let frames = &frames[..early.max(START_FRAMES).min(frames.len())];
        let median = |value: fn(&Sight) -> f32| {
            middle(frames.iter().map(|frame| value(frame.evidence)).collect())
        };
        let lids: Option<Vec<f32>> = frames.iter().map(|frame| frame.evidence.lids).collect();
        let start = Self {
            yaw: median(|e| e.face.pose.yaw),
            pitch: median(|e| e.face.pose.pitch),
            roll: median(|e| e.face.pose.roll),
            height: median(|e| e.face.bounding_box.height),
            lids: lids.map(middle),
        };
        Some(Self { pitch: start.neutral_pitch(all, policy), ..start })
    }

    /// The pitch at which the head is held straight. This is the pitch of the start, with one
    /// exception: nearly all later frames without a turn are higher than the end of a look upwards.
    /// Then the person had bowed the head at the start, over the keyboard for example, and has come
    /// up. A person who looks up on purpose does not stay there for most of a capture.
    fn neutral_pitch(&self, frames: &[Seen<'_>], policy: &LivenessPolicy) -> f32 {
        let ahead = policy.release * policy.turn_yaw;
        let mut pitches: Vec<f32> = frames
            .iter()
            .filter(|frame| self.yaw(frame.evidence).abs() < ahead)
            .map(|frame| frame.evidence.face.pose.pitch)
            .collect();
        let raised = self.pitch + policy.release * policy.look_up_pitch;
        let above = pitches.iter().filter(|pitch| **pitch >= raised).count();
        if above as f32 <= BOWED_SHARE * pitches.len() as f32 {
            return self.pitch;
        }
        pitches.sort_by(f32::total_cmp);
        pitches.get(pitches.len() / 2).copied().unwrap_or(self.pitch)
    }

    /// Yaw of a frame, relative to the start.
    pub fn yaw(&self, evidence: &Sight) -> f32 {
        evidence.face.pose.yaw - self.yaw
    }

    /// Pitch of a frame, relative to the start.
    pub fn pitch(&self, evidence: &Sight) -> f32 {
        evidence.face.pose.pitch - self.pitch
    }

    /// Whether the head is neither turned nor raised as far as a step asks.
    fn straight(&self, evidence: &Sight, policy: &LivenessPolicy) -> bool {
        self.yaw(evidence).abs() < policy.turn_yaw
            && self.pitch(evidence).abs() < policy.look_up_pitch
    }

    /// Whether a frame is near frontal.
    pub fn frontal(&self, evidence: &Sight, policy: &LivenessPolicy) -> bool {
        self.yaw(evidence).abs() <= policy.frontal_yaw
            && self.pitch(evidence).abs() <= policy.frontal_pitch
    }
}

/// The median of at least one value.
fn middle(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    f32::midpoint(values[(values.len() - 1) / 2], values[values.len() / 2])
}

/// A motion that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Motion {
    pub action: Action,
    /// When it was clear what it is.
    pub t_ms: u32,
    /// The frame in which it went furthest.
    pub peak: usize,
}

/// Follows the head through the frames and names its motions, in order.
///
/// A motion begins when it passes its limit. It ends when it has gone most of the way back, or when
/// another motion begins. So wobbling in between does not count twice.
pub(super) fn motions(frames: &[Seen<'_>], start: &Start, policy: &LivenessPolicy) -> Vec<Motion> {
    let mut motions: Vec<Motion> = Vec::new();
    let mut current: Option<(Action, f32)> = None;
    let mut height = start.height;
    let mut shut_since = None;
    for frame in frames {
        let shut = shut(frame.evidence, start, policy);
        shut_since = (shut >= 1.0).then(|| shut_since.unwrap_or(frame.t_ms));
        let held = shut_since.is_some_and(|since| frame.t_ms - since >= CLOSED_EYES_MS);
        let held_shut = if held { shut } else { 0.0 };
        let extents = extents(frame.evidence, start, height, held_shut, policy);
        // A motion holds until it has gone back below the release.
        if let Some((action, furthest)) = current {
            let extent = extents.iter().find(|(a, _)| *a == action).map_or(0.0, |(_, e)| *e);
            if extent < policy.release {
                current = None;
            } else if extent > furthest {
                current = Some((action, extent));
                if let Some(motion) = motions.last_mut() {
                    motion.peak = frame.index;
                }
            }
        }
        if current.is_some() {
            continue;
        }
        let strongest = extents.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((action, extent)) = strongest
            && extent >= 1.0
        {
            motions.push(Motion { action, t_ms: frame.t_ms, peak: frame.index });
            if action == Action::MoveCloser {
                // The person stays there: closer than this is what counts from now on.
                height = frame.evidence.face.bounding_box.height;
            } else {
                current = Some((action, extent));
            }
        }
    }
    motions
}

/// How far the eyes are shut in a frame; at 1 they count as closed. The eyes of turned heads have
/// other shapes, so there they count as open.
fn shut(evidence: &Sight, start: &Start, policy: &LivenessPolicy) -> f32 {
    match (evidence.lids, start.lids) {
        (Some(now), Some(open)) if start.straight(evidence, policy) => {
            (1.0 - now / open.max(f32::EPSILON)) / (1.0 - policy.closed_eyes_ratio)
        }
        _ => 0.0,
    }
}

/// How far each motion has gone in a frame; at 1 it counts. `shut` is how far the eyes have been
/// held shut.
fn extents(
    evidence: &Sight,
    start: &Start,
    height: f32,
    shut: f32,
    policy: &LivenessPolicy,
) -> [(Action, f32); 5] {
    let yaw = start.yaw(evidence) / policy.turn_yaw;
    let pitch = start.pitch(evidence) / policy.look_up_pitch;
    let growth = evidence.face.bounding_box.height / height.max(f32::EPSILON) - 1.0;
    let closer = growth / (policy.closer_ratio - 1.0);
    [
        // A person who turns to their own left faces the right of the image.
        (Action::TurnLeft, yaw),
        (Action::TurnRight, -yaw),
        // Landmarks of a turned head give a pitch that is not there.
        (Action::LookUp, if yaw.abs() < 1.0 { pitch } else { 0.0 }),
        (Action::Blink, shut),
        // The boxes of turned heads have other shapes.
        (Action::MoveCloser, if start.straight(evidence, policy) { closer } else { 0.0 }),
    ]
}

/// How the motions compare with the steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Performance {
    /// For each step the frame of its peak, if it was met in order and in time.
    pub met: Vec<Option<usize>>,
    pub reasons: Vec<LivenessReason>,
}

/// Compares `motions` with `steps`, which begin at `first_ms`.
///
/// Every motion must be the next step. Otherwise a person who performs every possible motion would
/// meet any challenge. Motions that people make without noticing are ignored: blinking, coming a
/// little closer, and repeating the last step.
pub(super) fn perform(steps: &[Action], motions: &[Motion], first_ms: u32) -> Performance {
    let mut met: Vec<Option<usize>> = vec![None; steps.len()];
    let mut reasons = Vec::new();
    let mut next = 0;
    let mut since = first_ms;
    for motion in motions {
        if steps.get(next) == Some(&motion.action) {
            if motion.t_ms - since > STEP_WITHIN_MS {
                reasons.push(LivenessReason::StepTooLate);
                break;
            }
            met[next] = Some(motion.peak);
            since = motion.t_ms;
            next += 1;
        } else if next > 0 && steps[next - 1] == motion.action {
            // The same once more, or a wobble on the way back.
        } else if matches!(motion.action, Action::Blink | Action::MoveCloser) {
            // Not asked for now, and what people do by the way.
        } else if steps.contains(&motion.action) && next < steps.len() {
            reasons.push(LivenessReason::StepsOutOfOrder);
            break;
        } else {
            reasons.push(LivenessReason::UnexpectedMotion);
            break;
        }
    }
    if reasons.is_empty() && next < steps.len() {
        reasons.push(LivenessReason::StepNotMet);
    }
    Performance { met, reasons }
}
