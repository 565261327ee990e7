//! What one usable picture says about its subject, or why it says nothing.

use crate::capture::EncodedImage;
use crate::embedding::Embedding;
use crate::face::Face;
use crate::quality::QualityReason;
use crate::subject::SubjectError;

/// Passive PAD score: how likely the face is a bona fide presentation, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct PadScore(f32);

impl PadScore {
    /// Clamps into 0 to 1; not-a-number becomes 0, an attack.
    #[must_use]
    pub fn new(value: f32) -> Self {
        Self(if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) })
    }

    /// The number.
    #[must_use]
    pub fn value(self) -> f32 {
        self.0
    }
}

/// What one usable picture says about its subject.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The subject's face.
    pub face: Face,
    /// The subject's embedding. It is whole, except from
    /// [`crate::analyzer::AnalysisSlot::recognise`].
    pub embedding: Embedding,
    /// The same by the previous model, while people move from it to the current one.
    pub previous: Option<Embedding>,
    /// The passive PAD score on the same decoded frame.
    pub pad: PadScore,
    /// The face and what is around it, upright; `None` unless [`crate::analyzer::Keep::FaceImage`] was asked.
    pub image: Option<EncodedImage>,
}

/// Why a decoded picture yields no evidence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaptureProblem {
    /// No subject, or more than one.
    #[error(transparent)]
    Subject(#[from] SubjectError),
    /// The subject's face breaks the quality policy; at least one reason.
    #[error("the face is not usable: {0:?}")]
    Quality(Vec<QualityReason>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pad_score_that_is_no_number_is_an_attack() {
        assert_eq!(PadScore::new(f32::NAN).value(), 0.0);
        assert_eq!(PadScore::new(7.0).value(), 1.0);
    }
}
