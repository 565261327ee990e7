//! The picture of a face that an operator may keep. It has only what the next matcher needs.

use faceauth_domain::capture::EncodedImage;
use faceauth_domain::geometry::BoundingBox;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};
use opencv::core::{Rect, Size};
use opencv::prelude::*;

use crate::crop;
use crate::error::VisionError;
use crate::frame::Frame;
use crate::manifest::{Crop, CropKind, Filter};

/// The square that is kept, in longest sides of the face box: the detector finds the face in it
/// again, and of the room there is little left.
const SIDES: f32 = 2.0;

/// Longest side that is kept, in pixels: the face is then 160 pixels high, above the 112 that
/// matchers take in.
const MAX_SIDE: i32 = 320;

/// JPEG quality, 1 to 100. At 95 the embedding made of the kept picture has a cosine of 0.98 and more
/// with the one of the picture itself (`tests/it/face_image.rs`).
const JPEG_QUALITY: u8 = 95;

/// Cuts the face and what is around it out of `frame`. Larger pictures are shrunk, smaller ones
/// stay as they are.
///
/// # Errors
/// [`VisionError`] when native code fails.
pub(crate) fn cut(frame: &Frame, face: &BoundingBox) -> Result<EncodedImage, VisionError> {
    let kept = Crop { kind: CropKind::SquareOnLongest, scale: SIDES, filter: Filter::Area };
    let picture = frame.mat()?;
    let region = crop::region(face, kept, frame.size());
    // Parts outside of the picture are left out, because no face looks like black corners.
    let inside = region & Rect::new(0, 0, picture.cols(), picture.rows());
    let longest = inside.width.max(inside.height).max(1);
    let scale = f64::from(MAX_SIDE.min(longest)) / f64::from(longest);
    let side = |pixels: i32| ((f64::from(pixels) * scale).round() as i32).max(1);
    let size = Size::new(side(inside.width), side(inside.height));
    let pixels =
        crop::cut(&picture, inside, (size.width as usize, size.height as usize), Filter::Area)?;
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY)
        .write_image(
            pixels.data_bytes()?,
            size.width as u32,
            size.height as u32,
            ExtendedColorType::Rgb8,
        )
        .map_err(|error| VisionError::Worker(format!("the face image: {error}")))?;
    EncodedImage::parse(bytes, None)
        .map_err(|error| VisionError::Worker(format!("the face image: {error}")))
}
