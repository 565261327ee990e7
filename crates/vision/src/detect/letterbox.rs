//! How a frame is shrunk for the detector, and what it found is mapped back.

use faceauth_domain::capture::ImageSize;
use faceauth_domain::geometry::{BoundingBox, FiveLandmarks, Point};

use super::candidates::Detected;

/// How a frame was shrunk for the detector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Letterbox {
    /// Frame after shrinking.
    pub(super) shrunk: ImageSize,
    /// Frame pixels per shrunk pixel, horizontally and vertically.
    pub(super) ratio: (f32, f32),
}

impl Letterbox {
    pub(super) fn new(frame: ImageSize, long_side: u32) -> Self {
        let scale = (long_side as f32 / frame.width.max(frame.height) as f32).min(1.0);
        let shrink = |side: u32| ((side as f32 * scale).round() as u32).max(1);
        let shrunk = ImageSize { width: shrink(frame.width), height: shrink(frame.height) };
        let ratio =
            (frame.width as f32 / shrunk.width as f32, frame.height as f32 / shrunk.height as f32);
        Self { shrunk, ratio }
    }

    /// Maps a detection from input pixels back to frame pixels.
    pub(super) fn map_back(&self, d: Detected) -> Detected {
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
