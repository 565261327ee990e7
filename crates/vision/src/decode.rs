//! Encoded bytes to an upright [`Frame`], in safe Rust and within a memory cap.

use std::io::Cursor;

use faceauth_domain::analyzer::ImageProblem;
use faceauth_domain::capture::{EncodedImage, ImageFormat, ImageSize, MAX_IMAGE_SIDE};
use image::{ColorType, DynamicImage, ImageDecoder, ImageError, ImageReader, Limits, RgbImage};

use crate::frame::{Frame, PixelBuffer};

/// Most bytes the decoder may allocate: a 4096 x 4096 picture with 8-bit RGBA. Sixteen
/// bit pictures reach the cap at 2896 x 2896.
pub const MAX_DECODE_BYTES: u64 = 4 * (MAX_IMAGE_SIDE as u64) * (MAX_IMAGE_SIDE as u64);

/// Decodes `image`, applies its EXIF orientation and converts to RGB. Transparency is
/// dropped, animations give their first frame.
///
/// # Errors
/// [`ImageProblem`]; a picture that is cut off counts as undecodable, because the grey
/// rest that lenient decoders fill in would be judged as if a camera had seen it.
pub fn decode(image: &EncodedImage) -> Result<Frame, ImageProblem> {
    decode_into(image, &mut PixelBuffer::default())
}

/// The same, into the memory of an earlier frame where it suffices.
///
/// # Errors
/// As [`decode`].
pub fn decode_into(image: &EncodedImage, buffer: &mut PixelBuffer) -> Result<Frame, ImageProblem> {
    if !image.is_complete() {
        return Err(ImageProblem::Undecodable);
    }
    let mut reader =
        ImageReader::with_format(Cursor::new(image.bytes()), format_of(image.format()));
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_IMAGE_SIDE);
    limits.max_image_height = Some(MAX_IMAGE_SIDE);
    limits.max_alloc = Some(MAX_DECODE_BYTES);
    reader.limits(limits);

    let mut decoder = reader.into_decoder().map_err(problem)?;
    // The limits above bound the decoder's own buffers; the picture itself is ours to bound.
    if decoder.total_bytes() > MAX_DECODE_BYTES {
        return Err(ImageProblem::DimensionsTooLarge);
    }
    // A broken EXIF block is no reason to refuse a picture that decodes.
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut picture = pixels(decoder, buffer)?;
    picture.apply_orientation(orientation);
    let rgb = picture.into_rgb8();
    let size = ImageSize { width: rgb.width(), height: rgb.height() };
    Frame::new(rgb.into_raw(), size).ok_or(ImageProblem::Undecodable)
}

/// Whether `image` decodes within [`MAX_DECODE_BYTES`], by its header. Pixels of sixteen bits may
/// exceed the cap even when the sides are allowed. `true` for a broken header, which says nothing
/// about size.
#[must_use]
pub fn fits(image: &EncodedImage) -> bool {
    let reader = ImageReader::with_format(Cursor::new(image.bytes()), format_of(image.format()));
    reader.into_decoder().map_or(true, |decoder| decoder.total_bytes() <= MAX_DECODE_BYTES)
}

/// The format as the decoders name it.
pub(crate) fn format_of(format: ImageFormat) -> image::ImageFormat {
    match format {
        ImageFormat::Jpeg => image::ImageFormat::Jpeg,
        ImageFormat::Png => image::ImageFormat::Png,
        ImageFormat::WebP => image::ImageFormat::WebP,
    }
}

/// What a decoder makes of a picture. Eight bits of red, green and blue, what cameras send, go into
/// `buffer`.
fn pixels(
    decoder: impl ImageDecoder,
    buffer: &mut PixelBuffer,
) -> Result<DynamicImage, ImageProblem> {
    if decoder.color_type() != ColorType::Rgb8 {
        return DynamicImage::from_decoder(decoder).map_err(problem);
    }
    let (width, height) = decoder.dimensions();
    let length =
        usize::try_from(decoder.total_bytes()).map_err(|_| ImageProblem::DimensionsTooLarge)?;
    let mut pixels = buffer.take(length);
    decoder.read_image(&mut pixels).map_err(problem)?;
    let picture = RgbImage::from_raw(width, height, pixels).ok_or(ImageProblem::Undecodable)?;
    Ok(DynamicImage::ImageRgb8(picture))
}

fn problem(error: ImageError) -> ImageProblem {
    match error {
        ImageError::Limits(_) => ImageProblem::DimensionsTooLarge,
        _ => ImageProblem::Undecodable,
    }
}
