//! Finding faces: YuNet (Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", 2023).

mod candidates;
mod letterbox;

use faceauth_domain::capture::ImageSize;
use ndarray::Array4;
use opencv::core::{Mat, Rect};
use opencv::prelude::*;

use crate::error::VisionError;
use crate::frame::Frame;
use crate::halved::Halved;
use crate::manifest::Detection;
use crate::session::{Graph, Runtime};
use crate::tensor;
use candidates::{STRIDES, read_outputs, suppress};
use letterbox::Letterbox;

pub use candidates::Detected;

/// Side of the square pieces in which the second look is taken, in its own pixels. Detecting on
/// 1280 x 1280 at once would hold 110 MB of activations. A piece holds no more than the first look.
const TILE: u32 = 704;

/// Overlap of neighbouring pieces: twice the largest face that the first look, at half
/// the scale, can miss (about 30 of its pixels), so that each is whole in some piece.
const TILE_OVERLAP: u32 = 128;

/// Part of the smaller of two boxes that may be shared before the weaker one goes. A face
/// cut by the edge of one piece lies inside the whole face of the next, which
/// intersection over union would miss.
const MAX_CONTAINED: f32 = 0.5;

/// Least height of the largest face, in its own pixels, at which the quick look is believed. A second
/// subject is at least half as high (`domain::subject`): 28 px, and YuNet finds 57 of 60 faces of
/// 24 px and 60 of 60 of 40 px.
const QUICK_HEIGHT: f32 = 56.0;

/// Height of a face, in its own pixels, that the look at the next frame aims at: it may become
/// smaller by an eighth and is still believed.
const NEXT_HEIGHT: f32 = 64.0;

/// Most faces reported, largest first. Bounds what a crowd costs after detection.
pub const MAX_FACES: usize = 32;

/// The detector with its session and input buffer.
pub struct Detector {
    graph: Graph,
    spec: Detection,
    input: Array4<f32>,
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

    /// The faces in `frame`, largest first, at most [`MAX_FACES`]. A person before a camera is
    /// large and is found with a quarter of the work. Only when no large face is found, the picture
    /// is searched again at a larger size.
    ///
    /// # Errors
    /// [`VisionError`] when native code fails.
    pub fn detect(&mut self, frame: &Frame) -> Result<Vec<Detected>, VisionError> {
        self.search(&Halved::new(frame))
    }

    /// The same, of a frame that others look at as well.
    pub(crate) fn search(&mut self, frame: &Halved<'_>) -> Result<Vec<Detected>, VisionError> {
        let longest = longest(frame.frame().size());
        if longest > self.spec.quick_long_side
            && let Some(found) = self.look_quickly(frame, self.spec.quick_long_side)?
        {
            return Ok(found);
        }
        let letterbox = Letterbox::new(frame.frame().size(), self.spec.long_side);
        let mut found = self.look(frame, &letterbox)?;
        if found.is_empty() && longest > self.spec.long_side {
            found = self.look_closer(frame)?;
        }
        Ok(largest_first(found))
    }

    /// The faces in a frame whose forerunner had a largest face of `height` frame pixels, as
    /// [`Self::detect`]. The whole frame is searched, at the size at which that face is just large
    /// enough: where people are near, with half of the work.
    ///
    /// # Errors
    /// [`VisionError`] when native code fails.
    pub fn detect_next(
        &mut self,
        frame: &Frame,
        height: f32,
    ) -> Result<Vec<Detected>, VisionError> {
        self.search_next(&Halved::new(frame), height)
    }

    /// The same, of a frame that others look at as well.
    pub(crate) fn search_next(
        &mut self,
        frame: &Halved<'_>,
        height: f32,
    ) -> Result<Vec<Detected>, VisionError> {
        let long_side = next_long_side(longest(frame.frame().size()), height);
        if long_side < self.spec.quick_long_side
            && let Some(found) = self.look_quickly(frame, long_side)?
        {
            return Ok(found);
        }
        self.search(frame)
    }

    /// A look at the frame shrunk to `long_side`; `None` when it shows no face that is large enough
    /// to believe that nobody was missed.
    fn look_quickly(
        &mut self,
        frame: &Halved<'_>,
        long_side: u32,
    ) -> Result<Option<Vec<Detected>>, VisionError> {
        let letterbox = Letterbox::new(frame.frame().size(), long_side);
        let found = largest_first(self.look(frame, &letterbox)?);
        let tall = |face: &Detected| face.bounding_box.height / letterbox.ratio.1 >= QUICK_HEIGHT;
        Ok(if found.first().is_some_and(tall) { Some(found) } else { None })
    }

    /// The whole picture at once.
    fn look(
        &mut self,
        frame: &Halved<'_>,
        letterbox: &Letterbox,
    ) -> Result<Vec<Detected>, VisionError> {
        let min_score = self.spec.min_score;
        let candidates = if letterbox.shrunk == frame.frame().size() {
            self.candidates(&frame.frame().mat()?, min_score)?
        } else {
            self.candidates(&*frame.at(letterbox.shrunk)?, min_score)?
        };
        let faces = suppress(candidates, |a, b| a.iou(b) > self.spec.nms_iou);
        Ok(faces.into_iter().map(|d| letterbox.map_back(d)).collect())
    }

    /// The picture at the scale of the second look, piece by piece.
    fn look_closer(&mut self, frame: &Halved<'_>) -> Result<Vec<Detected>, VisionError> {
        let letterbox = Letterbox::new(frame.frame().size(), self.spec.retry_long_side);
        let shrunk = frame.at(letterbox.shrunk)?;
        let mut candidates = Vec::new();
        for y in tile_starts(letterbox.shrunk.height) {
            for x in tile_starts(letterbox.shrunk.width) {
                let width = TILE.min(letterbox.shrunk.width - x);
                let height = TILE.min(letterbox.shrunk.height - y);
                let tile = Rect::new(x as i32, y as i32, width as i32, height as i32);
                // The tensor is filled row by row from continuous memory.
                let piece = Mat::roi(&*shrunk, tile)?.try_clone()?;
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

fn longest(ImageSize { width, height }: ImageSize) -> u32 {
    width.max(height)
}

/// The long side at which a face of `height` is just large enough, where the frame's is `longest`.
fn next_long_side(longest: u32, height: f32) -> u32 {
    let enough = longest as f32 * NEXT_HEIGHT / height.max(1.0);
    (enough as u32).saturating_add(1).next_multiple_of(STRIDES[2] as u32)
}

fn largest_first(mut found: Vec<Detected>) -> Vec<Detected> {
    found.sort_by(|a, b| b.bounding_box.area().total_cmp(&a.bounding_box.area()));
    found.truncate(MAX_FACES);
    found
}

/// Where the pieces along one side begin.
fn tile_starts(side: u32) -> impl Iterator<Item = u32> {
    let last = side.saturating_sub(TILE);
    let step = TILE - TILE_OVERLAP;
    (0..=last.div_ceil(step)).map(move |i| (i * step).min(last))
}

#[cfg(test)]
mod tests {
    use faceauth_domain::geometry::{BoundingBox, FiveLandmarks, Point};
    use proptest::prelude::*;

    use super::*;

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
