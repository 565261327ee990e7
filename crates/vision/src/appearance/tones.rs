//! Statistics of brightness and of fine detail of a face crop. A drawing keeps the edges of a face,
//! so gradients do not tell it from a photo; but not how bright skin is, nor how it is grained.

use std::ops::Range;
use std::sync::LazyLock;

use super::LANES;
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

/// What a Laplacian of grey values is at most.
const MOST_LAPLACIAN: usize = 4 * 255;
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

/// Columns that show the face, for each row of a crop or of one that was halved.
type Face = Vec<Range<usize>>;

/// Where a crop shows the face, then where its halves do.
static FACES: LazyLock<[Face; 1 + LEVELS]> = LazyLock::new(|| {
    let mut face: Face = (0..SIDE).map(across).collect();
    std::array::from_fn(|_| {
        let next = halved_face(&face);
        std::mem::replace(&mut face, next)
    })
});

/// How much detail each strength of a Laplacian counts as.
static GRAIN: LazyLock<[f32; 1 + MOST_LAPLACIAN]> =
    LazyLock::new(|| std::array::from_fn(|laplacian| (laplacian as f32 + 1.0).log2()));

/// A picture that is halved.
struct Level {
    side: usize,
    grey: Vec<f32>,
}

impl Level {
    /// The grey values of the face, row by row.
    fn face<'a>(&'a self, face: &'a Face) -> impl Iterator<Item = &'a [f32]> {
        self.grey.chunks_exact(self.side).zip(face).map(|(row, columns)| &row[columns.clone()])
    }
}

/// Shares of shades and grains, the grain of each range of brightness; for each size of detail its
/// strength, peakedness and skewness; the strength of what is coarser; mean and deviation.
pub(super) fn features(grey: &[u8]) -> Vec<f32> {
    let mut pixels = vec![[0; SIDE]; SIDE];
    for (pixel, value) in pixels.as_flattened_mut().iter_mut().zip(grey) {
        *pixel = *value;
    }
    let values = pixels.as_flattened().iter().copied().map(f32::from).collect();
    let mut level = Level { side: SIDE, grey: values };
    let faces = &*FACES;
    let (mean, deviation) = moments(&level, &faces[0]);
    let mut features = shades_and_grains(&pixels, &faces[0]);
    for face in &faces[..LEVELS] {
        let half = halved(&level);
        features.extend(detail(&level, &half, face));
        level = half;
    }
    let (_, coarse) = moments(&level, &faces[LEVELS]);
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

/// Where a row of the crop shows the face.
fn across(row: usize) -> Range<usize> {
    let off =
        |pixel: usize, centre: f32, radius: f32| ((pixel as f32 + 0.5 - centre) / radius).powi(2);
    let mut inside = (0..SIDE)
        .filter(|column| off(*column, CENTRE.0, RADII.0) + off(row, CENTRE.1, RADII.1) < 1.0);
    let first = inside.next();
    first.map_or(0..0, |first| first..inside.next_back().unwrap_or(first) + 1)
}

/// Where the half of a picture shows the face: where all four pixels do.
fn halved_face(face: &Face) -> Face {
    let both = |upper: &Range<usize>, lower: &Range<usize>| {
        let start = upper.start.max(lower.start).div_ceil(2);
        start..(upper.end.min(lower.end) / 2).max(start)
    };
    face.as_chunks::<2>().0.iter().map(|[upper, lower]| both(upper, lower)).collect()
}

/// The mean of each two by two pixels.
fn halved(level: &Level) -> Level {
    let side = level.side / 2;
    let mut grey = vec![0.0; side * side];
    for (row, two) in grey.chunks_exact_mut(side).zip(level.grey.chunks_exact(2 * level.side)) {
        let (upper, lower) = two.split_at(level.side);
        let four = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
        for (mean, (upper, lower)) in row.iter_mut().zip(four) {
            *mean = (upper[0] + upper[1] + lower[0] + lower[1]) / 4.0;
        }
    }
    Level { side, grey }
}

fn shades_and_grains(pixels: &[[u8; SIDE]], face: &Face) -> Vec<f32> {
    let (mut shades, mut grains) = ([0.0; SHADES], [0.0; GRAINS]);
    let mut ranges = [(0.0, FEW); RANGES];
    let grain_of = &*GRAIN;
    for (y, columns) in face.iter().enumerate() {
        let (up, row) = (&pixels[y.saturating_sub(1)], &pixels[y]);
        let down = &pixels[(y + 1).min(SIDE - 1)];
        for x in columns.clone() {
            let (left, right) = (row[x.saturating_sub(1)], row[(x + 1).min(SIDE - 1)]);
            let around = [left, right, up[x], down[x]].into_iter().map(u16::from).sum::<u16>();
            let grain = grain_of[usize::from(around.abs_diff(4 * u16::from(row[x])))];
            let of = |parts: usize| usize::from(row[x]) * parts / 256;
            shades[of(SHADES)] += 1.0;
            grains[(grain as usize).min(GRAINS - 1)] += 1.0;
            let (sum, count) = &mut ranges[of(RANGES)];
            *sum += grain;
            *count += 1.0;
        }
    }
    let pixels = shades.iter().sum::<f32>().max(1.0);
    let shares = shades.into_iter().chain(grains).map(|count| count / pixels);
    shares.chain(ranges.into_iter().map(|(sum, count)| sum / count)).collect()
}

/// What of the face in `level` is lost in `half`.
fn detail(level: &Level, half: &Level, face: &Face) -> [f32; 3] {
    let (mut count, mut sums) = (0, [[0.0; LANES]; 3]);
    let mut lost = [0.0; SIDE];
    for (y, (row, columns)) in level.grey.chunks_exact(level.side).zip(face).enumerate() {
        let means = &half.grey[y / 2 * half.side..][..half.side];
        let pairs = lost.as_chunks_mut::<2>().0.iter_mut().zip(row.as_chunks::<2>().0);
        for ((lost, row), mean) in pairs.zip(means) {
            *lost = row.map(|value| value - mean);
        }
        let lost = &lost[columns.clone()];
        count += lost.len();
        add(&mut sums, lost, |lost| [lost.abs(), lost * lost, lost * lost * lost]);
    }
    let count = count.max(1) as f32;
    let [sum, squares, cubes] = sums.map(|lanes| lanes.iter().sum::<f32>());
    let deviation = (squares / count).sqrt() + TINY;
    let skew = cubes / count / deviation.powi(3);
    [deviation.ln(), sum / count / deviation, skew.clamp(-MOST_SKEW, MOST_SKEW)]
}

/// Mean and standard deviation of the face.
fn moments(level: &Level, face: &Face) -> (f32, f32) {
    let count = face.iter().map(Range::len).sum::<usize>().max(1) as f32;
    let mut sums = [[0.0; LANES]];
    level.face(face).for_each(|row| add(&mut sums, row, |value| [value]));
    let mean = sums.as_flattened().iter().sum::<f32>() / count;
    let mut squares = [[0.0; LANES]];
    level.face(face).for_each(|row| add(&mut squares, row, |value| [(value - mean).powi(2)]));
    (mean, (squares.as_flattened().iter().sum::<f32>() / count).sqrt())
}

/// Adds what `of` makes of each value to sums that are kept side by side, so that the compiler makes
/// vector instructions of them.
fn add<const N: usize>(sums: &mut [[f32; LANES]; N], values: &[f32], of: impl Fn(f32) -> [f32; N]) {
    let (parts, rest) = values.as_chunks::<LANES>();
    for part in parts {
        for lane in 0..LANES {
            for (sums, term) in sums.iter_mut().zip(of(part[lane])) {
                sums[lane] += term;
            }
        }
    }
    for (lane, value) in rest.iter().enumerate() {
        for (sums, term) in sums.iter_mut().zip(of(*value)) {
            sums[lane] += term;
        }
    }
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
