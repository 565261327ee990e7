//! What is measured on one face.

use crate::geometry::Pose;

/// What the aligned crop looks like: log odds that a face is upright, natural or free (below 0)
/// or not (above 0), as classifiers of its gradients judge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Appearance {
    /// That the face stands upside down or lies on its side.
    pub turned: f32,
    /// That it is a negative, an embossed or drawn picture or the like.
    pub treated: f32,
    /// That mouth and nose, or the eyes, are covered.
    pub covered: f32,
    /// That the sharpness is not detail of a face, but hard blocks of an enlargement or of JPEG,
    /// noise, or halos of sharpening.
    pub spurious: f32,
}

impl Appearance {
    /// Of a face that is surely upright, natural and free.
    pub const NATURAL: Self = Self::all(f32::NEG_INFINITY);

    /// The same log odds of each.
    #[must_use]
    pub const fn all(value: f32) -> Self {
        Self { turned: value, treated: value, covered: value, spurious: value }
    }
}

/// What is measured on one face.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QualityMeasures {
    /// Distance between the eye centres in pixels of the original image. In a picture that was
    /// enlarged by repeating pixels, repeated ones count once.
    pub eye_distance_px: f32,
    /// Smallest distance from the face box to an image edge as a share of the box
    /// height; negative when the box reaches past the edge.
    pub margin: f32,
    /// Head pose in degrees.
    pub pose: Pose,
    /// Variance of the Laplacian of the aligned 112x112 grey crop (values 0 to 255),
    /// divided by the variance of the crop's grey values so that contrast does not count.
    pub sharpness: f32,
    /// Mean grey value of the aligned crop, 0 to 255.
    pub brightness: f32,
    /// Share of crop pixels at or below grey 25.
    pub under_exposed: f32,
    /// Share of crop pixels at or above grey 247.
    pub over_exposed: f32,
    /// Eye height over eye width, mean of both eyes (eye aspect ratio).
    pub eye_openness: f32,
    /// How far the lids are open, by the model of an eye: in distances between the eyes. `None` where
    /// it has not looked.
    pub lids: Option<f32>,
    /// What the aligned crop looks like.
    pub appearance: Appearance,
    /// Length of what the matcher makes of the crop before it is normalised, over the least length
    /// of the manifest; the least of its models. Below 1 it sees little of what it knows faces
    /// by. `None` until the matcher has run.
    pub likeness: Option<f32>,
}

impl QualityMeasures {
    /// Of a face that keeps every limit. Tests start from it.
    pub const GOOD: Self = Self {
        eye_distance_px: 60.0,
        margin: 0.3,
        pose: Pose { yaw: 0.0, pitch: 0.0, roll: 0.0 },
        sharpness: 0.5,
        brightness: 120.0,
        under_exposed: 0.0,
        over_exposed: 0.0,
        eye_openness: 0.3,
        lids: Some(0.12),
        appearance: Appearance::NATURAL,
        likeness: Some(1.3),
    };
}
