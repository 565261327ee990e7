//! What the aligned crop looks like: upright, natural and free, or not.
//!
//! The landmark model returns an upright face for anything, and the matcher some vector, so neither
//! tells a head that stands upside down, a negative or a mask. These are classifiers that see the
//! crop itself, and not its colours: most are linear and on histograms of oriented gradients (Dalal
//! and Triggs, "Histograms of Oriented Gradients for Human Detection", 2005), two are on statistics
//! of tones. `docs/quality.md` says what they were trained on and what they tell apart.

mod gradients;
mod tones;

use faceauth_domain::quality::Appearance;
use opencv::core::{Mat, Size};
use opencv::imgproc;
use opencv::prelude::*;

use crate::crop;
use crate::error::VisionError;
use crate::manifest::Filter;
use gradients::SIDE;

/// What each classifier recognises, in the order of the weights.
#[derive(Clone, Copy)]
enum Kind {
    Turned,
    Treated,
    Covered,
    Spurious,
}

/// The classifiers of gradients: turned by 90 degrees or more; photographic negatives; embossed
/// pictures; masks, scarves and veils over mouth and nose; black ones; masks under the nose; hands
/// before the mouth; a hand before the left eye of the picture, the right one, and both; dark
/// glasses; noise. One for each way of covering: a linear classifier knows no "or".
const BY_GRADIENTS: [Kind; 12] = [
    Kind::Turned,
    Kind::Treated,
    Kind::Treated,
    Kind::Covered,
    Kind::Covered,
    Kind::Covered,
    Kind::Covered,
    Kind::Covered,
    Kind::Covered,
    Kind::Covered,
    Kind::Covered,
    Kind::Spurious,
];

/// The classifiers of tones: statues and pencil drawings.
const BY_TONES: [Kind; 2] = [Kind::Treated; 2];

/// For each classifier its bias and a weight for each feature, little-endian single precision, as
/// `models/reference/appearance/train.py` writes them. The biases are such that 0 is the limit.
static OF_GRADIENTS: &[u8; BY_GRADIENTS.len() * (1 + gradients::FEATURES) * 4] =
    include_bytes!("appearance/gradients.bin");
/// Those of tones come after the mean and the deviation of each feature.
static OF_TONES: &[u8; (2 * tones::FEATURES + BY_TONES.len() * (1 + 2 * tones::FEATURES)) * 4] =
    include_bytes!("appearance/tones.bin");

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
    let grey = grey.data_bytes()?;
    let mut appearance = Appearance::NATURAL;
    classify(&BY_GRADIENTS, OF_GRADIENTS, &gradients::features(grey), &mut appearance);
    let (usual, weights) = OF_TONES.split_at(2 * tones::FEATURES * 4);
    let tones = tones::scaled(&tones::features(grey), &numbers(usual).collect::<Vec<_>>());
    classify(&BY_TONES, weights, &tones, &mut appearance);
    Ok(appearance)
}

/// Adds what the classifiers of `kinds` find in `features`.
fn classify(kinds: &[Kind], weights: &[u8], features: &[f32], appearance: &mut Appearance) {
    for (kind, weights) in kinds.iter().zip(weights.chunks_exact((1 + features.len()) * 4)) {
        let score = log_odds(weights, features);
        let most = match kind {
            Kind::Turned => &mut appearance.turned,
            Kind::Treated => &mut appearance.treated,
            Kind::Covered => &mut appearance.covered,
            Kind::Spurious => &mut appearance.spurious,
        };
        *most = most.max(score);
    }
}

/// Little-endian numbers of single precision.
fn numbers(bytes: &[u8]) -> impl Iterator<Item = f32> {
    bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes))
}

/// One classifier's bias and weights, applied.
fn log_odds(weights: &[u8], features: &[f32]) -> f32 {
    let mut numbers = numbers(weights);
    let bias = numbers.next().unwrap_or(f32::NAN);
    bias + numbers.zip(features).map(|(weight, feature)| weight * feature).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use opencv::core::{CV_8UC3, Scalar};

    use super::*;

    #[test]
    fn every_weight_is_a_number() {
        for weights in [&OF_GRADIENTS[..], &OF_TONES[..]] {
            assert!(weights.as_chunks::<4>().1.is_empty());
            assert!(numbers(weights).all(f32::is_finite));
        }
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
