//! What part of a picture a model sees.

use serde::Deserialize;

/// A square or box cut around a face and stretched to the input size.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Crop {
    /// The rule.
    pub kind: CropKind,
    /// Factor on the side(s) of the face box.
    pub scale: f32,
    /// How pixels are resampled.
    pub filter: Filter,
}

/// How a cut-out is resampled to the input size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filter {
    /// Bilinear at every scale.
    Linear,
    /// Averages when shrinking, bilinear when enlarging.
    Area,
}

/// Rules to cut around a face box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CropKind {
    /// Square of the box height about the box centre; black outside the picture.
    SquareOnHeight,
    /// Square of the longer box side about the box centre; black outside.
    SquareOnLongest,
    /// The box squared on its height and clipped to the picture, scaled as far as the
    /// picture allows, then shifted to lie inside.
    ShiftedSquareOnHeight,
    /// The raw box scaled as far as the picture allows, then shifted to lie inside.
    ShiftedBox,
}
