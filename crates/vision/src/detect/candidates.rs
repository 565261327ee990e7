//! From the detector's outputs to faces: reading its cells, and dropping all but the best of
//! overlapping boxes.

use faceauth_domain::geometry::{BoundingBox, FiveLandmarks, Point};
use ndarray::ArrayViewD;

/// Sides of the detector's cells in pixels. Inputs are padded to a multiple of the last.
pub(super) const STRIDES: [usize; 3] = [8, 16, 32];

/// Most candidates that enter suppression. A hostile picture could make tens of
/// thousands; a crowd of real faces makes a few hundred.
const MAX_CANDIDATES: usize = 1000;

/// A face as the detector sees it, in frame pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detected {
    /// Where it is; may reach past the frame.
    pub bounding_box: BoundingBox,
    /// 0 to 1.
    pub score: f32,
    /// The detector's own, coarse points.
    pub landmarks: FiveLandmarks,
}

impl Detected {
    pub(super) fn shifted(self, dx: f32, dy: f32) -> Self {
        let shift = |p: Point| Point { x: p.x + dx, y: p.y + dy };
        let b = self.bounding_box;
        Self {
            bounding_box: BoundingBox { x: b.x + dx, y: b.y + dy, ..b },
            landmarks: FiveLandmarks::from_array(self.landmarks.to_array().map(shift)),
            ..self
        }
    }
}

/// Reads class, objectness, box and key point outputs, each for the three strides, of an
/// input `width` pixels wide.
pub(super) fn read_outputs(
    outputs: &[ArrayViewD<'_, f32>],
    width: usize,
    min_score: f32,
) -> Vec<Detected> {
    let mut found = Vec::new();
    for (level, stride) in STRIDES.into_iter().enumerate() {
        let columns = width / stride;
        let [class, object, boxes, points] =
            [0, 1, 2, 3].map(|kind| outputs.get(kind * STRIDES.len() + level));
        let (Some(class), Some(object), Some(boxes), Some(points)) = (class, object, boxes, points)
        else {
            continue;
        };
        let cells = class.len().min(object.len());
        for (cell, (class, object)) in class.iter().zip(object.iter()).enumerate().take(cells) {
            let score = (class.clamp(0.0, 1.0) * object.clamp(0.0, 1.0)).sqrt();
            if score < min_score {
                continue;
            }
            let s = stride as f32;
            let (column, row) = ((cell % columns) as f32, (cell / columns) as f32);
            let b = |i: usize| boxes[[0, cell, i]];
            let k = |i: usize| points[[0, cell, i]];
            let (width, height) = (b(2).exp() * s, b(3).exp() * s);
            let point =
                |i: usize| Point { x: (k(2 * i) + column) * s, y: (k(2 * i + 1) + row) * s };
            let detected = Detected {
                bounding_box: BoundingBox {
                    x: (column + b(0)) * s - width / 2.0,
                    y: (row + b(1)) * s - height / 2.0,
                    width,
                    height,
                },
                score,
                landmarks: FiveLandmarks::from_array([0, 1, 2, 3, 4].map(point)),
            };
            // Weights from elsewhere may overflow; a box without extent is no face.
            if detected.bounding_box.area().is_finite() && detected.bounding_box.area() > 0.0 {
                found.push(detected);
            }
        }
    }
    found
}

/// Greedy non-maximum suppression: the best score wins, boxes that are the `same` face go.
pub(super) fn suppress(
    mut candidates: Vec<Detected>,
    same: impl Fn(&BoundingBox, &BoundingBox) -> bool,
) -> Vec<Detected> {
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    candidates.truncate(MAX_CANDIDATES);
    let mut kept: Vec<Detected> = Vec::new();
    for candidate in candidates {
        if !kept.iter().any(|k| same(&k.bounding_box, &candidate.bounding_box)) {
            kept.push(candidate);
        }
    }
    kept
}
