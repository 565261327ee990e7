//! What a camera delivered: encoded images, bounded and sniffed before anyone decodes them.

use std::fmt;
use std::sync::Arc;

use crate::media_type::may_be_capture;
use crate::wiped::WipedBytes;

mod jpeg;
mod png;
mod webp;

/// Most bytes of one encoded image: 10 MiB, above a 12-megapixel phone JPEG.
pub const MAX_IMAGE_BYTES: usize = 10 * 1024 * 1024;

/// Longest side of a decoded image in pixels. 4096 x 4096 RGB is 50 MB, the most one
/// worker ever holds.
pub const MAX_IMAGE_SIDE: u32 = 4096;

/// Most pixels times scans of a progressive JPEG: sixteen scans, more than encoders make (libjpeg
/// makes ten), of the largest picture. Each scan goes over every pixel, and may have next to no
/// bytes.
pub const MAX_SCANNED_PIXELS: u64 = 16 * (MAX_IMAGE_SIDE as u64) * (MAX_IMAGE_SIDE as u64);

/// Least bytes of compressed pixels, as a share of the pixels, of a picture above
/// [`SMALL_IMAGE_PIXELS`]: one to so many. A photo of 12 megapixels at the least quality of WebP
/// has twice as many; one colour has next to none, and decodes as slowly.
pub const MAX_PIXELS_PER_BYTE: u64 = 256;

/// Pixels of a picture that is cheap to decode in every format.
pub const SMALL_IMAGE_PIXELS: u64 = 1024 * 1024;

/// The accepted encodings, recognised by magic bytes and never by a name or a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageFormat {
    /// ITU T.81 JPEG.
    Jpeg,
    /// Portable Network Graphics.
    Png,
    /// WebP, lossy or lossless.
    WebP,
}

impl ImageFormat {
    /// Sniffs the leading bytes; `None` when they belong to no accepted format.
    #[must_use]
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xFF, 0xD8, 0xFF, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            _ => None,
        }
    }

    /// The media type of this format (RFC 6838 registry).
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
        }
    }
}

/// Width and height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageSize {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl ImageSize {
    /// Whether both sides are at most [`MAX_IMAGE_SIDE`].
    #[must_use]
    pub fn within_limit(self) -> bool {
        self.width.max(self.height) <= MAX_IMAGE_SIDE
    }
}

/// Why bytes are refused before anything is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImageRejection {
    /// More than [`MAX_IMAGE_BYTES`].
    #[error("the image is larger than {MAX_IMAGE_BYTES} bytes")]
    TooManyBytes,
    /// Neither JPEG, PNG nor WebP.
    #[error("the bytes are no JPEG, PNG or WebP image")]
    UnsupportedFormat,
    /// The declared media type is that of something else than a picture.
    #[error("the declared media type is not that of a picture")]
    FormatMismatch,
    /// A side longer than [`MAX_IMAGE_SIDE`].
    #[error("a side of the image is longer than {MAX_IMAGE_SIDE} pixels")]
    DimensionsTooLarge,
    /// It would take more work to decode than a photo of its size: too many scans
    /// ([`MAX_SCANNED_PIXELS`]), or too many pixels for its bytes ([`MAX_PIXELS_PER_BYTE`]).
    #[error("decoding the image takes more work than a photo of its size")]
    TooMuchWork,
    /// The header is broken or cut off.
    #[error("the image cannot be decoded")]
    Undecodable,
}

/// One encoded image whose size, format and header dimensions have been checked.
///
/// Holds the bytes as they came. Clones share them. They are overwritten when the last one is
/// dropped, and never printed.
#[derive(Clone)]
pub struct EncodedImage {
    bytes: Arc<WipedBytes>,
    format: ImageFormat,
    outline: Outline,
}

/// What the bytes say of a picture before it is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Outline {
    size: ImageSize,
    /// Scans that go over every pixel.
    scans: u32,
    /// Whether the scans are those of a progressive JPEG.
    progressive: bool,
    /// Bytes of compressed pixels.
    data: usize,
    /// Whether the picture is complete, as far as the format shows before decoding.
    complete: bool,
}

impl Outline {
    fn read(format: ImageFormat, bytes: &[u8]) -> Option<Self> {
        let once = |(size, data)| Self { size, scans: 1, progressive: false, data, complete: true };
        match format {
            ImageFormat::Jpeg => jpeg::outline(bytes),
            ImageFormat::Png => png::outline(bytes).map(once),
            ImageFormat::WebP => webp::outline(bytes).map(once),
        }
    }

    fn pixels(self) -> u64 {
        u64::from(self.size.width) * u64::from(self.size.height)
    }

    fn proportionate(self) -> bool {
        let scanned = self.pixels() * u64::from(self.scans);
        let large = self.pixels() > SMALL_IMAGE_PIXELS;
        (!self.progressive || scanned <= MAX_SCANNED_PIXELS)
            && (!large || self.pixels() <= self.data as u64 * MAX_PIXELS_PER_BYTE)
    }
}

/// Whether `bytes` run to the end of a picture of this `format`, as far as they show before
/// decoding. A JPEG must have its end marker. Other formats show it only in decoding.
#[must_use]
pub fn is_complete(format: ImageFormat, bytes: &[u8]) -> bool {
    format != ImageFormat::Jpeg || jpeg::outline(bytes).is_some_and(|outline| outline.complete)
}

impl EncodedImage {
    /// Checks the byte count, sniffs the format, sees whether `declared` (a media type, if the
    /// sender gave one) may be that of a picture, and reads dimensions and structure from the
    /// bytes. No pixel is allocated, so a decompression bomb costs nothing.
    ///
    /// # Errors
    /// The first [`ImageRejection`] that applies, in the order given there.
    pub fn parse(bytes: Vec<u8>, declared: Option<&str>) -> Result<Self, ImageRejection> {
        let bytes = WipedBytes::from(bytes);
        if bytes.len() > MAX_IMAGE_BYTES {
            return Err(ImageRejection::TooManyBytes);
        }
        let format = ImageFormat::sniff(&bytes).ok_or(ImageRejection::UnsupportedFormat)?;
        if let Some(declared) = declared
            && !may_be_capture(declared)
        {
            return Err(ImageRejection::FormatMismatch);
        }
        let outline = Outline::read(format, &bytes).ok_or(ImageRejection::Undecodable)?;
        if !outline.size.within_limit() {
            return Err(ImageRejection::DimensionsTooLarge);
        }
        if outline.pixels() == 0 {
            return Err(ImageRejection::Undecodable);
        }
        // What is cut off has fewer bytes than it should: decoding says so.
        if outline.complete && !outline.proportionate() {
            return Err(ImageRejection::TooMuchWork);
        }
        Ok(Self { bytes: Arc::new(bytes), format, outline })
    }

    /// The encoded bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The format the bytes have.
    #[must_use]
    pub fn format(&self) -> ImageFormat {
        self.format
    }

    /// The dimensions the header states, before EXIF orientation is applied.
    #[must_use]
    pub fn size(&self) -> ImageSize {
        self.outline.size
    }

    /// The same as [`is_complete`], which was found when the picture was parsed.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.outline.complete
    }

    /// An estimate of what decoding costs, in pixels of a plain JPEG; one takes about ten
    /// nanoseconds of a core of 2023.
    ///
    /// The factors were measured on pictures of 12 and 16 megapixels: PNG 2.4, WebP 5 (lossy) and
    /// 5.5 (lossless), progressive JPEG 1.6 to 2.8 and 0.06 a scan.
    #[must_use]
    pub fn decoding_work(&self) -> u64 {
        let pixels = self.outline.pixels();
        match self.format {
            ImageFormat::Jpeg if self.outline.progressive => {
                3 * pixels + pixels * u64::from(self.outline.scans) / 16
            }
            ImageFormat::Jpeg => pixels,
            ImageFormat::Png => 3 * pixels,
            ImageFormat::WebP => 6 * pixels,
        }
    }
}

impl fmt::Debug for EncodedImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "EncodedImage({:?}, {}x{}, {} bytes)",
            self.format,
            self.size().width,
            self.size().height,
            self.bytes.len()
        )
    }
}

/// Most images of one capture: what `/register` takes.
pub const MAX_CAPTURE_IMAGES: usize = 5;

/// One to [`MAX_CAPTURE_IMAGES`] images of one request, in the order they were sent.
#[derive(Debug, Clone)]
pub struct Capture(Vec<EncodedImage>);

/// A capture with no image or too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a capture has 1 to {MAX_CAPTURE_IMAGES} images, not {0}")]
pub struct CaptureLength(pub usize);

impl Capture {
    /// Bundles `images`.
    ///
    /// # Errors
    /// [`CaptureLength`] when there are none or more than [`MAX_CAPTURE_IMAGES`].
    pub fn new(images: Vec<EncodedImage>) -> Result<Self, CaptureLength> {
        if images.is_empty() || images.len() > MAX_CAPTURE_IMAGES {
            return Err(CaptureLength(images.len()));
        }
        Ok(Self(images))
    }

    /// The images, in order.
    #[must_use]
    pub fn images(&self) -> &[EncodedImage] {
        &self.0
    }
}

impl From<EncodedImage> for Capture {
    fn from(image: EncodedImage) -> Self {
        Self(vec![image])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PNG header that claims the given dimensions and carries no pixel.
    fn png_header(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
        bytes
    }

    #[test]
    fn tells_formats_by_magic_bytes() {
        assert_eq!(ImageFormat::sniff(&[0xFF, 0xD8, 0xFF, 0xE0]), Some(ImageFormat::Jpeg));
        assert_eq!(ImageFormat::sniff(&png_header(1, 1)), Some(ImageFormat::Png));
        assert_eq!(ImageFormat::sniff(b"RIFF\0\0\0\0WEBPVP8 "), Some(ImageFormat::WebP));
        for other in [&b""[..], b"GIF89a", b"hello", b"RIFF\0\0\0\0WAVE", &[0xFF, 0xD8]] {
            assert_eq!(ImageFormat::sniff(other), None);
        }
    }

    #[test]
    fn refuses_each_bad_input_with_its_own_reason() {
        let reject = |bytes, declared| EncodedImage::parse(bytes, declared).unwrap_err();
        let mut big = png_header(1, 1);
        big.resize(MAX_IMAGE_BYTES + 1, 0);
        assert_eq!(reject(big, None), ImageRejection::TooManyBytes);
        assert_eq!(reject(b"just text".to_vec(), None), ImageRejection::UnsupportedFormat);
        assert_eq!(reject(png_header(1, 1), Some("text/html")), ImageRejection::FormatMismatch);
        assert_eq!(reject(png_header(30_000, 30_000), None), ImageRejection::DimensionsTooLarge);
        assert_eq!(
            reject(png_header(MAX_IMAGE_SIDE + 1, 1), None),
            ImageRejection::DimensionsTooLarge
        );
        assert_eq!(reject(png_header(0, 7), None), ImageRejection::Undecodable);
        assert_eq!(reject(vec![0xFF, 0xD8, 0xFF, 0xE0], None), ImageRejection::Undecodable);
    }

    #[test]
    fn a_wrong_name_of_a_picture_is_no_attack() {
        for declared in ["image/jpeg", "image/*", "video/mp4", "application/octet-stream", ""] {
            let image = EncodedImage::parse(png_header(3, 2), Some(declared)).unwrap();
            assert_eq!(image.format(), ImageFormat::Png, "{declared}");
        }
    }

    /// A JPEG of `scans` scans with `data` bytes in each, whose frame has the marker `frame`.
    fn jpeg(frame: u8, side: u16, scans: usize, data: usize) -> Vec<u8> {
        let [high, low] = side.to_be_bytes();
        let mut bytes = vec![0xFF, 0xD8, 0xFF, frame, 0, 8, 8, high, low, high, low, 1];
        for _ in 0..scans {
            bytes.extend([0xFF, 0xDA, 0, 2]);
            bytes.resize(bytes.len() + data, 0);
        }
        bytes.extend([0xFF, 0xD9]);
        bytes
    }

    #[test]
    fn work_is_in_proportion_to_a_photo() {
        const BASELINE: u8 = 0xC0;
        const PROGRESSIVE: u8 = 0xC2;
        let parse = |bytes| EncodedImage::parse(bytes, None);
        let work = |bytes| parse(bytes).map(|image| image.decoding_work());
        let too_much = Err(ImageRejection::TooMuchWork);
        let pixels = 4096 * 4096;
        assert_eq!(work(jpeg(BASELINE, 4096, 1, 70_000)), Ok(pixels));
        assert_eq!(work(jpeg(BASELINE, 4096, 3, 70_000)), Ok(pixels));
        assert_eq!(work(jpeg(PROGRESSIVE, 4096, 16, 70_000)), Ok(4 * pixels));
        assert_eq!(work(jpeg(PROGRESSIVE, 4096, 17, 70_000)), too_much);
        assert_eq!(work(jpeg(PROGRESSIVE, 1024, 100, 1)), Ok(9_699_328));
        assert_eq!(work(jpeg(BASELINE, 4096, 1, 60_000)), too_much);
        assert_eq!(work(jpeg(BASELINE, 1024, 1, 1)), Ok(1024 * 1024));
        // Padding before and behind the pixels counts for nothing.
        let mut padded = jpeg(BASELINE, 4096, 1, 10);
        padded.resize(200_000, 0);
        assert_eq!(work(padded), too_much);
        let mut whole = png_header(4096, 4096);
        whole.resize(200_000, 0);
        assert_eq!(work(whole), too_much);
    }

    #[test]
    fn clones_hold_the_bytes_once() {
        let image = EncodedImage::parse(png_header(3, 2), None).unwrap();
        let clone = image.clone();
        assert_eq!(clone.bytes().as_ptr(), image.bytes().as_ptr());
        drop(image);
        assert_eq!(clone.bytes(), png_header(3, 2));
    }

    #[test]
    fn debug_shows_dimensions_only() {
        let image = EncodedImage::parse(png_header(3, 2), Some("IMAGE/PNG")).unwrap();
        assert_eq!(format!("{image:?}"), "EncodedImage(Png, 3x2, 33 bytes)");
    }

    #[test]
    fn a_capture_has_one_to_five_images() {
        let image = EncodedImage::parse(png_header(3, 2), None).unwrap();
        assert!(Capture::new(vec![]).is_err());
        assert!(Capture::new(vec![image.clone(); MAX_CAPTURE_IMAGES]).is_ok());
        assert!(Capture::new(vec![image; MAX_CAPTURE_IMAGES + 1]).is_err());
    }
}
