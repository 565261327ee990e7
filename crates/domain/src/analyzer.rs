//! The port between HTTP and pixels.
//!
//! Analysis is native, slow and needs files, so it stands behind a trait: the vision
//! crate implements it with worker threads, tests with a script. A caller first
//! reserves a slot, which costs nothing and fails at once when the queue is full, and
//! spends it later; so a full queue never costs a user a challenge.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::capture::{Capture, EncodedImage, ImageSize};
use crate::clip::ClipProblem;
use crate::embedding::{Embedding, ModelId};
use crate::evidence::{CaptureProblem, Evidence, PadScore};
use crate::face::Face;
use crate::liveness::capture::{LivenessCapture, TimingProblem};
use crate::liveness::evidence::Observation;

/// How much of the pipeline runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Faces, landmarks and quality of everyone in the picture.
    Faces,
    /// The same, then the embedding and the PAD score of the one subject, when the picture keeps
    /// the limits of enrolment.
    Subject(Keep),
    /// The same by the limits of a sign-in: what is compared with references and never becomes one.
    Probe,
}

/// What of a subject's pixels outlives the analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Nothing.
    Nothing,
    /// A picture of the face: for enrolments, where the operator keeps enrolment images.
    FaceImage,
}

/// What was found in one picture.
#[derive(Debug, Clone)]
pub struct Analysis {
    /// Dimensions after EXIF orientation; the coordinates of `faces` refer to them.
    pub size: ImageSize,
    /// Every face found, largest first.
    pub faces: Vec<Face>,
    /// The subject's evidence, or why there is none. `None` at [`Depth::Faces`].
    pub evidence: Option<Result<Evidence, CaptureProblem>>,
}

/// Why one picture could not be analysed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImageProblem {
    /// The bytes do not decode.
    #[error("the image cannot be decoded")]
    Undecodable,
    /// Decoding would pass the dimension or memory cap.
    #[error("the image is too large")]
    DimensionsTooLarge,
}

/// The analyzer failed for a reason that is not the picture's. The cause has been logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the analyzer is unavailable")]
pub struct AnalyzerUnavailable;

/// Why no slot can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReserveError {
    /// The queue is full: try again shortly.
    #[error("every analysis slot is taken")]
    Full,
    /// No worker is alive.
    #[error(transparent)]
    Unavailable(#[from] AnalyzerUnavailable),
}

/// One result a picture, in order.
pub type CaptureAnalysis = Vec<Result<Analysis, ImageProblem>>;

/// Why a liveness capture could not be observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ObserveProblem {
    /// This frame does not decode.
    #[error("frame {index}: {problem}")]
    Frame {
        /// Which one, from 0.
        index: usize,
        /// Why.
        problem: ImageProblem,
    },
    /// The clip yields no frames.
    #[error(transparent)]
    Clip(#[from] ClipProblem),
    /// The frames of the clip are no continuous capture.
    #[error(transparent)]
    Timing(#[from] TimingProblem),
}

/// What [`AnalysisSlot::observe`] answers, later.
pub type ObserveFuture = Pin<
    Box<
        dyn Future<Output = Result<Result<Observation, ObserveProblem>, AnalyzerUnavailable>>
            + Send,
    >,
>;

/// What [`AnalysisSlot::analyze`] answers, later.
pub type AnalysisFuture =
    Pin<Box<dyn Future<Output = Result<CaptureAnalysis, AnalyzerUnavailable>> + Send>>;

/// Whether what the first stage of a cascade made of a subject, and the PAD score, settle the
/// matter, so that the other models need not run. Asked at most once, and never without a cascade.
pub type Settled = Box<dyn FnOnce(&Embedding, PadScore) -> bool + Send>;

/// Turns captures into evidence.
pub trait FaceAnalyzer: Send + Sync + 'static {
    /// The model whose embeddings this analyzer makes.
    fn model(&self) -> &ModelId;

    /// Whether every worker is loaded and warmed up.
    fn ready(&self) -> bool;

    /// Takes a place in the queue without waiting.
    ///
    /// # Errors
    /// [`ReserveError`] when there is none.
    fn reserve(&self) -> Result<Box<dyn AnalysisSlot>, ReserveError>;
}

/// A reserved place. Dropping it gives the place back.
pub trait AnalysisSlot: Send {
    /// Spends the place on one capture.
    fn analyze(self: Box<Self>, capture: Capture, depth: Depth) -> AnalysisFuture;

    /// Spends the place on one picture of somebody who is to be recognised: the subject's
    /// evidence, when the picture keeps the limits of a sign-in. Its embedding is the first
    /// stage's alone where that `settled` the matter.
    fn recognise(self: Box<Self>, image: EncodedImage, settled: Settled) -> AnalysisFuture;

    /// Spends the place on one liveness capture.
    fn observe(self: Box<Self>, capture: LivenessCapture, keep: Keep) -> ObserveFuture;
}

impl fmt::Debug for dyn AnalysisSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnalysisSlot")
    }
}

impl fmt::Debug for dyn FaceAnalyzer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FaceAnalyzer({})", self.model())
    }
}
