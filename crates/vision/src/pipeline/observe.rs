//! A liveness capture to evidence: every frame through the pipeline, then all of them
//! against each other.

use faceauth_domain::analyzer::Keep;
use faceauth_domain::decision::CaptureSettlement;
use faceauth_domain::evidence::CaptureProblem;
use faceauth_domain::face::Face;
use faceauth_domain::liveness::evidence::{
    First, FrameObservation, Observation, Sight, Stage, Whole,
};
use faceauth_domain::liveness::identity;
use faceauth_domain::liveness::pad::{self, PadRange};
use faceauth_domain::liveness::policy::LivenessPolicy;
use faceauth_domain::subject;
use faceauth_telemetry::label;
use faceauth_telemetry::stage::measured;
use opencv::core::Mat;
use opencv::prelude::*;
use zeroize::Zeroize as _;

use super::evidence::{beside, known};
use super::{Located, Pipeline};
use crate::embed::{Embedded, FirstPart};
use crate::error::VisionError;
use crate::face_image;
use crate::frame::Frame;
use crate::landmarks::DenseLandmarks;
use crate::motion::{self, Trace};
use crate::pad::PadInHand;

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
        let mut observer = Observer::new(self, keep, scrutiny, frames.size_hint().1);
        for frame in frames {
            let (t_ms, frame) = frame?;
            observer.see(t_ms, &frame)?;
        }
        Ok(observer.finish()?)
    }
}

/// Collects a capture frame by frame. The pixels are dropped as soon as a frame has been measured.
/// A grey picture of at most 320 pixels a side stays for the comparison at the end, and so do the
/// faces, where they are to be kept.
struct Observer<'a> {
    pipeline: &'a mut Pipeline,
    keep: Keep,
    scrutiny: &'a Scrutiny,
    /// How many frames there are, where that is known from the start.
    count: Option<usize>,
    /// Height in pixels of the largest face in the last frame.
    height: Option<f32>,
    frames: Vec<FrameObservation>,
    traces: Vec<Trace>,
    /// For each frame with a subject, what the models that may still look at it need.
    left: Vec<Option<Left>>,
}

/// What is left of a frame for models that look at it later, if at all.
struct Left {
    /// For the matcher.
    aligned: Mat,
    /// What its first stage has made of it.
    first: Option<FirstPart>,
    /// For the previous matcher.
    previous: Option<Mat>,
    /// For the PAD models that have not looked.
    pad: PadInHand,
}

impl Drop for Left {
    /// A face is recognisable in a crop: leave none in freed memory.
    fn drop(&mut self) {
        for crop in [Some(&mut self.aligned), self.previous.as_mut()].into_iter().flatten() {
            if let Ok(bytes) = crop.data_bytes_mut() {
                bytes.zeroize();
            }
        }
    }
}

impl<'a> Observer<'a> {
    fn new(
        pipeline: &'a mut Pipeline,
        keep: Keep,
        scrutiny: &'a Scrutiny,
        count: Option<usize>,
    ) -> Self {
        let (frames, traces, left) = (Vec::new(), Vec::new(), Vec::new());
        Self { pipeline, keep, scrutiny, count, height: None, frames, traces, left }
    }

    /// Looks at the next frame.
    fn see(&mut self, t_ms: u32, frame: &Frame) -> Result<(), VisionError> {
        let mut located = match self.height {
            Some(height) => self.pipeline.locate_next(frame, height)?,
            None => self.pipeline.locate_all(frame)?,
        };
        let faces: Vec<Face> = located.iter().map(|l| l.face.clone()).collect();
        let (subject, points) = match subject::select_subject(&faces) {
            Err(problem) => (Err(problem.into()), None),
            Ok(index) => {
                let found = located.swap_remove(index);
                let points = found.points;
                let broken: Vec<_> = found
                    .face
                    .reasons
                    .iter()
                    .copied()
                    .filter(|reason| !reason.tolerated_in_motion())
                    .collect();
                let subject = if broken.is_empty() {
                    self.subject(frame, found)?
                } else {
                    Err(CaptureProblem::Quality(broken))
                };
                (subject, Some(points))
            }
        };
        let face = faces.first().map(|face| face.bounding_box);
        self.height = face.map(|face| face.height);
        self.traces.push(Trace::new(frame, face, points)?);
        let (subject, left) = match subject {
            Ok((sight, left)) => (Ok(sight), Some(left)),
            Err(problem) => (Err(problem), None),
        };
        self.frames.push(FrameObservation { t_ms, subject, relief: None });
        self.left.push(left);
        Ok(())
    }

    /// What the subject of every frame is asked, and what is left for later.
    fn subject(
        &mut self,
        frame: &Frame,
        subject: Located,
    ) -> Result<Result<(Sight, Left), CaptureProblem>, VisionError> {
        let judged = self.pad_is_open();
        let scrutiny = self.scrutiny;
        let Pipeline { pad, embedder, quality, .. } = &mut *self.pipeline;
        let Located { face, points, aligned } = subject;
        let mut in_hand = measured(label::Stage::Pad, || pad.hold(frame, &face.bounding_box))?;
        let mut first_stage = || measured(label::Stage::Embed, || embedder.first_stage(&aligned));
        let first = if judged {
            let look = || {
                while pad.range(&in_hand).width() > scrutiny.leaves_open() {
                    measured(label::Stage::Pad, || pad.go_on(&mut in_hand))?;
                }
                Ok(())
            };
            let ((), first) = beside(look, first_stage)?;
            first
        } else {
            first_stage()?
        };
        let range = if judged { pad.range(&in_hand) } else { PadRange::unknown() };
        let face = match &first {
            Some(first) => match known(&face, first.embedded.likeness, &quality.enrolment) {
                Ok(face) => face,
                Err(problem) => return Ok(Err(problem)),
            },
            None => face,
        };
        let image = match self.keep {
            Keep::Nothing => None,
            Keep::FaceImage => Some(face_image::cut(frame, &face.bounding_box)?),
        };
        let previous = self.pipeline.previous_crop(frame, &face.landmarks)?;
        let lids =
            if scrutiny.looks_at_lids() { self.pipeline.lids(frame, &points)? } else { None };
        let sight = Sight {
            face,
            first: first.as_ref().map(|first| First {
                embedding: first.embedded.embedding.clone(),
                sure: first.sure,
            }),
            whole: None,
            lids,
            pad: range,
            image,
        };
        Ok(Ok((sight, Left { aligned, first, previous, pad: in_hand })))
    }

    /// Lets the whole matcher look at frames until the verdict on identity is certain.
    fn finish_identity(&mut self) -> Result<(), VisionError> {
        loop {
            let wanted = match &self.scrutiny {
                Scrutiny::Verdict { policy, .. } => identity::wanted(&self.frames, policy),
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
        (0..self.frames.len()).filter(|index| lacks(&self.frames[*index])).collect()
    }

    /// Lets the whole matcher look at one frame. It may find that it does not know the face, as in
    /// [`Pipeline::subject_evidence`].
    fn look_wholly(&mut self, index: usize) -> Result<(), VisionError> {
        let frame = &mut self.frames[index].subject;
        let (Ok(sight), Some(left)) = (frame.as_mut(), &mut self.left[index]) else {
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

    /// Whether PAD has to look at the next frame.
    fn pad_is_open(&self) -> bool {
        let (Scrutiny::Verdict { policy, .. }, Some(count)) = (&self.scrutiny, self.count) else {
            return true;
        };
        let to_come = count.saturating_sub(self.frames.len());
        pad::bona_fide(&self.pad_ranges(), to_come, policy.min_mean_pad).is_none()
    }

    fn pad_ranges(&self) -> Vec<PadRange> {
        let sights = self.frames.iter().filter_map(|frame| frame.subject.as_ref().ok());
        sights.map(|sight| sight.pad).collect()
    }

    /// Lets the other PAD models look at frames, the least certain one first, until the verdict is
    /// certain. It may no longer be: the matcher has taken out frames that it does not know.
    fn finish_pad(&mut self) -> Result<(), VisionError> {
        let Scrutiny::Verdict { policy, .. } = &self.scrutiny else { return Ok(()) };
        while pad::bona_fide(&self.pad_ranges(), 0, policy.min_mean_pad).is_none() {
            let open = self.frames.iter_mut().zip(&mut self.left).filter_map(|(frame, left)| {
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
        let transitions = motion::transitions(&self.traces)?;
        let recurrences = motion::recurrences(&self.traces)?;
        self.finish_pad()?;
        self.measure_relief()?;
        let frames = std::mem::take(&mut self.frames);
        let observation = Observation { stage: Stage::First, frames, transitions, recurrences };
        if self.scrutiny.settled(&observation) {
            return Ok(observation);
        }
        self.frames = observation.frames;
        self.finish_identity()?;
        self.finish_pad()?;
        self.measure_relief()?;
        Ok(Observation { stage: Stage::Whole, frames: self.frames, ..observation })
    }

    /// How each face lies compared with the most frontal one. The matcher may take out frames: then
    /// ask again.
    fn measure_relief(&mut self) -> Result<(), VisionError> {
        if let Some(frontal) = self.frontal() {
            for (frame, trace) in self.frames.iter_mut().zip(&self.traces) {
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
            .frames
            .iter()
            .zip(&self.traces)
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
