//! The straight line from encoded bytes to evidence.

mod evidence;
mod finder;
mod model_set;
mod observe;

use faceauth_domain::analyzer::{Faces, ImageProblem, Keep, PictureProblem};
use faceauth_domain::capture::{EncodedImage, ImageSize};
use faceauth_domain::embedding::{Embedding, ModelId};
use faceauth_domain::evidence::{CaptureProblem, Evidence, PadScore};
use faceauth_domain::face::Face;
use faceauth_domain::geometry::{BoundingBox, FiveLandmarks};
use faceauth_domain::quality::{QualityPolicies, QualityPolicy};
use faceauth_domain::subject;
use faceauth_telemetry::label::Stage;
use faceauth_telemetry::stage::measured;

use crate::decode;
use crate::detect::{Detected, Detector};
use crate::embed::Embedder;
use crate::error::VisionError;
use crate::eyes::EyeReader;
use crate::frame::{Frame, PixelBuffer};
use crate::halved::Halved;
use crate::landmarks::Landmarker;
use crate::pad::PadDetector;
use crate::session::Runtime;

use evidence::seen_more;
use finder::{Finder, Located};

pub use model_set::ModelSet;
pub use observe::{CaptureInHand, Scrutiny};

/// Every model of one set, ready to run on the thread that owns it.
pub struct Pipeline {
    finder: Finder,
    eyes: Option<EyeReader>,
    embedder: Embedder,
    previous: Option<Embedder>,
    pad: PadDetector,
    quality: QualityPolicies,
    model: ModelId,
    choice: Choice,
    buffer: PixelBuffer,
}

/// Whose face counts when there are several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Choice {
    /// Nobody's, when two could be meant: what the service does.
    #[default]
    OnlyOne,
    /// The one nearest to the middle of the picture: for benchmarks whose pictures are centred on
    /// the person they are labelled with, and for nothing else.
    Central,
}

/// The stages of a [`Pipeline`], borrowed.
pub struct Stages<'a> {
    /// Finds faces.
    pub detector: &'a mut Detector,
    /// Places 68 points.
    pub landmarker: &'a mut Landmarker,
    /// Says how far the lids are open, where the manifest has a model for it.
    pub eyes: Option<&'a mut EyeReader>,
    /// Makes the embedding.
    pub embedder: &'a mut Embedder,
    /// Scores presentation attacks.
    pub pad: &'a mut PadDetector,
}

impl Pipeline {
    /// Builds every session and compares the graphs with the manifest.
    ///
    /// # Errors
    /// [`VisionError`] when a graph is not what the manifest says.
    pub fn new(
        runtime: &Runtime,
        set: &ModelSet,
        quality: QualityPolicies,
        threads: usize,
    ) -> Result<Self, VisionError> {
        let manifest = &set.manifest;
        let previous = match (&manifest.previous_embedding, &set.previous) {
            (Some(model), Some(bytes)) => Some(Embedder::new(runtime, model, bytes, threads)?),
            _ => None,
        };
        let embedder = Embedder::new(runtime, &manifest.embedding, &set.embedding, threads)?;
        Ok(Self {
            previous,
            finder: Finder {
                detector: Detector::new(runtime, &manifest.detection, &set.detection, threads)?,
                landmarker: Landmarker::new(runtime, &manifest.landmarks, &set.landmarks, threads)?,
                template: *embedder.template(),
                side: embedder.side(),
                limits: quality.enrolment,
            },
            eyes: match (&manifest.eyes, &set.eyes) {
                (Some(spec), Some(bytes)) => Some(EyeReader::new(runtime, spec, bytes, threads)?),
                _ => None,
            },
            embedder,
            pad: PadDetector::new(runtime, &manifest.pad, &set.pad, threads)?,
            quality,
            model: manifest.model_id(),
            choice: Choice::default(),
            buffer: PixelBuffer::default(),
        })
    }

    /// Chooses otherwise between several faces.
    #[must_use]
    pub fn choosing(self, choice: Choice) -> Self {
        Self { choice, ..self }
    }

    /// The model whose embeddings this pipeline makes.
    #[must_use]
    pub fn model(&self) -> &ModelId {
        &self.model
    }

    /// The stages one by one, for the benchmark that times each.
    pub fn stages(&mut self) -> Stages<'_> {
        Stages {
            detector: &mut self.finder.detector,
            landmarker: &mut self.finder.landmarker,
            eyes: self.eyes.as_mut(),
            embedder: &mut self.embedder,
            pad: &mut self.pad,
        }
    }

    /// Runs every graph once on the middle of `frame`, whether there is a face or not.
    ///
    /// # Errors
    /// [`VisionError`] when native code fails.
    pub fn warm_up(&mut self, frame: &Frame) -> Result<(), VisionError> {
        self.finder.detector.detect(frame)?;
        let ImageSize { width, height } = frame.size();
        let (width, height) = (width as f32, height as f32);
        let bounding_box = BoundingBox {
            x: width / 4.0,
            y: height / 4.0,
            width: width / 2.0,
            height: height / 2.0,
        };
        let landmarks = FiveLandmarks::from_array(*self.embedder.template());
        let detected = Detected { bounding_box, score: 1.0, landmarks };
        let located = self.finder.locate(frame, &detected)?;
        self.embedder.embed(&located.aligned)?;
        self.previous(frame, &located.face.landmarks)?;
        self.pad.score(frame, &bounding_box)?;
        Ok(())
    }

    /// Every face in one picture. The inner error is the picture's, the outer ours.
    ///
    /// # Errors
    /// [`VisionError`] when native code fails.
    pub fn faces(
        &mut self,
        image: &EncodedImage,
    ) -> Result<Result<Faces, ImageProblem>, VisionError> {
        self.decoded(image, Self::faces_in)
    }

    /// Every face in a decoded picture.
    ///
    /// # Errors
    /// [`VisionError`] when native code fails.
    pub fn faces_in(&mut self, frame: &Frame) -> Result<Faces, VisionError> {
        let located = self.finder.locate_all(&Halved::new(frame))?;
        let faces = self.with_likeness(faces(&located), &located, frame.size())?;
        Ok(Faces { size: frame.size(), faces })
    }

    /// The subject of a picture that may become a reference: by the limits of enrolment.
    ///
    /// # Errors
    /// [`VisionError`] when native code fails.
    pub fn reference(
        &mut self,
        image: &EncodedImage,
        keep: Keep,
    ) -> Result<Result<Evidence, PictureProblem>, VisionError> {
        Ok(flat(self.decoded(image, |pipeline, frame| pipeline.reference_in(frame, keep))?))
    }

    /// The subject of a decoded picture that may become a reference.
    ///
    /// # Errors
    /// [`VisionError`] when native code fails.
    pub fn reference_in(
        &mut self,
        frame: &Frame,
        keep: Keep,
    ) -> Result<Result<Evidence, CaptureProblem>, VisionError> {
        let limits = self.quality.enrolment;
        self.subject(frame, &limits, |pipeline, subject| {
            let lids = pipeline.lids(frame, &subject.points)?;
            match seen_more(&subject.face, |measures| measures.lids = lids, &limits) {
                Ok(_) => pipeline.subject_evidence(frame, subject, keep, &limits),
                Err(problem) => Ok(Err(problem)),
            }
        })
    }

    /// The subject of a picture by the limits of a sign-in, as every model sees it: for
    /// measurements, which want to know more than a decision needs.
    ///
    /// # Errors
    /// [`VisionError`] when native code fails.
    pub fn probe(
        &mut self,
        image: &EncodedImage,
    ) -> Result<Result<Evidence, PictureProblem>, VisionError> {
        let limits = self.quality.sign_in;
        let found = self.decoded(image, |pipeline, frame| {
            pipeline.subject(frame, &limits, |pipeline, subject| {
                pipeline.subject_evidence(frame, subject, Keep::Nothing, &limits)
            })
        })?;
        Ok(flat(found))
    }

    /// The subject of a picture by the limits of a sign-in, with the first stage's embedding
    /// alone where that `settled` the matter.
    ///
    /// # Errors
    /// [`VisionError`] when native code fails.
    pub fn recognise(
        &mut self,
        image: &EncodedImage,
        settled: impl FnOnce(&Embedding, PadScore) -> bool,
    ) -> Result<Result<Evidence, PictureProblem>, VisionError> {
        let limits = self.quality.sign_in;
        let found = self.decoded(image, |pipeline, frame| {
            pipeline.subject(frame, &limits, |pipeline, subject| {
                pipeline.recognised(frame, subject, settled)
            })
        })?;
        Ok(flat(found))
    }

    /// Decodes one picture into the memory of the one before, and lets `see` look at it.
    fn decoded<T>(
        &mut self,
        image: &EncodedImage,
        see: impl FnOnce(&mut Self, &Frame) -> Result<T, VisionError>,
    ) -> Result<Result<T, ImageProblem>, VisionError> {
        match measured(Stage::Decode, || decode::decode_into(image, &mut self.buffer)) {
            Ok(frame) => {
                let seen = see(self, &frame);
                self.buffer = frame.recycle();
                seen.map(Ok)
            }
            Err(problem) => Ok(Err(problem)),
        }
    }

    /// Lets `ask` look at the subject of `frame`, if it is usable by `limits`.
    fn subject(
        &mut self,
        frame: &Frame,
        limits: &QualityPolicy,
        ask: impl FnOnce(&mut Self, &Located) -> Result<Result<Evidence, CaptureProblem>, VisionError>,
    ) -> Result<Result<Evidence, CaptureProblem>, VisionError> {
        let located = self.finder.locate_all(&Halved::new(frame))?;
        match self.usable(&faces(&located), frame.size(), limits) {
            Ok(index) => ask(self, &located[index]),
            Err(problem) => Ok(Err(problem)),
        }
    }

    /// Which face is the subject, if it is usable by `limits`. Pictures that are not cost no more
    /// inference.
    fn usable(
        &self,
        faces: &[Face],
        size: ImageSize,
        limits: &QualityPolicy,
    ) -> Result<usize, CaptureProblem> {
        let index = match self.choice {
            Choice::OnlyOne => subject::select_subject(faces),
            Choice::Central => subject::select_central(faces, size),
        }?;
        let reasons = limits.assess(&faces[index].measures);
        if reasons.is_empty() { Ok(index) } else { Err(CaptureProblem::Quality(reasons)) }
    }

    /// Asks the matcher how well it knows the face of the subject, where nothing else is wrong
    /// with it: who looks at a picture before sending it is told as much as who enrols it.
    fn with_likeness(
        &mut self,
        mut faces: Vec<Face>,
        located: &[Located],
        size: ImageSize,
    ) -> Result<Vec<Face>, VisionError> {
        if let Ok(index) = self.usable(&faces, size, &self.quality.enrolment) {
            let embedded = measured(Stage::Embed, || self.embedder.embed(&located[index].aligned))?;
            let face = &mut faces[index];
            face.measures.likeness = Some(embedded.likeness);
            face.reasons = self.quality.enrolment.assess(&face.measures);
        }
        Ok(faces)
    }
}

fn faces(located: &[Located]) -> Vec<Face> {
    located.iter().map(|located| located.face.clone()).collect()
}

/// One error for both: why a picture yields no evidence.
fn flat(
    found: Result<Result<Evidence, CaptureProblem>, ImageProblem>,
) -> Result<Evidence, PictureProblem> {
    Ok(found??)
}
