//! Measuring how usable a face is. What is usable is the domain's decision.

use faceauth_domain::capture::ImageSize;
use faceauth_domain::geometry::{BoundingBox, FiveLandmarks, Pose};
use faceauth_domain::quality::QualityMeasures;
use opencv::core::{self, Mat};
use opencv::imgproc;
use opencv::prelude::*;

use crate::error::VisionError;
use crate::frame::Frame;
use crate::landmarks::{self, DenseLandmarks};
use crate::{appearance, detail};

/// Grey values at or below this are lost in shadow (10 % of the range, ISO/IEC 29794-5
/// counts the same tails of the histogram).
const UNDER_EXPOSED: u8 = 25;
/// Grey values at or above this are burnt out.
const OVER_EXPOSED: u8 = 247;

/// Measures one face. `aligned` is the matcher's crop, 8-bit RGB.
///
/// # Errors
/// [`VisionError`] when native code fails.
pub fn measure(
    frame: &Frame,
    face: &BoundingBox,
    points: &DenseLandmarks,
    five: &FiveLandmarks,
    pose: Pose,
    aligned: &Mat,
) -> Result<QualityMeasures, VisionError> {
    let mut grey = Mat::default();
    imgproc::cvt_color_def(aligned, &mut grey, imgproc::COLOR_RGB2GRAY)?;
    let (brightness, variance) = moments(&grey)?;
    let mut edges = Mat::default();
    imgproc::laplacian_def(&grey, &mut edges, core::CV_32F)?;
    let (_, edge_variance) = moments(&edges)?;
    let values = grey.data_bytes()?;
    let (left, right) = (five.eye_image_left, five.eye_image_right);
    Ok(QualityMeasures {
        eye_distance_px: (right.x - left.x).hypot(right.y - left.y)
            * detail::own_pixels(frame, face)?,
        margin: margin(frame.size(), face),
        pose,
        // A crop without any contrast has no edges either: 0 / 1.
        sharpness: (edge_variance / variance.max(1.0)) as f32,
        brightness: brightness as f32,
        under_exposed: share(values, |value| value <= UNDER_EXPOSED),
        over_exposed: share(values, |value| value >= OVER_EXPOSED),
        eye_openness: landmarks::eye_openness(points),
        lids: None,
        appearance: appearance::judge(&grey)?,
        likeness: None,
    })
}

/// Share of the values that pass a test.
fn share(values: &[u8], test: impl Fn(u8) -> bool) -> f32 {
    values.iter().filter(|value| test(**value)).count() as f32 / values.len().max(1) as f32
}

/// Mean and variance of a one-channel matrix.
fn moments(values: &Mat) -> Result<(f64, f64), VisionError> {
    let (mut mean, mut deviation) = (core::Scalar::default(), core::Scalar::default());
    core::mean_std_dev_def(values, &mut mean, &mut deviation)?;
    Ok((mean[0], deviation[0] * deviation[0]))
}

/// Distance from the box to the nearest image edge as a share of the box height.
fn margin(size: ImageSize, face: &BoundingBox) -> f32 {
    let right = size.width as f32 - (face.x + face.width);
    let bottom = size.height as f32 - (face.y + face.height);
    face.x.min(face.y).min(right).min(bottom) / face.height
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margin_is_negative_when_cut_off() {
        let size = ImageSize { width: 100, height: 100 };
        let face = |x| BoundingBox { x, y: 30.0, width: 30.0, height: 40.0 };
        assert_eq!(margin(size, &face(30.0)), 0.75);
        assert_eq!(margin(size, &face(-10.0)), -0.25);
        assert_eq!(margin(size, &face(90.0)), -0.5);
    }
}
