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

/// For each classifier of gradients its bias and a weight for each feature, as
/// `models/reference/appearance/train.py` writes them. The biases are such that 0 is the limit.
static OF_GRADIENTS: [f32; BY_GRADIENTS.len() * (1 + gradients::FEATURES)] =
    numbers(include_bytes!("appearance/gradients.bin"));
/// The mean and the deviation of each feature of tones, then the same as of gradients.
static OF_TONES: [f32; 2 * tones::FEATURES + BY_TONES.len() * (1 + 2 * tones::FEATURES)] =
    numbers(include_bytes!("appearance/tones.bin"));

/// Sums that are kept side by side, so that the compiler makes vector instructions of them.
const LANES: usize = 8;

/// Little-endian numbers of single precision.
const fn numbers<const COUNT: usize>(bytes: &[u8]) -> [f32; COUNT] {
    let (parts, rest) = bytes.as_chunks::<4>();
    assert!(parts.len() == COUNT && rest.is_empty());
    let mut numbers = [0.0; COUNT];
    let mut at = 0;
    while at < COUNT {
        numbers[at] = f32::from_le_bytes(parts[at]);
        at += 1;
    }
    numbers
}

/// Judges the grey values of an aligned crop.
///
/// # Errors
/// [`VisionError`] when native code fails.
pub(crate) fn judge(grey: &Mat) -> Result<Appearance, VisionError> {
    if grey.empty() {
        // Landmarks that coincide: there is nothing to judge, and nothing is known of it.
        return Ok(Appearance::all(f32::NAN));
    }
    let side = SIDE as i32;
    if (grey.cols(), grey.rows()) == (side, side) {
        return Ok(of_crop(grey.data_bytes()?));
    }
    let resized = crop::resize(grey, Size::new(side, side), Filter::Area)?;
    Ok(of_crop(resized.data_bytes()?))
}

/// The same of a crop of [`SIDE`].
fn of_crop(grey: &[u8]) -> Appearance {
    let mut appearance = Appearance::NATURAL;
    classify(&BY_GRADIENTS, &OF_GRADIENTS, &gradients::features(grey), &mut appearance);
    let (usual, weights) = OF_TONES.split_at(2 * tones::FEATURES);
    let tones = tones::scaled(&tones::features(grey), usual);
    classify(&BY_TONES, weights, &tones, &mut appearance);
    appearance
}

/// Adds what the classifiers of `kinds` find in `features`.
fn classify(kinds: &[Kind], weights: &[f32], features: &[f32], appearance: &mut Appearance) {
    for (kind, weights) in kinds.iter().zip(weights.chunks_exact(1 + features.len())) {
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

/// One classifier's bias and weights, applied.
fn log_odds(weights: &[f32], features: &[f32]) -> f32 {
    let Some((bias, weights)) = weights.split_first() else { return f32::NAN };
    let (weights, last_weights) = weights.as_chunks::<LANES>();
    let (features, last_features) = features.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (weights, features) in weights.iter().zip(features) {
        for lane in 0..LANES {
            sums[lane] += weights[lane] * features[lane];
        }
    }
    let rest = last_weights.iter().zip(last_features).map(|(weight, feature)| weight * feature);
    bias + sums.iter().sum::<f32>() + rest.sum::<f32>()
}

#[cfg(test)]
mod tests {
    use opencv::core::{CV_8UC1, Scalar};

    use super::*;

    #[test]
    fn every_weight_is_a_number() {
        assert!(OF_GRADIENTS.iter().chain(&OF_TONES).all(|weight| weight.is_finite()));
    }

    #[test]
    fn every_weight_counts_for_its_feature() {
        let features: Vec<f32> = (0..2 * LANES + 3).map(|feature| feature as f32).collect();
        let mut weights = vec![0.0; 1 + features.len()];
        weights[0] = 0.5;
        for feature in 0..features.len() {
            weights[1 + feature] = 2.0;
            assert_eq!(log_odds(&weights, &features), 0.5 + 2.0 * feature as f32);
            weights[1 + feature] = 0.0;
        }
        assert!(log_odds(&[], &[]).is_nan());
    }

    #[test]
    fn crops_of_any_size_are_judged_and_none_is_not_natural() {
        for side in [1, 96, 112, 200] {
            let brightness = Scalar::all(120.0);
            let crop = Mat::new_rows_cols_with_default(side, side, CV_8UC1, brightness).unwrap();
            let Appearance { turned, treated, covered, spurious } = judge(&crop).unwrap();
            assert!([turned, treated, covered, spurious].iter().all(|score| score.is_finite()));
        }
        assert!(judge(&Mat::default()).unwrap().turned.is_nan());
    }
}
