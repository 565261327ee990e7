//! Pictures that are sent only on purpose.

/// The header of a PNG that claims `width` x `height` and carries no pixel.
#[must_use]
pub fn png_claiming(width: u32, height: u32) -> Vec<u8> {
    let mut chunk = b"IHDR".to_vec();
    chunk.extend(width.to_be_bytes());
    chunk.extend(height.to_be_bytes());
    chunk.extend([8, 2, 0, 0, 0]);
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\r".to_vec();
    bytes.extend(&chunk);
    bytes.extend(crc32(&chunk).to_be_bytes());
    bytes
}

/// A grey WebP of 16 x 16 pixels that asks players to enlarge it (RFC 6386, 9.1): the upper two
/// bits of both sides say so.
#[must_use]
pub fn scaled_webp() -> Vec<u8> {
    [
        &b"RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0\x50\x01\0\x9d\x01\x2a"[..],
        &[0x10, 0x40, 0x10, 0x40],
        b"\x02\x004%\xa4\0\x04t\0\0\xe4@\0\0",
    ]
    .concat()
}

/// The outline of a progressive JPEG of `side` x `side` pixels with so many `scans` of `bytes`
/// bytes each. Nothing in it decodes: it is for what looks before.
///
/// # Panics
/// When a side has more than 16 bits.
#[must_use]
pub fn progressive_jpeg(side: u32, scans: usize, bytes: usize) -> Vec<u8> {
    let [high, low] = u16::try_from(side).expect("16 bits").to_be_bytes();
    let mut jpeg = vec![0xFF, 0xD8, 0xFF, 0xC2, 0, 11, 8, high, low, high, low, 1, 1, 0x11, 0];
    for _ in 0..scans {
        jpeg.extend([0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0]);
        jpeg.resize(jpeg.len() + bytes, 0);
    }
    jpeg.extend([0xFF, 0xD9]);
    jpeg
}

/// A lossless WebP of `side` x `side` pixels of one colour: a few dozen bytes, however large.
///
/// # Panics
/// Never: encoding into memory cannot fail for a non-empty picture.
#[must_use]
pub fn one_colour_webp(side: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::ImageRgb8(image::RgbImage::new(side, side))
        .write_to(&mut bytes, image::ImageFormat::WebP)
        .expect("encode a WebP into memory");
    bytes.into_inner()
}

/// A JPEG cut off after `share` (0 to 1) of its bytes.
#[must_use]
pub fn truncated(jpeg: &[u8], share: f64) -> Vec<u8> {
    let keep = (jpeg.len() as f64 * share) as usize;
    jpeg[..keep.min(jpeg.len())].to_vec()
}

/// `jpeg` with an EXIF segment that gives the `orientation` 1 to 8 of TIFF 6.0.
///
/// # Panics
/// When `jpeg` is none.
#[must_use]
pub fn with_exif_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    assert!(jpeg.starts_with(&[0xFF, 0xD8]), "not a JPEG");
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let length = u16::try_from(exif.len() + 2).expect("a short segment");
    let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xE1];
    bytes.extend(length.to_be_bytes());
    bytes.extend(exif);
    bytes.extend(&jpeg[2..]);
    bytes
}

/// CRC-32 of ISO 3309, as PNG chunks carry it.
#[must_use]
pub fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| {
            if c & 1 == 1 { (c >> 1) ^ 0xEDB8_8320 } else { c >> 1 }
        })
    })
}
