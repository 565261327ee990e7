//! Pictures above the limits of a request, made as small as the page makes them.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, Limits, RgbImage};

use faceauth_domain::capture::{ImageFormat, ImageRejection, is_complete};

use crate::decode::format_of;

/// Longest side of a picture that was shrunk, in pixels. The page sends the same
/// (`MAX_SIDE` in `frontend/src/camera/photo.ts`): the detector works at less.
pub const SHRUNK_SIDE: u32 = 1600;

/// JPEG quality of a picture that was shrunk, 1 to 100. The page's as well: compression no
/// longer moves comparison scores there.
const SHRUNK_QUALITY: u8 = 92;

/// Most bytes the decoder may allocate, and most bytes of the picture it makes: 178 megapixels
/// of red, green and blue. An operator's machine has them for a moment; the service never does.
const MAX_SHRINK_BYTES: u64 = 512 * 1024 * 1024;

/// Reads a picture of any side length upright (its EXIF orientation applied) and encodes it as a
/// JPEG no longer than [`SHRUNK_SIDE`]. Transparency and metadata are dropped.
///
/// For pictures of people whom an operator enrols. The service does not use it: its limits come
/// before any decoder.
///
/// # Errors
/// [`ImageRejection::UnsupportedFormat`] for bytes of another format,
/// [`ImageRejection::DimensionsTooLarge`] for a picture of more than 178 megapixels, and
/// [`ImageRejection::Undecodable`] for one that is broken or cut off.
pub fn shrink(bytes: &[u8]) -> Result<Vec<u8>, ImageRejection> {
    let format = ImageFormat::sniff(bytes).ok_or(ImageRejection::UnsupportedFormat)?;
    if !is_complete(format, bytes) {
        return Err(ImageRejection::Undecodable);
    }
    let picture = fit(decode(bytes, format)?);
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, SHRUNK_QUALITY)
        .encode_image(&picture)
        .map_err(|_| ImageRejection::Undecodable)?;
    Ok(jpeg)
}

fn decode(bytes: &[u8], format: ImageFormat) -> Result<RgbImage, ImageRejection> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format_of(format));
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_SHRINK_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| rejection(&error))?;
    // The limit above bounds the decoder's own buffers, not the picture.
    if decoder.total_bytes() > MAX_SHRINK_BYTES {
        return Err(ImageRejection::DimensionsTooLarge);
    }
    // A broken EXIF block is no reason to refuse a picture that decodes.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| rejection(&error))?;
    // Small first: turning a large picture would need its memory twice.
    let mut small = DynamicImage::ImageRgb8(reduce(picture.into_rgb8()));
    small.apply_orientation(orientation);
    Ok(small.into_rgb8())
}

/// Averages whole pixels down to at most twice the wanted side, which is fast on large pictures.
fn reduce(picture: RgbImage) -> RgbImage {
    match fitted(&picture, 2 * SHRUNK_SIDE) {
        Some((width, height)) => imageops::thumbnail(&picture, width, height),
        None => picture,
    }
}

/// The last step, with a filter that does not blur and does not ring.
fn fit(picture: RgbImage) -> RgbImage {
    match fitted(&picture, SHRUNK_SIDE) {
        Some((width, height)) => imageops::resize(&picture, width, height, FilterType::CatmullRom),
        None => picture,
    }
}

/// Width and height of `picture` when its longer side is `side`; `None` when it is no longer now.
fn fitted(picture: &RgbImage, side: u32) -> Option<(u32, u32)> {
    let (width, height) = picture.dimensions();
    let longer = width.max(height);
    if longer <= side {
        return None;
    }
    // The quotient is below `side`, so it fits; a line one pixel thin stays one.
    let scaled = |length: u32| {
        let scaled = u64::from(length) * u64::from(side) / u64::from(longer);
        u32::try_from(scaled).unwrap_or(side).max(1)
    };
    Some((scaled(width), scaled(height)))
}

fn rejection(error: &ImageError) -> ImageRejection {
    match error {
        ImageError::Limits(_) => ImageRejection::DimensionsTooLarge,
        _ => ImageRejection::Undecodable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use faceauth_domain::capture::{EncodedImage, MAX_IMAGE_SIDE};
    use faceauth_test_support::{hostile, photos};

    /// Red above, blue below.
    fn flag(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |_, y| {
            image::Rgb(if y < height / 2 { [220, 20, 20] } else { [20, 20, 220] })
        })
    }

    fn is_red(picture: &RgbImage, x: u32, y: u32) -> bool {
        let pixel = picture.get_pixel(x, y);
        pixel[0] > 150 && pixel[2] < 100
    }

    #[test]
    fn a_picture_above_the_limit_fits_afterwards_and_keeps_its_shape() {
        let large = photos::jpeg(&flag(MAX_IMAGE_SIDE + 904, 2500), 80);
        assert!(EncodedImage::parse(large.clone(), None).is_err());
        let small = EncodedImage::parse(shrink(&large).unwrap(), None).unwrap();
        assert_eq!((small.size().width, small.size().height), (SHRUNK_SIDE, 800));
        let pixels = image::load_from_memory(small.bytes()).unwrap().to_rgb8();
        assert!(is_red(&pixels, 800, 100) && !is_red(&pixels, 800, 700));
    }

    #[test]
    fn a_small_picture_is_encoded_anew_and_not_enlarged() {
        let png = photos::png(&DynamicImage::ImageRgb8(flag(300, 200)));
        let jpeg = shrink(&png).unwrap();
        let image = EncodedImage::parse(jpeg, Some("image/jpeg")).unwrap();
        assert_eq!((image.size().width, image.size().height), (300, 200));
    }

    #[test]
    fn a_picture_on_its_side_is_turned_upright() {
        // Orientation 8: the camera lay on its right side, the viewer turns by 270 degrees.
        let turned = imageops::rotate90(&flag(3000, 5000));
        let large = hostile::with_exif_orientation(&photos::jpeg(&turned, 80), 8);
        let small = image::load_from_memory(&shrink(&large).unwrap()).unwrap().to_rgb8();
        assert_eq!(small.dimensions(), (960, SHRUNK_SIDE));
        assert!(is_red(&small, 480, 100) && !is_red(&small, 480, 1500));
    }

    #[test]
    fn what_is_no_whole_picture_is_refused_with_its_reason() {
        assert_eq!(shrink(b"GIF89a").unwrap_err(), ImageRejection::UnsupportedFormat);
        let mut cut = photos::jpeg(&flag(5000, 100), 80);
        cut.truncate(cut.len() / 2);
        assert_eq!(shrink(&cut).unwrap_err(), ImageRejection::Undecodable);
        // A bomb: the header promises 2.7 GB, and pixels begin.
        let mut bomb = hostile::png_claiming(30_000, 30_000);
        bomb.extend(*b"\0\0\x10\0IDAT");
        assert_eq!(shrink(&bomb).unwrap_err(), ImageRejection::DimensionsTooLarge);
    }

    #[test]
    fn a_line_one_pixel_thin_keeps_its_pixel() {
        let small = shrink(&photos::png(&DynamicImage::ImageRgb8(flag(9000, 1)))).unwrap();
        let small = image::load_from_memory(&small).unwrap();
        assert_eq!((small.width(), small.height()), (SHRUNK_SIDE, 1));
    }
}
