//! Statistics of brightness and of fine detail of a face crop. A drawing keeps the edges of a face,
//! so gradients do not tell it from a photo; but not how bright skin is, nor how it is grained.

use super::gradients::SIDE;

/// Where skin surely is: an ellipse in a crop in which the eyes stand 35 pixels apart. Its centre,
/// and half its width and height, in pixels.
const CENTRE: (f32, f32) = (56.0, 60.0);
const RADII: (f32, f32) = (38.0, 46.0);

/// Equal ranges of brightness of which the shares are taken.
const SHADES: usize = 16;
/// Powers of two of detail of which the shares are taken.
const GRAINS: usize = 8;
/// Equal ranges of brightness in each of which detail is averaged.
const RANGES: usize = 4;
/// How often the crop is halved: from details of one pixel to those of eight.
const LEVELS: usize = 4;

/// How many numbers describe a crop.
pub(super) const FEATURES: usize = SHADES + GRAINS + RANGES + 3 * LEVELS + 3;

/// Pixels that a range of brightness is short of: one with few of them says little.
const FEW: f32 = 20.0;
/// Added to a deviation in grey values before it is divided by, and before its logarithm is taken.
const TINY: f32 = 0.25;
/// Added likewise to the deviation of all that is left.
const SMALL: f32 = 1.0;
/// Most skewness that counts.
const MOST_SKEW: f32 = 3.0;

/// Deviations from the mean beyond which it does not matter how far a feature is.
const FURTHEST: f32 = 5.0;

/// A picture that is halved, and where it shows the face.
struct Level {
    side: usize,
    grey: Vec<f32>,
    face: Vec<bool>,
}

/// Shares of shades and grains, the grain of each range of brightness; for each size of detail its
/// strength, peakedness and skewness; the strength of what is coarser; mean and deviation.
pub(super) fn features(grey: &[u8]) -> Vec<f32> {
    let mut level = whole(grey);
    let (mean, deviation) = moments(&level);
    let mut features = shades_and_grains(&level);
    for _ in 0..LEVELS {
        let half = halved(&level);
        features.extend(detail(&level, &half));
        level = half;
    }
    let (_, coarse) = moments(&level);
    features.extend([(coarse + SMALL).ln(), mean / 64.0, (deviation + SMALL).ln()]);
    features
}

/// The features in deviations from the mean of natural photos, and the squares of that: what is
/// unnatural lies on either side. `usual` has the means, then the deviations.
pub(super) fn scaled(features: &[f32], usual: &[f32]) -> Vec<f32> {
    let (means, deviations) = usual.split_at(usual.len() / 2);
    let far = features.iter().zip(means.iter().zip(deviations));
    let mut scaled: Vec<f32> = far
        .map(|(feature, (mean, deviation))| {
            ((feature - mean) / deviation).clamp(-FURTHEST, FURTHEST)
        })
        .collect();
    scaled.extend_from_within(..);
    for square in scaled.iter_mut().skip(features.len()) {
        *square *= *square;
    }
    scaled
}

fn whole(grey: &[u8]) -> Level {
    let inside =
        |pixel: usize, centre: f32, radius: f32| ((pixel as f32 + 0.5 - centre) / radius).powi(2);
    let face = |place: usize| {
        inside(place % SIDE, CENTRE.0, RADII.0) + inside(place / SIDE, CENTRE.1, RADII.1) < 1.0
    };
    Level {
        side: SIDE,
        grey: (0..SIDE * SIDE)
            .map(|place| grey.get(place).copied().map_or(0.0, f32::from))
            .collect(),
        face: (0..SIDE * SIDE).map(face).collect(),
    }
}

/// The mean of each two by two pixels; face only where all four are.
fn halved(level: &Level) -> Level {
    let side = level.side / 2;
    let four = |place: usize| {
        let corner = place / side * 2 * level.side + place % side * 2;
        [corner, corner + 1, corner + level.side, corner + level.side + 1]
    };
    Level {
        side,
        grey: (0..side * side)
            .map(|place| four(place).iter().map(|at| level.grey[*at]).sum::<f32>() / 4.0)
            .collect(),
        face: (0..side * side).map(|place| four(place).iter().all(|at| level.face[*at])).collect(),
    }
}

fn shades_and_grains(level: &Level) -> Vec<f32> {
    let (mut shades, mut grains) = ([0.0; SHADES], [0.0; GRAINS]);
    let mut ranges = [(0.0, FEW); RANGES];
    let side = level.side;
    let at = |x: usize, y: usize| level.grey[y * side + x];
    for (place, _) in level.face.iter().enumerate().filter(|(_, face)| **face) {
        let (x, y) = (place % side, place / side);
        let (left, right) = (x.saturating_sub(1), (x + 1).min(side - 1));
        let (up, down) = (y.saturating_sub(1), (y + 1).min(side - 1));
        let value = at(x, y);
        let laplacian = at(left, y) + at(right, y) + at(x, up) + at(x, down) - 4.0 * value;
        let grain = (laplacian.abs() + 1.0).log2();
        let of = |parts: usize| ((value * parts as f32 / 256.0) as usize).min(parts - 1);
        shades[of(SHADES)] += 1.0;
        grains[(grain as usize).min(GRAINS - 1)] += 1.0;
        let (sum, count) = &mut ranges[of(RANGES)];
        *sum += grain;
        *count += 1.0;
    }
    let pixels = shades.iter().sum::<f32>().max(1.0);
    let shares = shades.into_iter().chain(grains).map(|count| count / pixels);
    shares.chain(ranges.into_iter().map(|(sum, count)| sum / count)).collect()
}

/// What of `level` is lost in `half`.
fn detail(level: &Level, half: &Level) -> [f32; 3] {
    let (mut count, mut sum, mut squares, mut cubes) = (0.0f32, 0.0, 0.0, 0.0);
    for (place, _) in level.face.iter().enumerate().filter(|(_, face)| **face) {
        let (x, y) = (place % level.side / 2, place / level.side / 2);
        let lost = level.grey[place] - half.grey[y * half.side + x];
        count += 1.0;
        sum += lost.abs();
        squares += lost * lost;
        cubes += lost * lost * lost;
    }
    let count = count.max(1.0);
    let deviation = (squares / count).sqrt() + TINY;
    let skew = cubes / count / deviation.powi(3);
    [deviation.ln(), sum / count / deviation, skew.clamp(-MOST_SKEW, MOST_SKEW)]
}

/// Mean and standard deviation of the face.
fn moments(level: &Level) -> (f32, f32) {
    let face = level.grey.iter().zip(&level.face).filter(|(_, face)| **face);
    let values: Vec<f32> = face.map(|(value, _)| *value).collect();
    let count = values.len().max(1) as f32;
    let mean = values.iter().sum::<f32>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / count;
    (mean, variance.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_flat_has_one_shade_and_no_detail() {
        let features = features(&[100; SIDE * SIDE]);
        assert_eq!(features.len(), FEATURES);
        assert_eq!(features[100 * SHADES / 256], 1.0);
        assert_eq!(features[SHADES], 1.0);
        assert!(features.iter().all(|feature| feature.is_finite()));
        // Too few pixels are no panic.
        assert!(super::features(&[7; 10]).iter().all(|feature| feature.is_finite()));
    }

    /// What `models/reference/appearance/tones.py` finds in [`pattern`].
    const GOLDEN: [f32; FEATURES] = [
        0.0000, 0.0007, 0.0195, 0.0594, 0.0998, 0.1174, 0.1280, 0.1229, 0.1280, 0.1276, 0.1051,
        0.0665, 0.0242, 0.0009, 0.0000, 0.0000, 0.0595, 0.3969, 0.3498, 0.0000, 0.0000, 0.0000,
        0.0171, 0.1766, 4.8498, 2.2942, 2.6618, 6.4813, 3.0991, 0.5761, -0.0096, 3.0970, 0.7534,
        -0.1784, 2.9889, 0.8560, -0.0741, 1.8152, 0.7640, 0.0045, 2.5414, 1.8875, 3.7050,
    ];

    fn pattern() -> Vec<u8> {
        let at = |x: usize, y: usize| ((7 * x + 13 * y + x * y / 5) % 256) / 2 + (x + y) / 2;
        (0..SIDE * SIDE).map(|place| at(place % SIDE, place / SIDE) as u8).collect()
    }

    #[test]
    fn the_reference_finds_the_same() {
        for (index, (found, golden)) in features(&pattern()).iter().zip(GOLDEN).enumerate() {
            assert!((found - golden).abs() < 2e-3, "feature {index}: {found}, not {golden}");
        }
    }

    #[test]
    fn far_is_far_on_either_side() {
        let scaled = scaled(&[1.0, -99.0], &[0.0, 1.0, 2.0, 10.0]);
        assert_eq!(scaled, [0.5, -FURTHEST, 0.25, FURTHEST * FURTHEST]);
    }
}
