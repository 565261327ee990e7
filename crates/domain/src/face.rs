//! A face in an image: where it is, how it is turned, how usable it is.

use crate::geometry::{BoundingBox, FiveLandmarks, Pose};
use crate::quality::{QualityMeasures, QualityReason};

/// One detected face.
#[derive(Debug, Clone, PartialEq)]
pub struct Face {
    /// Where the face is.
    pub bounding_box: BoundingBox,
    /// The detector's score, 0 to 1. Not a comparison score.
    pub detection_score: f32,
    /// Alignment points.
    pub landmarks: FiveLandmarks,
    /// Estimated head pose.
    pub pose: Pose,
    /// What was measured on the face.
    pub measures: QualityMeasures,
    /// Why the face cannot be enrolled, most helpful first; empty when it can.
    pub reasons: Vec<QualityReason>,
}

impl Face {
    /// Whether the face may be enrolled.
    #[must_use]
    pub fn acceptable(&self) -> bool {
        self.reasons.is_empty()
    }
}
