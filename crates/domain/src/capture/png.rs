//! The outline of a PNG (ISO 15948): its chunks, read without decoding anything.

use super::ImageSize;

/// The eight bytes that a PNG begins with.
const SIGNATURE_BYTES: usize = 8;

/// Size, and bytes of compressed pixels; `None` when the header is missing.
pub(super) fn outline(bytes: &[u8]) -> Option<(ImageSize, usize)> {
    let chunks = bytes.get(SIGNATURE_BYTES..)?;
    let (header, content) = chunks.split_at_checked(8)?;
    if &header[4..] != b"IHDR" {
        return None;
    }
    let (width, height) = (content.first_chunk()?, content.get(4..)?.first_chunk()?);
    let size = ImageSize { width: u32::from_be_bytes(*width), height: u32::from_be_bytes(*height) };
    Some((size, pixel_bytes(chunks)))
}

/// Bytes of all IDAT chunks up to the end, or to where the picture is cut off.
fn pixel_bytes(mut rest: &[u8]) -> usize {
    let mut bytes = 0;
    while let Some((header, behind)) = rest.split_at_checked(8) {
        let length = u32::from_be_bytes([header[0], header[1], header[2], header[3]]) as usize;
        let there = length.min(behind.len());
        match &header[4..] {
            b"IDAT" => bytes += there,
            b"IEND" => break,
            _ => {}
        }
        // Behind the content stand four bytes of its checksum.
        rest = behind.get(there + 4..).unwrap_or_default();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        [&length[..], kind, content, &[0; 4]].concat()
    }

    #[test]
    fn counts_what_pixels_are_made_of() {
        let png = [
            b"\x89PNG\r\n\x1a\n".to_vec(),
            chunk(b"IHDR", &[0, 0, 0, 3, 0, 0, 0, 2, 8, 2, 0, 0, 0]),
            chunk(b"tEXt", &[0; 100]),
            chunk(b"IDAT", &[0; 7]),
            chunk(b"IDAT", &[0; 2]),
            chunk(b"IEND", &[]),
            chunk(b"IDAT", &[0; 1000]),
        ]
        .concat();
        let size = ImageSize { width: 3, height: 2 };
        assert_eq!(outline(&png), Some((size, 9)));
        for end in 0..png.len() {
            let found = outline(&png[..end]);
            assert!(found.is_none_or(|(found, bytes)| found == size && bytes <= 9), "{end}");
            assert!(found.is_some() || end < 24, "{end}");
        }
    }
}
