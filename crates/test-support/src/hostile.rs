//! Pictures nobody sends by accident.

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
