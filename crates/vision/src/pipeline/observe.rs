//! A liveness capture to evidence: every frame through the pipeline, then all of them
//! against each other.

use faceauth_domain::analyzer::Keep;
use faceauth_domain::evidence::{CaptureProblem, Evidence};
use faceauth_domain::face::Face;
use faceauth_domain::liveness::evidence::{FrameObservation, Observation};
use faceauth_domain::subject;

use super::Pipeline;
use crate::error::VisionError;
use crate::frame::Frame;
use crate::landmarks::DenseLandmarks;
use crate::motion::{self, Trace};

/// How much further than in the most frontal frame, in degrees of yaw and pitch together, a
/// head may be turned in the frame that the others are compared with.
const FRONTAL_RANGE: f32 = 10.0;

impl Pipeline {
    /// Observes frames that are decoded one at a time, each with its time in milliseconds.
    ///
    /// # Errors
    /// The first error of `frames`, or [`VisionError`] when native code fails.
    pub fn observe<E: From<VisionError>>(
        &mut self,
        frames: impl IntoIterator<Item = Result<(u32, Frame), E>>,
        keep: Keep,
    ) -> Result<Observation, E> {
        let mut observer = Observer::new(self, keep);
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
    frames: Vec<FrameObservation>,
    traces: Vec<Trace>,
}

impl<'a> Observer<'a> {
    fn new(pipeline: &'a mut Pipeline, keep: Keep) -> Self {
        Self { pipeline, keep, frames: Vec::new(), traces: Vec::new() }
    }

    /// Looks at the next frame.
    fn see(&mut self, t_ms: u32, frame: &Frame) -> Result<(), VisionError> {
        let located = self.pipeline.locate_all(frame)?;
        let faces: Vec<Face> = located.iter().map(|l| l.face.clone()).collect();
        let (subject, points) = match subject::select_subject(&faces) {
            Err(problem) => (Err(problem.into()), None),
            Ok(index) => {
                let found = &located[index];
                let broken: Vec<_> = found
                    .face
                    .reasons
                    .iter()
                    .copied()
                    .filter(|reason| !reason.tolerated_in_motion())
                    .collect();
                let subject = if broken.is_empty() {
                    let limits = self.pipeline.enrolment();
                    self.pipeline.subject_evidence(frame, found, self.keep, &limits)?
                } else {
                    Err(CaptureProblem::Quality(broken))
                };
                (subject, Some(found.points))
            }
        };
        let face = faces.first().map(|face| face.bounding_box);
        self.traces.push(Trace::new(frame, face, points)?);
        self.frames.push(FrameObservation { t_ms, subject, relief: None });
        Ok(())
    }

    /// Compares the frames with each other.
    fn finish(mut self) -> Result<Observation, VisionError> {
        if let Some(frontal) = self.frontal() {
            for (frame, trace) in self.frames.iter_mut().zip(&self.traces) {
                if let (Ok(_), Some(points)) = (&frame.subject, trace.points()) {
                    frame.relief = Some(motion::relief(&frontal, points)?);
                }
            }
        }
        Ok(Observation {
            transitions: motion::transitions(&self.traces)?,
            recurrences: motion::recurrences(&self.traces)?,
            frames: self.frames,
        })
    }

    /// The landmarks of the frame that the others are compared with. Among the most frontal frames,
    /// it is the one whose face is most similar to all others. The single most frontal frame could
    /// show a hand before the mouth.
    fn frontal(&self) -> Option<DenseLandmarks> {
        let seen: Vec<(&Evidence, &DenseLandmarks)> = self
            .frames
            .iter()
            .zip(&self.traces)
            .filter_map(|(frame, trace)| Some((frame.subject.as_ref().ok()?, trace.points()?)))
            .collect();
        let turned = |evidence: &Evidence| {
            let pose = evidence.face.pose;
            pose.yaw.abs() + pose.pitch.abs()
        };
        let least = seen.iter().map(|(e, _)| turned(e)).min_by(f32::total_cmp)?;
        let likeness = |evidence: &Evidence| -> f32 {
            seen.iter()
                .filter_map(|(other, _)| evidence.embedding.compare(&other.embedding).ok())
                .map(|score| score.value())
                .sum()
        };
        seen.iter()
            .filter(|(evidence, _)| turned(evidence) <= least + FRONTAL_RANGE)
            .map(|(evidence, points)| (likeness(evidence), **points))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, points)| points)
    }
}
