//! What is kept of a frame, and where a person is in it.

use std::cell::OnceCell;

use faceauth_domain::capture::ImageSize;
use faceauth_domain::geometry::BoundingBox;
use opencv::core::{Mat, Rect, Scalar, Vector};
use opencv::imgproc;
use opencv::prelude::*;

use super::pyramid;
use crate::error::VisionError;
use crate::halved::Halved;
use crate::landmarks::DenseLandmarks;
use crate::wiped::Wiped;

/// Long side in pixels of the grey pictures that frames are compared by. They are large enough to
/// keep sensor noise, which separates a live picture from a still.
const LONG_SIDE: u32 = 320;

/// Part of the face box, about its centre, that is surely face.
const FACE_CORE: f32 = 0.8;

/// What is surely not face: outside of the box grown by this much on each side, in face
/// sizes. Hair and ears lie within.
const FACE_REACH: f32 = 0.5;

/// What is kept of a frame when its pixels are gone.
pub(crate) struct Trace {
    pub(super) grey: Wiped,
    /// Grey pixels per frame pixel.
    scale: f32,
    face: Option<BoundingBox>,
    points: Option<DenseLandmarks>,
    /// The grey picture in several sizes, made when points are first followed.
    pyramid: OnceCell<Vector<Mat>>,
}

impl Trace {
    /// Shrinks `frame`.
    pub(crate) fn new(frame: &Halved<'_>) -> Result<Self, VisionError> {
        let ImageSize { width, height } = frame.frame().size();
        let scale = (LONG_SIDE as f32 / width.max(height) as f32).min(1.0);
        let side = |pixels: u32| ((pixels as f32 * scale).round() as u32).max(1);
        let shrunk = frame.at(ImageSize { width: side(width), height: side(height) })?;
        let mut grey = Mat::default();
        imgproc::cvt_color_def(&*shrunk, &mut grey, imgproc::COLOR_RGB2GRAY)?;
        Ok(Self { grey: grey.into(), scale, face: None, points: None, pyramid: OnceCell::new() })
    }

    /// What was found in the frame, in its pixels.
    pub(crate) fn shows(
        mut self,
        face: Option<BoundingBox>,
        points: Option<DenseLandmarks>,
    ) -> Self {
        (self.face, self.points) = (face, points);
        self
    }

    /// The whole grey picture.
    pub(super) fn area(&self) -> Rect {
        Rect::new(0, 0, self.grey.cols(), self.grey.rows())
    }

    /// The grey picture in the sizes in which points are followed.
    pub(super) fn pyramid(&self) -> Result<&Vector<Mat>, VisionError> {
        if let Some(made) = self.pyramid.get() {
            return Ok(made);
        }
        let made = pyramid::pyramid(&self.grey)?;
        Ok(self.pyramid.get_or_init(|| made))
    }

    /// The landmarks, if a face was found.
    pub(crate) fn points(&self) -> Option<&DenseLandmarks> {
        self.points.as_ref()
    }

    /// The face box in pixels of the grey picture.
    pub(super) fn face(&self) -> Option<BoundingBox> {
        self.face.map(|face| self.in_grey(&face))
    }

    /// A box of the frame in pixels of the grey picture.
    pub(super) fn in_grey(&self, b: &BoundingBox) -> BoundingBox {
        let s = self.scale;
        BoundingBox { x: b.x * s, y: b.y * s, width: b.width * s, height: b.height * s }
    }
}

impl Drop for Trace {
    /// A face is recognisable at this size: leave none in freed memory.
    fn drop(&mut self) {
        for mut level in self.pyramid.take().into_iter().flatten() {
            // Nothing is left to do when OpenCV cannot overwrite its own matrix.
            let _ = level.set_to_def(&Scalar::all(0.0));
        }
    }
}

/// What is surely face.
pub(super) fn core(face: &BoundingBox) -> Rect {
    let inset = (1.0 - FACE_CORE) / 2.0;
    Rect::new(
        (face.x + inset * face.width) as i32,
        (face.y + inset * face.height) as i32,
        (face.width * FACE_CORE) as i32,
        (face.height * FACE_CORE) as i32,
    )
}

/// The face with hair and ears, and the body down to the picture's edge.
pub(super) fn person(face: &BoundingBox) -> Rect {
    let (reach_x, reach_y) = (face.width * FACE_REACH, face.height * FACE_REACH);
    let left = (face.x - reach_x) as i32;
    let top = (face.y - reach_y) as i32;
    let width = (face.width + 2.0 * reach_x) as i32;
    // Past any grey picture.
    Rect::new(left, top, width.max(1), 2 * LONG_SIDE as i32)
}
