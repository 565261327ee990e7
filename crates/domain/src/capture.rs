//! What a camera delivered: encoded images, bounded and sniffed before anyone decodes them.

use std::fmt;

use zeroize::Zeroizing;

/// Most bytes of one encoded image: 10 MiB, above a 12-megapixel phone JPEG.
pub const MAX_IMAGE_BYTES: usize = 10 * 1024 * 1024;

/// Longest side of a decoded image in pixels. 4096 x 4096 RGB is 50 MB, the most one
/// worker ever holds.
pub const MAX_IMAGE_SIDE: u32 = 4096;

/// The encodings accepted, told by magic bytes and never by a name or a header.
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
    /// Whether neither side passes [`MAX_IMAGE_SIDE`].
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
    /// The declared media type is not that of the bytes.
    #[error("the declared media type is not that of the bytes")]
    FormatMismatch,
    /// A side longer than [`MAX_IMAGE_SIDE`].
    #[error("a side of the image is longer than {MAX_IMAGE_SIDE} pixels")]
    DimensionsTooLarge,
    /// The header is broken or cut off.
    #[error("the image cannot be decoded")]
    Undecodable,
}

/// One encoded image whose size, format and header dimensions have been checked.
///
/// Holds the bytes as they came; they are overwritten on drop and never printed.
#[derive(Clone)]
pub struct EncodedImage {
    bytes: Zeroizing<Vec<u8>>,
    format: ImageFormat,
    size: ImageSize,
}

impl EncodedImage {
    /// Checks the byte count, sniffs the format, compares it with `declared` (a media
    /// type, if the sender gave one) and reads the dimensions from the header. No pixel
    /// is allocated, so a decompression bomb costs nothing.
    ///
    /// # Errors
    /// The first [`ImageRejection`] that applies, in the order given there.
    pub fn parse(bytes: Vec<u8>, declared: Option<&str>) -> Result<Self, ImageRejection> {
        let bytes = Zeroizing::new(bytes);
        if bytes.len() > MAX_IMAGE_BYTES {
            return Err(ImageRejection::TooManyBytes);
        }
        let format = ImageFormat::sniff(&bytes).ok_or(ImageRejection::UnsupportedFormat)?;
        if let Some(declared) = declared
            && !declared.eq_ignore_ascii_case(format.media_type())
        {
            return Err(ImageRejection::FormatMismatch);
        }
        let header = imagesize::blob_size(&bytes).map_err(|_| ImageRejection::Undecodable)?;
        let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
        let size = ImageSize { width: side(header.width), height: side(header.height) };
        if !size.within_limit() {
            return Err(ImageRejection::DimensionsTooLarge);
        }
        if size.width == 0 || size.height == 0 {
            return Err(ImageRejection::Undecodable);
        }
        Ok(Self { bytes, format, size })
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
        self.size
    }
}

impl fmt::Debug for EncodedImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "EncodedImage({:?}, {}x{}, {} bytes)",
            self.format,
            self.size.width,
            self.size.height,
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
        assert_eq!(reject(png_header(1, 1), Some("image/jpeg")), ImageRejection::FormatMismatch);
        assert_eq!(reject(png_header(30_000, 30_000), None), ImageRejection::DimensionsTooLarge);
        assert_eq!(
            reject(png_header(MAX_IMAGE_SIDE + 1, 1), None),
            ImageRejection::DimensionsTooLarge
        );
        assert_eq!(reject(png_header(0, 7), None), ImageRejection::Undecodable);
        assert_eq!(reject(vec![0xFF, 0xD8, 0xFF, 0xE0], None), ImageRejection::Undecodable);
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
