//! Finding faces: YuNet (Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", 2023).

use faceauth_domain::capture::ImageSize;
use faceauth_domain::face::{BoundingBox, FiveLandmarks, Point};
use ndarray::{Array4, ArrayViewD};
use opencv::core::{Mat, Size};

use crate::crop;
use crate::error::VisionError;
use crate::frame::Frame;
use crate::manifest::{Detection, Filter};
use crate::session::{Graph, Runtime};
use crate::tensor;

/// Sides of the detector's cells in pixels. Inputs are padded to a multiple of the last.
const STRIDES: [usize; 3] = [8, 16, 32];

/// Most candidates that enter suppression. A hostile picture could make tens of
/// thousands; a crowd of real faces makes a few hundred.
const MAX_CANDIDATES: usize = 1000;

/// Most faces reported, largest first. Bounds what a crowd costs after detection.
pub const MAX_FACES: usize = 32;

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

/// The detector with its session and input buffer.
pub struct Detector {
    graph: Graph,
    spec: Detection,
    input: Array4<f32>,
}

/// How a frame was placed in the padded input: shrunk, upper left.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Letterbox {
    /// Frame after shrinking.
    shrunk: ImageSize,
    /// Input after padding right and bottom.
    padded: ImageSize,
    /// Frame pixels per shrunk pixel, horizontally and vertically.
    ratio: (f32, f32),
}

impl Letterbox {
    fn new(frame: ImageSize, long_side: u32) -> Self {
        let scale = (long_side as f32 / frame.width.max(frame.height) as f32).min(1.0);
        let shrink = |side: u32| ((side as f32 * scale).round() as u32).max(1);
        let shrunk = ImageSize { width: shrink(frame.width), height: shrink(frame.height) };
        let cell = STRIDES[2] as u32;
        let padded = ImageSize {
            width: shrunk.width.next_multiple_of(cell),
            height: shrunk.height.next_multiple_of(cell),
        };
        let ratio =
            (frame.width as f32 / shrunk.width as f32, frame.height as f32 / shrunk.height as f32);
        Self { shrunk, padded, ratio }
    }

    /// Maps a detection from input pixels back to frame pixels.
    fn map_back(&self, d: Detected) -> Detected {
        let (rx, ry) = self.ratio;
        let b = d.bounding_box;
        Detected {
            bounding_box: BoundingBox {
                x: b.x * rx,
                y: b.y * ry,
                width: b.width * rx,
                height: b.height * ry,
            },
            score: d.score,
            landmarks: FiveLandmarks::from_array(
                d.landmarks.to_array().map(|p| Point { x: p.x * rx, y: p.y * ry }),
            ),
        }
    }
}

impl Detector {
    /// Builds the session from the weight file's bytes.
    ///
    /// # Errors
    /// [`VisionError`] when the graph is not what the manifest says.
    pub fn new(
        runtime: &Runtime,
        spec: &Detection,
        bytes: &[u8],
        threads: usize,
    ) -> Result<Self, VisionError> {
        let graph = Graph::new(runtime, &spec.weights, bytes, threads)?;
        Ok(Self { graph, spec: spec.clone(), input: Array4::zeros((1, 3, 32, 32)) })
    }

    /// The faces in `frame`, largest first, at most [`MAX_FACES`].
    ///
    /// # Errors
    /// [`VisionError`] when native code fails.
    pub fn detect(&mut self, frame: &Frame) -> Result<Vec<Detected>, VisionError> {
        let longest = frame.size().width.max(frame.size().height);
        let found = self.look(frame, self.spec.long_side)?;
        if found.is_empty() && longest > self.spec.long_side {
            return self.look(frame, self.spec.retry_long_side);
        }
        Ok(found)
    }

    fn look(&mut self, frame: &Frame, long_side: u32) -> Result<Vec<Detected>, VisionError> {
        let letterbox = Letterbox::new(frame.size(), long_side);
        self.fill_input(frame, &letterbox)?;
        let (min_score, nms_iou) = (self.spec.min_score, self.spec.nms_iou);
        let candidates = self
            .graph
            .run(&self.input, |outputs| read_outputs(outputs, letterbox.padded, min_score))?;
        let mut faces: Vec<Detected> =
            suppress(candidates, nms_iou).into_iter().map(|d| letterbox.map_back(d)).collect();
        faces.sort_by(|a, b| b.bounding_box.area().total_cmp(&a.bounding_box.area()));
        faces.truncate(MAX_FACES);
        Ok(faces)
    }

    fn fill_input(&mut self, frame: &Frame, letterbox: &Letterbox) -> Result<(), VisionError> {
        let ImageSize { width, height } = letterbox.padded;
        let shape = (1, 3, height as usize, width as usize);
        if self.input.dim() == shape {
            self.input.fill(0.0);
        } else {
            self.input = Array4::zeros(shape);
        }
        let picture = frame.mat()?;
        let target = Size::new(letterbox.shrunk.width as i32, letterbox.shrunk.height as i32);
        let input = &self.spec.weights.input;
        if letterbox.shrunk == frame.size() {
            return tensor::fill(&mut self.input, &picture, input);
        }
        let shrunk: Mat = crop::resize(&picture, target, Filter::Area)?;
        tensor::fill(&mut self.input, &shrunk, input)
    }
}

/// Reads class, objectness, box and key point outputs, each for the three strides.
fn read_outputs(
    outputs: &[ArrayViewD<'_, f32>],
    padded: ImageSize,
    min_score: f32,
) -> Vec<Detected> {
    let mut found = Vec::new();
    for (level, stride) in STRIDES.into_iter().enumerate() {
        let columns = padded.width as usize / stride;
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

/// Greedy non-maximum suppression: the best score wins, boxes that overlap it by more
/// than `max_iou` go.
fn suppress(mut candidates: Vec<Detected>, max_iou: f32) -> Vec<Detected> {
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    candidates.truncate(MAX_CANDIDATES);
    let mut kept: Vec<Detected> = Vec::new();
    for candidate in candidates {
        if kept.iter().all(|k| k.bounding_box.iou(&candidate.bounding_box) <= max_iou) {
            kept.push(candidate);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn detected(x: f32, score: f32) -> Detected {
        Detected {
            bounding_box: BoundingBox { x, y: 0.0, width: 10.0, height: 10.0 },
            score,
            landmarks: FiveLandmarks::from_array([Point::default(); 5]),
        }
    }

    #[test]
    fn suppression_keeps_the_best_of_each_cluster() {
        let kept = suppress(
            vec![detected(1.0, 0.8), detected(0.0, 0.9), detected(50.0, 0.75), detected(2.0, 0.7)],
            0.3,
        );
        let scores: Vec<f32> = kept.iter().map(|d| d.score).collect();
        assert_eq!(scores, [0.9, 0.75]);
    }

    #[test]
    fn letterbox_never_enlarges_and_pads_to_cells() {
        let small = Letterbox::new(ImageSize { width: 100, height: 50 }, 640);
        assert_eq!(small.shrunk, ImageSize { width: 100, height: 50 });
        assert_eq!(small.padded, ImageSize { width: 128, height: 64 });
        let wide = Letterbox::new(ImageSize { width: 1280, height: 720 }, 640);
        assert_eq!(wide.shrunk, ImageSize { width: 640, height: 360 });
        assert_eq!(wide.padded, ImageSize { width: 640, height: 384 });
        let line = Letterbox::new(ImageSize { width: 4096, height: 1 }, 640);
        assert_eq!(line.shrunk, ImageSize { width: 640, height: 1 });
    }

    proptest! {
        #[test]
        fn boxes_map_back_through_the_letterbox(
            width in 1u32..4096, height in 1u32..4096, x in 0.0f32..1.0, y in 0.0f32..1.0,
        ) {
            let frame = ImageSize { width, height };
            let letterbox = Letterbox::new(frame, 640);
            let mut d = detected(0.0, 0.9);
            d.bounding_box.x = x * letterbox.shrunk.width as f32;
            d.bounding_box.y = y * letterbox.shrunk.height as f32;
            let back = letterbox.map_back(d).bounding_box;
            prop_assert!((back.x - x * width as f32).abs() < 0.01 * width as f32 + 0.01);
            prop_assert!((back.y - y * height as f32).abs() < 0.01 * height as f32 + 0.01);
        }
    }
}
