//! Why a capture is refused, in figures: what each rule that needs no challenge saw, and what each frame
//! showed. For the operator to whom somebody says "it refuses me"; nothing here decides.

use super::evidence::{FrameObservation, Observation, Relief, Stage};
use super::identity::{self, Likeness, Scores};
use super::joint;
use super::judge::Tilt;
use super::pad::PadRange;
use super::passive;
use super::policy::LivenessPolicy;
use super::reason::LivenessReason;
use super::steps::{Seen, Start};
use crate::evidence::CaptureProblem;
use crate::geometry::Pose;

/// A figure that a rule compares with a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Share of the frames without a usable face, 0 to 1. Two neighbours refuse as well, and so does a
    /// second person in any frame.
    MissedFrames,
    /// Yaw at the start, in degrees from straight ahead.
    StartYaw,
    /// Pitch at the start, in degrees from straight ahead.
    StartPitch,
    /// Frontal frames without a fault, from which the person is taken.
    FrontalFrames,
    /// Least comparison score of two near frontal frames.
    SamePersonFrontal,
    /// Least comparison score of a turned frame and the person.
    SamePersonTurned,
    /// Mean PAD score over all frames, 0 to 1.
    Pad,
    /// Transitions in which the picture stays the same.
    Frozen,
    /// Frames that show an earlier frame again.
    Recurring,
    /// Most that the background changes from one frame to the next, 0 to 1.
    BackgroundChange,
    /// Transitions in which face and background move as one. Refuses only when these are more than
    /// half of those in which the face moves.
    JointMotion,
    /// Depth as a share of the turn, in the frames that are seen most from the side.
    Depth,
}

/// On which side of its limit a figure may lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// This or more.
    AtLeast(f32),
    /// This or less.
    AtMost(f32),
}

/// What one rule says.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// What it measured; `None` when there was nothing to measure.
    pub measured: Option<f32>,
    /// What it may be.
    pub limit: Limit,
    /// Why it refuses; empty when it does not.
    pub reasons: Vec<LivenessReason>,
}

/// What one frame showed.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameFinding {
    /// When it was taken, in milliseconds.
    pub t_ms: u32,
    /// Whether it has a subject that can be judged.
    pub usable: bool,
    /// What is wrong with it, in the words of the API. A usable frame may have what is tolerated in
    /// motion.
    pub faults: Vec<&'static str>,
    /// Degrees relative to the start.
    pub pose: Option<Pose>,
    /// Compared with the most frontal frame.
    pub relief: Option<Relief>,
    /// The PAD score.
    pub pad: Option<PadRange>,
    /// How like the person it is.
    pub likeness: Option<Likeness>,
}

/// Why a capture is refused, or that it is not.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Every frame, in order.
    pub frames: Vec<FrameFinding>,
    /// Every rule.
    pub findings: Vec<Finding>,
}

impl Explanation {
    /// Every reason, in the order of [`LivenessReason::all`].
    #[must_use]
    pub fn reasons(&self) -> Vec<LivenessReason> {
        let mut reasons: Vec<LivenessReason> =
            self.findings.iter().flat_map(|finding| finding.reasons.clone()).collect();
        reasons.sort_unstable();
        reasons.dedup();
        reasons
    }
}

/// Explains `observation` by the rules that need no challenge. It says most about an observation of
/// everything: what no model has looked at is missing.
#[must_use]
pub fn explain(observation: &Observation, policy: &LivenessPolicy) -> Explanation {
    let seen = Seen::all(&observation.frames);
    let start = Start::measured(&seen, policy);
    let scores = start.map(|start| identity::scores(&seen, &start, policy));
    let mut findings = vec![Finding {
        rule: Rule::MissedFrames,
        measured: Some(passive::missed(observation)),
        limit: Limit::AtMost(policy.max_missed),
        reasons: passive::unusable_frames(observation, policy),
    }];
    if let (Some(start), Some(scores)) = (&start, &scores) {
        findings.extend(of_start(start, policy));
        findings.extend(of_person(&seen, start, scores, policy));
    }
    findings.extend(of_pictures(observation, &seen, policy));
    findings.push(of_depth(observation, policy));
    Explanation { frames: frames(observation, &seen, start.as_ref(), scores), findings }
}

fn frames(
    observation: &Observation,
    seen: &[Seen<'_>],
    start: Option<&Start>,
    scores: Option<Scores>,
) -> Vec<FrameFinding> {
    let mut frames: Vec<FrameFinding> =
        observation.frames.iter().map(|frame| of_frame(frame, start)).collect();
    for (seen, likeness) in seen.iter().zip(scores.into_iter().flat_map(|s| s.likenesses)) {
        frames[seen.index].likeness = likeness;
    }
    frames
}

fn of_frame(frame: &FrameObservation, start: Option<&Start>) -> FrameFinding {
    let sight = frame.subject.as_ref();
    let faults = match sight {
        Ok(sight) => sight.face.reasons.iter().map(|reason| reason.as_str()).collect(),
        Err(CaptureProblem::Subject(problem)) => vec![problem.as_str()],
        Err(CaptureProblem::Quality(reasons)) => reasons.iter().map(|r| r.as_str()).collect(),
    };
    let sight = sight.ok();
    FrameFinding {
        t_ms: frame.t_ms,
        usable: sight.is_some(),
        faults,
        pose: sight.zip(start).map(|(sight, start)| Pose {
            yaw: start.yaw(sight),
            pitch: start.pitch(sight),
            roll: sight.face.pose.roll - start.roll,
        }),
        relief: frame.relief,
        pad: sight.map(|sight| sight.pad),
        likeness: None,
    }
}

fn finding(
    rule: Rule,
    measured: Option<f32>,
    limit: Limit,
    reason: Option<LivenessReason>,
) -> Finding {
    Finding { rule, measured, limit, reasons: reason.into_iter().collect() }
}

fn of_start(start: &Start, policy: &LivenessPolicy) -> [Finding; 2] {
    [
        (Rule::StartYaw, start.yaw, policy.max_start_yaw),
        (Rule::StartPitch, start.pitch, policy.max_start_pitch),
    ]
    .map(|(rule, degrees, most)| {
        let degrees = degrees.abs();
        let turned = (degrees > most).then_some(LivenessReason::NotStraightAtStart);
        finding(rule, Some(degrees), Limit::AtMost(most), turned)
    })
}

fn of_person(
    seen: &[Seen<'_>],
    start: &Start,
    scores: &Scores,
    policy: &LivenessPolicy,
) -> [Finding; 3] {
    // Of a head that is turned too far at the start, the verdict asks nothing more.
    let straight = Start::of(seen, policy).is_ok();
    let refused = identity::identity(seen, start, Stage::Whole, policy).err().filter(|_| straight);
    let because = |reason| refused.filter(|refused| *refused == reason);
    let (frontal, turned) = (policy.min_identity_frontal, policy.min_identity_turned);
    let changed = |score: Option<f32>, least: f32| {
        because(LivenessReason::IdentityChanged).filter(|_| score.is_none_or(|s| s < least))
    };
    [
        finding(
            Rule::FrontalFrames,
            Some(scores.usable as f32),
            Limit::AtLeast(1.0),
            because(LivenessReason::NoFrontalFrame),
        ),
        finding(
            Rule::SamePersonFrontal,
            scores.frontal,
            Limit::AtLeast(frontal),
            changed(scores.frontal, frontal),
        ),
        finding(
            Rule::SamePersonTurned,
            scores.turned,
            Limit::AtLeast(turned),
            changed(scores.turned, turned),
        ),
    ]
}

fn of_pictures(
    observation: &Observation,
    seen: &[Seen<'_>],
    policy: &LivenessPolicy,
) -> [Finding; 5] {
    use LivenessReason as Reason;
    let reasons = passive::reasons(observation, policy);
    let because = |reason: Reason| reasons.contains(&reason).then_some(reason);
    let least_joint = policy.joint_transitions.saturating_sub(1) as f32;
    let mean = passive::pad_score(observation).filter(|_| !seen.is_empty());
    let count = |count: usize| Some(count as f32);
    [
        finding(
            Rule::Pad,
            mean,
            Limit::AtLeast(policy.min_mean_pad),
            because(Reason::PresentationAttack),
        ),
        finding(
            Rule::Frozen,
            count(passive::frozen(observation, policy)),
            Limit::AtMost(policy.max_frozen as f32),
            because(Reason::FrozenFrames),
        ),
        finding(
            Rule::Recurring,
            count(passive::recurring(observation, policy)),
            Limit::AtMost(policy.max_recurring as f32),
            because(Reason::LoopedFrames),
        ),
        finding(
            Rule::BackgroundChange,
            passive::background_change(observation),
            Limit::AtMost(policy.max_background_change),
            because(Reason::SceneCut),
        ),
        finding(
            Rule::JointMotion,
            count(joint::joint(&observation.transitions, policy).together),
            Limit::AtMost(least_joint),
            because(Reason::MovesWithBackground),
        ),
    ]
}

/// Something that was turned without showing depth. A face that hardly turned shows neither.
fn of_depth(observation: &Observation, policy: &LivenessPolicy) -> Finding {
    let tilt = Tilt::of(observation).filter(|tilt| tilt.turn >= policy.min_tilt);
    let flat = tilt.as_ref().is_some_and(|tilt| tilt.is_flat(policy));
    finding(
        Rule::Depth,
        tilt.map(|tilt| tilt.depth_share),
        Limit::AtLeast(policy.max_flat_depth),
        flat.then_some(LivenessReason::FlatMotion),
    )
}

#[cfg(test)]
mod tests {
    use super::super::evidence::Flow;
    use super::super::judge::{Circumstances, judge};
    use super::super::judge_tests::{capture, evidence, observe, scored, whole};
    use super::*;
    use crate::challenge::Action::{LookUp, TurnLeft};
    use crate::challenge::Challenge;
    use crate::policy::PadMode;
    use crate::quality::QualityReason;
    use crate::subject::SubjectError;

    const POLICY: LivenessPolicy = LivenessPolicy::DEFAULT;

    fn explained(observation: &Observation) -> Explanation {
        explain(observation, &POLICY)
    }

    fn measured(explanation: &Explanation, rule: Rule) -> Option<f32> {
        explanation.findings.iter().find(|finding| finding.rule == rule)?.measured
    }

    /// Captures that every rule refuses in turn.
    fn captures() -> Vec<Observation> {
        let still = || observe(&[None; 10]);
        let mut all = vec![still(), capture(&[TurnLeft, LookUp])];
        let mut change = |with: &dyn Fn(&mut Observation)| {
            let mut observation = still();
            with(&mut observation);
            all.push(observation);
        };
        change(&|o| (0..10).for_each(|i| evidence(o, i).pad = scored(0.1)));
        change(&|o| evidence(o, 6).whole = Some(whole(&[0.1, 1.0])));
        change(&|o| o.frames[3].subject = Err(SubjectError::MultipleFaces.into()));
        change(&|o| {
            o.frames.iter_mut().for_each(|f| f.subject = Err(SubjectError::NoFace.into()));
        });
        change(&|o| o.transitions[4].background_change = Some(0.9));
        change(&|o| o.transitions[..3].iter_mut().for_each(|t| t.change = 0.1));
        change(&|o| o.recurrences[..3].iter_mut().for_each(|r| r.difference = 0.1));
        change(&|o| (0..10).for_each(|i| evidence(o, i).face.pose.yaw += 40.0));
        change(&|o| {
            (0..10).for_each(|i| evidence(o, i).face.reasons = vec![QualityReason::Blurred])
        });
        change(&|o| {
            let flow = Some(Flow { dx: 0.2, dy: 0.0, points: 40 });
            o.transitions.iter_mut().for_each(|t| (t.face, t.background) = (flow, flow));
        });
        all
    }

    #[test]
    fn it_refuses_what_the_verdict_refuses_without_a_challenge() {
        let circumstances = Circumstances { elapsed: chrono::TimeDelta::seconds(60), replayed: 0 };
        let nothing = Challenge::from_steps(Vec::new());
        let mut refused = 0;
        for observation in captures() {
            let verdict = judge(&nothing, &observation, circumstances, PadMode::Enforce, &POLICY);
            let mut expected = verdict.live.err().unwrap_or_default();
            expected.retain(|reason| *reason != LivenessReason::UnexpectedMotion);
            refused += usize::from(!expected.is_empty());
            let explanation = explained(&observation);
            assert_eq!(explanation.reasons(), expected);
            assert_eq!(explanation.frames.len(), observation.frames.len());
        }
        assert_eq!(refused, 10);
    }

    #[test]
    fn figures_are_those_that_decide() {
        let mut turned = capture(&[TurnLeft]);
        evidence(&mut turned, 1).face.reasons = vec![QualityReason::Blurred];
        turned.frames[5].subject = Err(SubjectError::NoFace.into());
        let explanation = explained(&turned);
        let frames = &explanation.frames;
        let furthest = frames.iter().filter_map(|frame| frame.pose).map(|pose| pose.yaw);
        assert_eq!(furthest.fold(0.0, f32::max), 30.0, "relative to the start");
        assert_eq!(frames[1].faults, ["blurred"]);
        assert!(frames[1].usable && !frames[5].usable && frames[5].pose.is_none());
        assert_eq!(frames[5].faults, ["no_face"]);
        assert_eq!(frames[0].likeness.and_then(|l| l.whole).map(f32::round), Some(1.0));
        let share = measured(&explanation, Rule::MissedFrames).unwrap();
        assert!((share - 1.0 / frames.len() as f32).abs() < 1e-6);
        assert!(measured(&explanation, Rule::Pad).unwrap() > POLICY.min_mean_pad);
        // Who has not turned is told nothing about depth.
        let still = explained(&observe(&[None; 10]));
        assert_eq!(measured(&still, Rule::Depth), None);
        assert_eq!(still.reasons(), []);
    }

    #[test]
    fn nothing_is_explained_too() {
        let empty = Observation {
            stage: Stage::Whole,
            frames: Vec::new(),
            transitions: Vec::new(),
            recurrences: Vec::new(),
        };
        let explanation = explained(&empty);
        assert!(explanation.frames.is_empty());
        assert_eq!(measured(&explanation, Rule::StartYaw), None);
    }
}
