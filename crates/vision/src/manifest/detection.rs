//! The models that find a face and its points.

use serde::Deserialize;

use super::crop::Crop;
use super::weights::Weights;

/// The face detector: outputs as YuNet has them.
#[derive(Debug, Clone, Deserialize)]
pub struct Detection {
    /// File, hash and tensors.
    #[serde(flatten)]
    pub weights: Weights,
    /// The long side of the first, quick look, which is enough for large faces.
    pub quick_long_side: u32,
    /// The long side is shrunk to this many pixels, never enlarged.
    pub long_side: u32,
    /// The long side of the second look when the first found nothing.
    pub retry_long_side: u32,
    /// Least detection score, 0 to 1.
    pub min_score: f32,
    /// Least detection score of the second look, which sees more of what is no face.
    pub retry_min_score: f32,
    /// Of two boxes with a higher intersection over union, the weaker one goes.
    pub nms_iou: f32,
}

impl Detection {
    /// Finds contradictions that a type cannot.
    pub(super) fn check(&self) -> Result<(), String> {
        let probability = |value: f32| (0.0..=1.0).contains(&value);
        if ![self.min_score, self.retry_min_score, self.nms_iou].into_iter().all(probability) {
            return Err(
                "detection: min_score, retry_min_score and nms_iou lie between 0 and 1".to_owned()
            );
        }
        let sides = [self.quick_long_side, self.long_side, self.retry_long_side];
        if sides[0] < 32 || !sides.is_sorted() {
            return Err(
                "detection: 32 <= quick_long_side <= long_side <= retry_long_side".to_owned()
            );
        }
        Ok(())
    }
}

/// The model of the points about an eye.
#[derive(Debug, Clone, Deserialize)]
pub struct Eyes {
    /// File, hash and tensors.
    #[serde(flatten)]
    pub weights: Weights,
}

/// The 68-point landmark model.
#[derive(Debug, Clone, Deserialize)]
pub struct Landmarks {
    /// File, hash and tensors.
    #[serde(flatten)]
    pub weights: Weights,
    /// What part of the picture it sees.
    pub crop: Crop,
}
