//! The port between HTTP and pixels.
//!
//! Analysis is native, slow and needs files, so it stands behind a trait: the vision
//! crate implements it with worker threads, tests with a script. A caller first
//! reserves a slot, which costs nothing and fails at once when the queue is full, and
//! spends it later; so a full queue never costs a user a challenge.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::capture::{Capture, EncodedImage, ImageSize};
use crate::clip::ClipProblem;
use crate::decision::{CaptureSettlement, Settlement};
use crate::embedding::ModelId;
use crate::evidence::{CaptureProblem, Evidence};
use crate::face::Face;
use crate::liveness::capture::{LivenessCapture, TimedImage, TimingProblem};
use crate::liveness::evidence::Observation;
use crate::liveness::policy::LivenessPolicy;

/// What of a subject's pixels outlives the analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Nothing.
    Nothing,
    /// A picture of the face: for enrolments, where the operator keeps enrolment images.
    FaceImage,
}

/// What is asked of a liveness capture.
#[derive(Debug, Clone)]
pub struct CaptureNeeds {
    /// What of the person's pixels is kept.
    pub keep: Keep,
    /// Whether a step asks for closed eyes: only then does the model of an eye look.
    pub lids: bool,
    /// The limits of the verdict. Models that could not change it do not look.
    pub policy: LivenessPolicy,
    /// What spares the person the whole matcher.
    pub settlement: CaptureSettlement,
}

/// Every face in one picture.
#[derive(Debug, Clone)]
pub struct Faces {
    /// Dimensions after EXIF orientation; the coordinates of `faces` refer to them.
    pub size: ImageSize,
    /// The faces, largest first.
    pub faces: Vec<Face>,
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

/// Why one picture yields no evidence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PictureProblem {
    /// It does not decode.
    #[error(transparent)]
    Undecoded(#[from] ImageProblem),
    /// It shows no subject, several, or one whose face is not usable.
    #[error(transparent)]
    Unusable(#[from] CaptureProblem),
}

/// The analyzer failed for a reason that is not the picture's. The cause has been logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the analyzer is unavailable")]
pub struct AnalyzerUnavailable;

/// Why no slot can be had, or why what was asked with one was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReserveError {
    /// The queue is full, or the work would wait too long in it.
    #[error("every analysis slot is taken")]
    Full {
        /// When there may be room again.
        retry_after: Duration,
    },
    /// No worker is alive.
    #[error(transparent)]
    Unavailable(#[from] AnalyzerUnavailable),
}

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

/// An answer of the analyzer, later. Dropping it gives the place back, when no worker has begun.
pub type Answer<T> = Pin<Box<dyn Future<Output = Result<T, ReserveError>> + Send>>;

/// What a slot is for: this says what it will cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// [`AnalysisSlot::faces`].
    Faces,
    /// [`AnalysisSlot::recognise`].
    Recognise,
    /// [`AnalysisSlot::references`] of so many pictures.
    References(usize),
    /// [`AnalysisSlot::observe`] of so many frames.
    Frames(usize),
    /// [`AnalysisSlot::observe`] of a clip.
    Clip,
}

impl From<&LivenessCapture> for Work {
    fn from(capture: &LivenessCapture) -> Self {
        match capture {
            LivenessCapture::Frames(frames) => Self::Frames(frames.as_slice().len()),
            LivenessCapture::Clip(_) => Self::Clip,
        }
    }
}

/// Turns captures into evidence.
pub trait FaceAnalyzer: Send + Sync + 'static {
    /// The model whose embeddings this analyzer makes.
    fn model(&self) -> &ModelId;

    /// Whether every worker is loaded and warmed up.
    fn ready(&self) -> bool;

    /// Whether it can see eyes close: the manifest has a model for it.
    fn sees_lids(&self) -> bool;

    /// Whether work that came now would find a place.
    ///
    /// # Errors
    /// [`ReserveError`] when it would not.
    fn room(&self) -> Result<(), ReserveError>;

    /// Takes a place in the queue for `work` without waiting.
    ///
    /// # Errors
    /// [`ReserveError`] when there is none.
    fn reserve(&self, work: Work) -> Result<Box<dyn AnalysisSlot>, ReserveError>;

    /// Begins to look at a capture whose bytes are still on their way. It has so many `frames`, if
    /// that is known yet. It needs no place, because only workers that have nothing else to do look.
    /// `None` while no worker is ready.
    fn look_ahead(
        &self,
        frames: Option<usize>,
        policy: LivenessPolicy,
    ) -> Option<Box<dyn LookAhead>>;
}

/// A capture that is looked at while it arrives. Dropped, nobody looks at it any more.
pub trait LookAhead: Any + Send {
    /// Hands over the next frame, and never waits. Frames for which no worker has time are looked at
    /// with the whole capture.
    fn see(&self, frame: TimedImage);
}

/// A reserved place. Dropping it gives the place back.
pub trait AnalysisSlot: Send {
    /// Spends the place on the faces of one picture: landmarks and quality of everyone in it.
    fn faces(self: Box<Self>, image: EncodedImage) -> Answer<Result<Faces, ImageProblem>>;

    /// Spends the place on pictures whose subjects may become references: by the limits of
    /// enrolment, one answer for each picture, in order.
    fn references(
        self: Box<Self>,
        capture: Capture,
        keep: Keep,
    ) -> Answer<Vec<Result<Evidence, PictureProblem>>>;

    /// Spends the place on one picture of somebody who is to be recognised, by the limits of a
    /// sign-in. The embedding is the first stage's alone where that meets `settlement`.
    fn recognise(
        self: Box<Self>,
        image: EncodedImage,
        settlement: Settlement,
    ) -> Answer<Result<Evidence, PictureProblem>>;

    /// Spends the place on one liveness capture. What was seen `ahead`, while it arrived, is not looked
    /// at again.
    fn observe(
        self: Box<Self>,
        capture: LivenessCapture,
        needs: CaptureNeeds,
        ahead: Option<Box<dyn LookAhead>>,
    ) -> Answer<Result<Observation, ObserveProblem>>;
}

impl fmt::Debug for dyn AnalysisSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnalysisSlot")
    }
}

impl fmt::Debug for dyn LookAhead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LookAhead")
    }
}

impl fmt::Debug for dyn FaceAnalyzer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FaceAnalyzer({})", self.model())
    }
}
