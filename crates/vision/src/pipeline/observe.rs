//! A liveness capture to evidence: every frame through the pipeline, then all of them
//! against each other.

mod certain;
mod first_stage;
mod in_hand;
mod watch;

use faceauth_domain::analyzer::Keep;
use faceauth_domain::decision::CaptureSettlement;
use faceauth_domain::liveness::evidence::{FrameObservation, Observation, Sight, Stage, Whole};
use faceauth_domain::liveness::identity;
use faceauth_domain::liveness::pad;
use faceauth_domain::liveness::policy::LivenessPolicy;
use faceauth_telemetry::label;
use faceauth_telemetry::stage::measured;

use super::Pipeline;
use super::evidence::known;
use crate::embed::Embedded;
use crate::error::VisionError;
use crate::frame::Frame;
use crate::landmarks::DenseLandmarks;
use crate::motion;

use in_hand::Watched;
use watch::{Models, Watch};

pub use in_hand::CaptureInHand;

/// How much further than in the most frontal frame, in degrees of yaw and pitch together, a
/// head may be turned in the frame that the others are compared with.
const FRONTAL_RANGE: f32 = 10.0;

/// The next PAD model looks at a frame at once while the ones before it leave more than this open.
/// Below, looking at the next frame says more.
const UNCERTAIN: f32 = 0.25;

/// What is looked at in a capture.
#[derive(Debug, Clone)]
pub enum Scrutiny {
    /// What the verdict by these limits needs, which is what the service does.
    Verdict {
        /// The limits.
        policy: LivenessPolicy,
        /// Whether a step asks for closed eyes.
        lids: bool,
        /// What spares the person the whole matcher.
        settlement: CaptureSettlement,
    },
    /// Every frame with every model: for measurements.
    Everything,
}

impl Scrutiny {
    /// How much of a frame's PAD score the models that have not looked may leave open at first.
    fn leaves_open(&self) -> f32 {
        match self {
            Self::Verdict { .. } => UNCERTAIN,
            Self::Everything => 0.0,
        }
    }

    /// Whether the whole matcher need not look.
    fn settled(&self, observation: &Observation) -> bool {
        matches!(self, Self::Verdict { settlement, .. } if settlement.is_met(observation))
    }

    /// Whether the model of an eye looks.
    fn looks_at_lids(&self) -> bool {
        matches!(self, Self::Everything | Self::Verdict { lids: true, .. })
    }
}

impl Pipeline {
    /// Observes frames that are decoded one at a time, each with its time in milliseconds.
    ///
    /// # Errors
    /// The first error of `frames`, or [`VisionError`] when native code fails.
    pub fn observe<E: From<VisionError>>(
        &mut self,
        frames: impl IntoIterator<Item = Result<(u32, Frame), E>>,
        keep: Keep,
        scrutiny: &Scrutiny,
    ) -> Result<Observation, E> {
        let frames = frames.into_iter();
        let mut in_hand = CaptureInHand::new(keep, frames.size_hint().1);
        self.look(&mut in_hand, frames, scrutiny)?;
        Ok(self.conclude(in_hand, scrutiny)?)
    }

    /// Looks at the next frames of a capture, as [`Self::observe`]. What the verdict may need of
    /// them is then in hand.
    ///
    /// # Errors
    /// The first error of `frames`, or [`VisionError`] when native code fails. The capture is then of
    /// no use any more.
    pub fn look<E: From<VisionError>>(
        &mut self,
        in_hand: &mut CaptureInHand,
        frames: impl IntoIterator<Item = Result<(u32, Frame), E>>,
        scrutiny: &Scrutiny,
    ) -> Result<(), E> {
        let Self { finder, pad, eyes, previous, embedder, .. } = self;
        let models = Models { finder, pad, eyes: eyes.as_mut(), previous: previous.as_ref() };
        let mut watch = Watch { models, scrutiny, in_hand };
        let ((), matched) = first_stage::beside(embedder, |crops| {
            for frame in frames {
                let (t_ms, frame) = frame?;
                watch.see(t_ms, &frame, crops)?;
            }
            Ok::<_, E>(())
        })?;
        in_hand.matched.extend(matched);
        Ok(())
    }

    /// What was seen in a capture, when every frame has been looked at.
    ///
    /// # Errors
    /// [`VisionError`] when native code fails.
    pub fn conclude(
        &mut self,
        mut in_hand: CaptureInHand,
        scrutiny: &Scrutiny,
    ) -> Result<Observation, VisionError> {
        let count = in_hand.looked_at();
        in_hand.seen.look_until_certain(&mut self.pad, scrutiny, Some(count))?;
        let seen = in_hand.watched(&self.quality.enrolment);
        Observer { pipeline: self, scrutiny, seen }.finish()
    }
}

/// Lets the models look that the verdict still needs when every frame was seen.
struct Observer<'a> {
    pipeline: &'a mut Pipeline,
    scrutiny: &'a Scrutiny,
    seen: Watched,
}

impl Observer<'_> {
    /// Lets the whole matcher look at frames until the verdict on identity is certain.
    fn finish_identity(&mut self) -> Result<(), VisionError> {
        loop {
            let wanted = match &self.scrutiny {
                Scrutiny::Verdict { policy, .. } => identity::wanted(&self.seen.frames, policy),
                Scrutiny::Everything => self.without_whole(),
            };
            if wanted.is_empty() {
                return Ok(());
            }
            for index in wanted {
                self.look_wholly(index)?;
            }
        }
    }

    /// The frames with a subject at which the whole matcher has not looked.
    fn without_whole(&self) -> Vec<usize> {
        let lacks = |frame: &FrameObservation| {
            frame.subject.as_ref().is_ok_and(|sight| sight.whole.is_none())
        };
        (0..self.seen.frames.len()).filter(|index| lacks(&self.seen.frames[*index])).collect()
    }

    /// Lets the whole matcher look at one frame. It may find that it does not know the face, as in
    /// [`Pipeline::subject_evidence`].
    fn look_wholly(&mut self, index: usize) -> Result<(), VisionError> {
        let frame = &mut self.seen.frames[index].subject;
        let (Ok(sight), Some(left)) = (frame.as_mut(), &mut self.seen.left[index]) else {
            return Ok(());
        };
        let embedder = &mut self.pipeline.embedder;
        let Embedded { embedding, likeness } = match left.first.take() {
            Some(first) => {
                measured(label::Stage::Embed, || embedder.embed_rest(&left.aligned, first))?
            }
            None => measured(label::Stage::Embed, || embedder.embed(&left.aligned))?,
        };
        let previous = match &left.previous {
            Some(crop) => self.pipeline.embed_previous(crop)?,
            None => None,
        };
        match known(&sight.face, likeness, &self.pipeline.quality.enrolment) {
            Ok(face) => {
                sight.face = face;
                sight.whole = Some(Whole { embedding, previous });
            }
            Err(problem) => *frame = Err(problem),
        }
        Ok(())
    }

    /// Lets the other PAD models look at frames, the least certain one first, until the verdict is
    /// certain. It may no longer be: the matcher has taken out frames that it does not know.
    fn finish_pad(&mut self) -> Result<(), VisionError> {
        let Scrutiny::Verdict { policy, .. } = &self.scrutiny else { return Ok(()) };
        while pad::bona_fide(&self.seen.pad_ranges(), 0, policy.min_mean_pad).is_none() {
            let open =
                self.seen.frames.iter_mut().zip(&mut self.seen.left).filter_map(|(frame, left)| {
                    let (sight, left) = (frame.subject.as_mut().ok()?, left.as_mut()?);
                    (sight.pad.width() > 0.0).then_some((sight, &mut left.pad))
                });
            let widest = open.max_by(|(a, _), (b, _)| a.pad.width().total_cmp(&b.pad.width()));
            // Without a frame left, no verdict is certain, and the capture is refused.
            let Some((sight, in_hand)) = widest else { return Ok(()) };
            measured(label::Stage::Pad, || self.pipeline.pad.go_on(in_hand))?;
            sight.pad = self.pipeline.pad.range(in_hand);
        }
        Ok(())
    }

    /// Compares the frames with each other, and lets the models look that the verdict still needs.
    fn finish(mut self) -> Result<Observation, VisionError> {
        let recurrences = motion::recurrences(&self.seen.traces)?;
        self.finish_pad()?;
        self.measure_relief()?;
        let frames = std::mem::take(&mut self.seen.frames);
        let transitions = std::mem::take(&mut self.seen.transitions);
        let observation = Observation { stage: Stage::First, frames, transitions, recurrences };
        if self.scrutiny.settled(&observation) {
            return Ok(observation);
        }
        self.seen.frames = observation.frames;
        self.finish_identity()?;
        self.finish_pad()?;
        self.measure_relief()?;
        Ok(Observation { stage: Stage::Whole, frames: self.seen.frames, ..observation })
    }

    /// How each face lies compared with the most frontal one. The matcher may take out frames: then
    /// ask again.
    fn measure_relief(&mut self) -> Result<(), VisionError> {
        if let Some(frontal) = self.frontal() {
            for (frame, trace) in self.seen.frames.iter_mut().zip(&self.seen.traces) {
                if let (Ok(_), Some(points)) = (&frame.subject, trace.points()) {
                    frame.relief = Some(motion::relief(&frontal, points)?);
                }
            }
        }
        Ok(())
    }

    /// The landmarks of the frame that the others are compared with. Among the most frontal frames,
    /// it is the one whose face is most similar to all others. The single most frontal frame could
    /// show a hand before the mouth.
    fn frontal(&self) -> Option<DenseLandmarks> {
        let seen: Vec<(&Sight, &DenseLandmarks)> = self
            .seen
            .frames
            .iter()
            .zip(&self.seen.traces)
            .filter_map(|(frame, trace)| Some((frame.subject.as_ref().ok()?, trace.points()?)))
            .collect();
        let turned = |sight: &Sight| {
            let pose = sight.face.pose;
            pose.yaw.abs() + pose.pitch.abs()
        };
        let least = seen.iter().map(|(sight, _)| turned(sight)).min_by(f32::total_cmp)?;
        let likeness = |sight: &Sight| -> f32 {
            seen.iter().filter_map(|(other, _)| similarity(sight, other)).sum()
        };
        seen.iter()
            .filter(|(sight, _)| turned(sight) <= least + FRONTAL_RANGE)
            .map(|(sight, points)| (likeness(sight), **points))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, points)| points)
    }
}

/// How similar two faces are: to the first stage of the matcher, or to the whole one when it has no
/// stages.
fn similarity(a: &Sight, b: &Sight) -> Option<f32> {
    let whole = |sight: &'_ Sight| sight.whole.as_ref().map(|whole| whole.embedding.clone());
    let first = |sight: &'_ Sight| sight.first.as_ref().map(|first| first.embedding.clone());
    let pair = first(a).zip(first(b)).or_else(|| whole(a).zip(whole(b)));
    pair.and_then(|(a, b)| a.compare(&b).ok()).map(|score| score.value())
}
