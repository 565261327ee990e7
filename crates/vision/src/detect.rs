//! Finding faces: YuNet (Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", 2023).

use faceauth_domain::capture::ImageSize;
use faceauth_domain::face::{BoundingBox, FiveLandmarks, Point};
use ndarray::{Array4, ArrayViewD};
use opencv::core::{Mat, Rect, Size};
use opencv::prelude::*;

use crate::crop;
use crate::error::VisionError;
use crate::frame::Frame;
use crate::manifest::{Detection, Filter};
use crate::session::{Graph, Runtime};
use crate::tensor;

/// Sides of the detector's cells in pixels. Inputs are padded to a multiple of the last.
const STRIDES: [usize; 3] = [8, 16, 32];

/// Side of the square pieces in which the second look is taken, in its own pixels. Looking
/// at 1280 x 1280 at once would hold 110 MB of activations; a piece holds no more than
/// the first look.
const TILE: u32 = 704;

/// Overlap of neighbouring pieces: twice the largest face that the first look, at half
/// the scale, can miss (about 30 of its pixels), so that each is whole in some piece.
const TILE_OVERLAP: u32 = 128;

/// Part of the smaller of two boxes that may be shared before the weaker one goes. A face
/// cut by the edge of one piece lies inside the whole face of the next, which
/// intersection over union would miss.
const MAX_CONTAINED: f32 = 0.5;

/// Most candidates that enter suppression. A hostile picture could make tens of
/// thousands; a crowd of real faces makes a few hundred.
const MAX_CANDIDATES: usize = 1000;

/// Least height of the largest face, in its own pixels, at which the quick look is believed. A second
/// subject is at least half as high (`domain::subject`): 28 px, and YuNet finds 57 of 60 faces of
/// 24 px and 60 of 60 of 40 px.
const QUICK_HEIGHT: f32 = 56.0;

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

impl Detected {
    fn shifted(self, dx: f32, dy: f32) -> Self {
        let shift = |p: Point| Point { x: p.x + dx, y: p.y + dy };
        let b = self.bounding_box;
        Self {
            bounding_box: BoundingBox { x: b.x + dx, y: b.y + dy, ..b },
            landmarks: FiveLandmarks::from_array(self.landmarks.to_array().map(shift)),
            ..self
        }
    }
}

/// The detector with its session and input buffer.
pub struct Detector {
    graph: Graph,
    spec: Detection,
    input: Array4<f32>,
}

/// How a frame was shrunk for the detector.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Letterbox {
    /// Frame after shrinking.
    shrunk: ImageSize,
    /// Frame pixels per shrunk pixel, horizontally and vertically.
    ratio: (f32, f32),
}

impl Letterbox {
    fn new(frame: ImageSize, long_side: u32) -> Self {
        let scale = (long_side as f32 / frame.width.max(frame.height) as f32).min(1.0);
        let shrink = |side: u32| ((side as f32 * scale).round() as u32).max(1);
        let shrunk = ImageSize { width: shrink(frame.width), height: shrink(frame.height) };
        let ratio =
            (frame.width as f32 / shrunk.width as f32, frame.height as f32 / shrunk.height as f32);
        Self { shrunk, ratio }
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

    /// The faces in `frame`, largest first, at most [`MAX_FACES`]. Who stands before a camera is
    /// large, and found at a quarter of the work; only when nobody is, the picture is looked at
    /// again, larger.
    ///
    /// # Errors
    /// [`VisionError`] when native code fails.
    pub fn detect(&mut self, frame: &Frame) -> Result<Vec<Detected>, VisionError> {
        let longest = frame.size().width.max(frame.size().height);
        if longest > self.spec.quick_long_side {
            let letterbox = Letterbox::new(frame.size(), self.spec.quick_long_side);
            let found = largest_first(self.look(frame, &letterbox)?);
            let tall =
                |face: &Detected| face.bounding_box.height / letterbox.ratio.1 >= QUICK_HEIGHT;
            if found.first().is_some_and(tall) {
                return Ok(found);
            }
        }
        let letterbox = Letterbox::new(frame.size(), self.spec.long_side);
        let mut found = self.look(frame, &letterbox)?;
        if found.is_empty() && longest > self.spec.long_side {
            found = self.look_closer(frame)?;
        }
        Ok(largest_first(found))
    }

    /// The whole picture at once.
    fn look(&mut self, frame: &Frame, letterbox: &Letterbox) -> Result<Vec<Detected>, VisionError> {
        let min_score = self.spec.min_score;
        let candidates = if letterbox.shrunk == frame.size() {
            self.candidates(&frame.mat()?, min_score)?
        } else {
            self.candidates(&shrink(frame, letterbox)?, min_score)?
        };
        let faces = suppress(candidates, |a, b| a.iou(b) > self.spec.nms_iou);
        Ok(faces.into_iter().map(|d| letterbox.map_back(d)).collect())
    }

    /// The picture at the scale of the second look, piece by piece.
    fn look_closer(&mut self, frame: &Frame) -> Result<Vec<Detected>, VisionError> {
        let letterbox = Letterbox::new(frame.size(), self.spec.retry_long_side);
        let shrunk = shrink(frame, &letterbox)?;
        let mut candidates = Vec::new();
        for y in tile_starts(letterbox.shrunk.height) {
            for x in tile_starts(letterbox.shrunk.width) {
                let width = TILE.min(letterbox.shrunk.width - x);
                let height = TILE.min(letterbox.shrunk.height - y);
                let tile = Rect::new(x as i32, y as i32, width as i32, height as i32);
                // The tensor is filled row by row from continuous memory.
                let piece = Mat::roi(&shrunk, tile)?.try_clone()?;
                let found = self.candidates(&piece, self.spec.retry_min_score)?;
                candidates.extend(found.into_iter().map(|d| d.shifted(x as f32, y as f32)));
            }
        }
        let nms_iou = self.spec.nms_iou;
        let faces =
            suppress(candidates, |a, b| a.iou(b) > nms_iou || a.contained(b) > MAX_CONTAINED);
        Ok(faces.into_iter().map(|d| letterbox.map_back(d)).collect())
    }

    /// Everything above the score in `picture`, unsuppressed, in its pixels.
    fn candidates(
        &mut self,
        picture: &impl MatTraitConstManual,
        min_score: f32,
    ) -> Result<Vec<Detected>, VisionError> {
        let cell = STRIDES[2];
        let padded = |side: i32| (side as usize).next_multiple_of(cell);
        let (width, height) = (padded(picture.cols()), padded(picture.rows()));
        let shape = (1, 3, height, width);
        if self.input.dim() == shape {
            self.input.fill(0.0);
        } else {
            self.input = Array4::zeros(shape);
        }
        tensor::fill(&mut self.input, picture, &self.spec.weights.input)?;
        self.graph.run(&self.input, |outputs| read_outputs(outputs, width, min_score))
    }
}

fn largest_first(mut found: Vec<Detected>) -> Vec<Detected> {
    found.sort_by(|a, b| b.bounding_box.area().total_cmp(&a.bounding_box.area()));
    found.truncate(MAX_FACES);
    found
}

/// `frame` at the letterbox's size, by halves as far as they go: a half is the mean of four pixels,
/// which OpenCV computes ten times as fast as any other average.
fn shrink(frame: &Frame, letterbox: &Letterbox) -> Result<Mat, VisionError> {
    let target = Size::new(letterbox.shrunk.width as i32, letterbox.shrunk.height as i32);
    let halves = |size: Size| {
        let even = size.width % 2 == 0 && size.height % 2 == 0;
        let half = Size::new(size.width / 2, size.height / 2);
        (even && half.width >= target.width && half.height >= target.height).then_some(half)
    };
    let whole = frame.mat()?;
    let Some(mut size) = halves(whole.size()?) else {
        return Ok(crop::resize(&whole, target, Filter::Area)?);
    };
    let mut shrunk = crop::resize(&whole, size, Filter::Area)?;
    while let Some(half) = halves(size) {
        shrunk = crop::resize(&shrunk, half, Filter::Area)?;
        size = half;
    }
    if size == target { Ok(shrunk) } else { Ok(crop::resize(&shrunk, target, Filter::Area)?) }
}

/// Where the pieces along one side begin.
fn tile_starts(side: u32) -> impl Iterator<Item = u32> {
    let last = side.saturating_sub(TILE);
    let step = TILE - TILE_OVERLAP;
    (0..=last.div_ceil(step)).map(move |i| (i * step).min(last))
}

/// Reads class, objectness, box and key point outputs, each for the three strides, of an
/// input `width` pixels wide.
fn read_outputs(outputs: &[ArrayViewD<'_, f32>], width: usize, min_score: f32) -> Vec<Detected> {
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
fn suppress(
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
            |a, b| a.iou(b) > 0.3,
        );
        let scores: Vec<f32> = kept.iter().map(|d| d.score).collect();
        assert_eq!(scores, [0.9, 0.75]);
    }

    #[test]
    fn tiles_cover_every_side_and_overlap() {
        for side in [1, 100, 704, 705, 900, 1280, 4096] {
            let starts: Vec<u32> = tile_starts(side).collect();
            assert_eq!(starts[0], 0);
            assert!(starts.windows(2).all(|w| w[1] > w[0] && w[1] - w[0] <= TILE - TILE_OVERLAP));
            assert!(starts[starts.len() - 1] + TILE >= side, "{side}: {starts:?}");
        }
    }

    #[test]
    fn letterbox_never_enlarges() {
        let small = Letterbox::new(ImageSize { width: 100, height: 50 }, 640);
        assert_eq!(small.shrunk, ImageSize { width: 100, height: 50 });
        let wide = Letterbox::new(ImageSize { width: 1280, height: 720 }, 640);
        assert_eq!(wide.shrunk, ImageSize { width: 640, height: 360 });
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
