//! What the aligned crop looks like: upright, natural and free, or not.
//!
//! The landmark model returns an upright face for anything, and the matcher some vector, so neither
//! tells a head that stands upside down, a negative or a mask. These are linear classifiers on
//! histograms of oriented gradients (Dalal and Triggs, "Histograms of Oriented Gradients for Human
//! Detection", 2005): they see the crop itself, and not its colours. `docs/quality.md` says what
//! they were trained on and what they tell apart.

mod gradients;

use faceauth_domain::quality::Appearance;
use opencv::core::{Mat, Size};
use opencv::imgproc;
use opencv::prelude::*;

use crate::crop;
use crate::error::VisionError;
use crate::manifest::Filter;
use gradients::{FEATURES, SIDE};

/// What one classifier tells, in the order of the weights.
#[derive(Clone, Copy)]
enum Kind {
    Turned,
    Treated,
    Covered,
    Spurious,
}

/// The classifiers: turned by 90 degrees or more; photographic negatives; embossed pictures;
/// covered mouths; covered eyes; noise.
const KINDS: [Kind; 6] =
    [Kind::Turned, Kind::Treated, Kind::Treated, Kind::Covered, Kind::Covered, Kind::Spurious];

/// For each classifier its bias and a weight for each feature, little-endian single precision, as
/// `models/reference/appearance/train.py` writes them. The biases are such that 0 is the limit.
static WEIGHTS: &[u8; KINDS.len() * (1 + FEATURES) * 4] = include_bytes!("appearance/weights.bin");

/// Judges an aligned crop, 8-bit RGB.
///
/// # Errors
/// [`VisionError`] when native code fails.
pub(crate) fn judge(aligned: &Mat) -> Result<Appearance, VisionError> {
    if aligned.empty() {
        // Landmarks that coincide: there is nothing to judge, and nothing is known of it.
        return Ok(Appearance::all(f32::NAN));
    }
    let mut grey = Mat::default();
    imgproc::cvt_color_def(aligned, &mut grey, imgproc::COLOR_RGB2GRAY)?;
    let side = SIDE as i32;
    if (grey.cols(), grey.rows()) != (side, side) {
        grey = crop::resize(&grey, Size::new(side, side), Filter::Area)?;
    }
    let features = gradients::features(grey.data_bytes()?);
    let mut appearance = Appearance::NATURAL;
    for (kind, weights) in KINDS.iter().zip(WEIGHTS.chunks_exact((1 + FEATURES) * 4)) {
        let score = log_odds(weights, &features);
        let most = match kind {
            Kind::Turned => &mut appearance.turned,
            Kind::Treated => &mut appearance.treated,
            Kind::Covered => &mut appearance.covered,
            Kind::Spurious => &mut appearance.spurious,
        };
        *most = most.max(score);
    }
    Ok(appearance)
}

/// One classifier's bias and weights, applied.
fn log_odds(weights: &[u8], features: &[f32]) -> f32 {
    let (numbers, _) = weights.as_chunks::<4>();
    let mut numbers = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes));
    let bias = numbers.next().unwrap_or(f32::NAN);
    bias + numbers.zip(features).map(|(weight, feature)| weight * feature).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use opencv::core::{CV_8UC3, Scalar};

    use super::*;

    #[test]
    fn every_weight_is_a_number() {
        let (numbers, rest) = WEIGHTS.as_chunks::<4>();
        assert!(rest.is_empty());
        assert!(numbers.iter().all(|bytes| f32::from_le_bytes(*bytes).is_finite()));
    }

    #[test]
    fn crops_of_any_size_are_judged_and_none_is_not_natural() {
        for side in [1, 96, 112, 200] {
            let colour = Scalar::new(90.0, 120.0, 150.0, 0.0);
            let crop = Mat::new_rows_cols_with_default(side, side, CV_8UC3, colour).unwrap();
            let Appearance { turned, treated, covered, spurious } = judge(&crop).unwrap();
            assert!([turned, treated, covered, spurious].iter().all(|score| score.is_finite()));
        }
        assert!(judge(&Mat::default()).unwrap().turned.is_nan());
    }
}
