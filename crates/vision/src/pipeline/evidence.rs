//! What only the subject of a picture is asked: who it is, and whether it looks bona fide.

use std::panic::resume_unwind;
use std::thread::{self, ScopedJoinHandle};

use faceauth_domain::analyzer::Keep;
use faceauth_domain::embedding::Embedding;
use faceauth_domain::evidence::{CaptureProblem, Evidence, PadScore};
use faceauth_domain::face::Face;
use faceauth_domain::geometry::FiveLandmarks;
use faceauth_domain::quality::{QualityMeasures, QualityPolicy};
use faceauth_telemetry::label::Stage;
use faceauth_telemetry::stage::measured;
use opencv::core::Mat;
use tracing::Span;

use super::Pipeline;
use super::finder::Located;
use crate::embed::{Embedded, Embedder};
use crate::error::VisionError;
use crate::frame::Frame;
use crate::landmarks::DenseLandmarks;
use crate::{align, face_image};

impl Pipeline {
    /// What only the subject is asked: who it is and whether it looks bona fide. There is no answer
    /// for a face that the matcher does not know by `limits`.
    pub(super) fn subject_evidence(
        &mut self,
        frame: &Frame,
        subject: &Located,
        keep: Keep,
        limits: &QualityPolicy,
    ) -> Result<Result<Evidence, CaptureProblem>, VisionError> {
        let Self { pad, embedder, .. } = self;
        let bounding_box = &subject.face.bounding_box;
        let (pad, Embedded { embedding, likeness }) = beside(
            || measured(Stage::Pad, || pad.score(frame, bounding_box)),
            || measured(Stage::Embed, || embedder.embed(&subject.aligned)),
        )?;
        let face = match known(&subject.face, likeness, limits) {
            Ok(face) => face,
            Err(problem) => return Ok(Err(problem)),
        };
        let previous = self.previous(frame, &subject.face.landmarks)?;
        let image = match keep {
            Keep::Nothing => None,
            Keep::FaceImage => Some(face_image::cut(frame, &subject.face.bounding_box)?),
        };
        Ok(Ok(Evidence { face, embedding, previous, pad, image }))
    }

    /// The same for a decision: models that could not change it do not run.
    pub(super) fn recognised(
        &mut self,
        frame: &Frame,
        subject: &Located,
        settled: impl FnOnce(&Embedding, PadScore) -> bool,
    ) -> Result<Result<Evidence, CaptureProblem>, VisionError> {
        let Self { pad, embedder, quality, .. } = self;
        let bounding_box = &subject.face.bounding_box;
        let aligned = &subject.aligned;
        let (pad, first) = beside(
            || measured(Stage::Pad, || pad.side(frame, bounding_box)),
            || measured(Stage::Embed, || embedder.first_stage(aligned)),
        )?;
        let Embedded { embedding, likeness } = match first {
            Some(first) if first.sure && settled(&first.embedded.embedding, pad) => {
                let Embedded { embedding, likeness } = first.embedded;
                let face = known(&subject.face, likeness, &quality.sign_in);
                let evidence =
                    |face| Evidence { face, embedding, previous: None, pad, image: None };
                return Ok(face.map(evidence));
            }
            Some(first) => measured(Stage::Embed, || embedder.embed_rest(aligned, first))?,
            None => measured(Stage::Embed, || embedder.embed(aligned))?,
        };
        let face = match known(&subject.face, likeness, &quality.sign_in) {
            Ok(face) => face,
            Err(problem) => return Ok(Err(problem)),
        };
        let previous = self.previous(frame, &subject.face.landmarks)?;
        Ok(Ok(Evidence { face, embedding, previous, pad, image: None }))
    }

    /// How far the lids are open, where the manifest has a model for it.
    pub(super) fn lids(
        &mut self,
        frame: &Frame,
        points: &DenseLandmarks,
    ) -> Result<Option<f32>, VisionError> {
        match &mut self.eyes {
            Some(eyes) => eyes.openness(frame, points),
            None => Ok(None),
        }
    }

    /// The embedding of the previous model, which has an alignment of its own.
    pub(super) fn previous(
        &mut self,
        frame: &Frame,
        landmarks: &FiveLandmarks,
    ) -> Result<Option<Embedding>, VisionError> {
        match previous_crop(self.previous.as_ref(), frame, landmarks)? {
            Some(aligned) => self.embed_previous(&aligned),
            None => Ok(None),
        }
    }

    /// The embedding of the previous model of its crop.
    pub(super) fn embed_previous(
        &mut self,
        aligned: &Mat,
    ) -> Result<Option<Embedding>, VisionError> {
        let Some(embedder) = &mut self.previous else { return Ok(None) };
        Ok(Some(measured(Stage::Embed, || embedder.embed(aligned))?.embedding))
    }
}

/// What the previous model looks at, which has an alignment of its own.
pub(super) fn previous_crop(
    previous: Option<&Embedder>,
    frame: &Frame,
    landmarks: &FiveLandmarks,
) -> Result<Option<Mat>, VisionError> {
    let Some(embedder) = previous else { return Ok(None) };
    let aligned = align::align(frame, landmarks, embedder.template(), embedder.side())?;
    Ok(Some(aligned.unwrap_or_default()))
}

/// `face` with how well the matcher knows it, if that is enough by `limits`.
pub(super) fn known(
    face: &Face,
    likeness: f32,
    limits: &QualityPolicy,
) -> Result<Face, CaptureProblem> {
    seen_more(face, |measures| measures.likeness = Some(likeness), limits)
}

/// `face` with one measure more, which `see` sets, if it is good enough by `limits`. The other limits
/// were judged before.
pub(super) fn seen_more(
    face: &Face,
    see: impl FnOnce(&mut QualityMeasures),
    limits: &QualityPolicy,
) -> Result<Face, CaptureProblem> {
    let mut measures = face.measures;
    see(&mut measures);
    let before = limits.assess(&face.measures);
    let mut reasons = limits.assess(&measures);
    reasons.retain(|reason| !before.contains(reason));
    if reasons.is_empty() {
        Ok(Face { measures, ..face.clone() })
    } else {
        Err(CaptureProblem::Quality(reasons))
    }
}

/// Runs PAD on a thread of its own beside the matcher: neither needs the other, and who waits for a
/// single picture waits a fifth less where a core is free.
pub(super) fn beside<P: Send, M>(
    mut pad: impl FnMut() -> Result<P, VisionError> + Send,
    matcher: impl FnOnce() -> Result<M, VisionError>,
) -> Result<(P, M), VisionError> {
    // A thread begins without the span of the one that starts it.
    let span = Span::current();
    let mut pad = || span.in_scope(&mut pad);
    let (joined, matched) = thread::scope(|scope| {
        let builder = thread::Builder::new().name("pad".to_owned());
        let beside = builder.spawn_scoped(scope, &mut pad).ok();
        let matched = matcher();
        (beside.map(ScopedJoinHandle::join), matched)
    });
    let pad = match joined {
        Some(joined) => joined.unwrap_or_else(|panic| resume_unwind(panic))?,
        // The system gives no thread: one after the other then.
        None => pad()?,
    };
    Ok((pad, matched?))
}
