//! How much relief a face shows: what is left of its turn when a picture of it is fitted.

use faceauth_domain::geometry::Point;
use faceauth_domain::liveness::evidence::Relief;
use opencv::calib3d;
use opencv::core::{self, Point2f, Vector};
use opencv::prelude::*;

use crate::align::Similarity;
use crate::error::VisionError;
use crate::landmarks::DenseLandmarks;

/// How `seen` lies compared with `frontal`.
pub(crate) fn relief(
    frontal: &DenseLandmarks,
    seen: &DenseLandmarks,
) -> Result<Relief, VisionError> {
    let unit = eye_distance(frontal);
    if unit <= f32::EPSILON {
        return Ok(Relief::default());
    }
    let scaled =
        |landmarks: &DenseLandmarks| landmarks.map(|p| Point { x: p.x / unit, y: p.y / unit });
    // Residuals are measured in the frontal frame, so that coming closer does not count.
    let (from, to) = (scaled(seen), scaled(frontal));
    let turn = Similarity::fit(&from, &to).map_or(f32::INFINITY, |fit| {
        spread(&to, from.iter().map(|p| fit.apply(f64::from(p.x), f64::from(p.y))))
    });
    Ok(Relief { turn, depth: homography_residual(&from, &to)? })
}

/// Root mean square distance between `to` and `from` after the best homography.
fn homography_residual(from: &DenseLandmarks, to: &DenseLandmarks) -> Result<f32, VisionError> {
    let vector = |points: &DenseLandmarks| {
        Vector::<Point2f>::from_iter(points.iter().map(|p| Point2f::new(p.x, p.y)))
    };
    let (source, target) = (vector(from), vector(to));
    let matrix = calib3d::find_homography_ext_def(&source, &target)?;
    if matrix.empty() {
        // Points on a line have none: no face.
        return Ok(f32::INFINITY);
    }
    let mut moved = Vector::<Point2f>::new();
    core::perspective_transform(&source, &mut moved, &matrix)?;
    Ok(spread(to, moved.iter().map(|p| (f64::from(p.x), f64::from(p.y)))))
}

/// Root mean square distance between `to` and `moved`.
fn spread(to: &DenseLandmarks, moved: impl Iterator<Item = (f64, f64)>) -> f32 {
    let sum: f64 = to
        .iter()
        .zip(moved)
        .map(|(p, (x, y))| (x - f64::from(p.x)).powi(2) + (y - f64::from(p.y)).powi(2))
        .sum();
    (sum / to.len() as f64).sqrt() as f32
}

/// Between the means of the two eyes' six points.
fn eye_distance(points: &DenseLandmarks) -> f32 {
    let centre = |range: std::ops::Range<usize>| {
        let count = range.len() as f32;
        let sum = points[range].iter().fold((0.0, 0.0), |s, p: &Point| (s.0 + p.x, s.1 + p.y));
        (sum.0 / count, sum.1 / count)
    };
    let (left, right) = (centre(36..42), centre(42..48));
    (right.0 - left.0).hypot(right.1 - left.1)
}
