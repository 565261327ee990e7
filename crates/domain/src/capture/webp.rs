//! The outline of a WebP (RFC 9649): its chunks, read without decoding anything.

use super::ImageSize;

/// `RIFF`, the length of the file, `WEBP`.
const HEADER_BYTES: usize = 12;

/// Sides of VP8 and VP8L have 14 bits. In VP8 two more say how a player should scale.
const SIDE_14_BITS: u32 = 0x3FFF;

/// Size, and bytes of compressed pixels. `None` when a WebP cannot begin with the first chunk.
pub(super) fn outline(bytes: &[u8]) -> Option<(ImageSize, usize)> {
    let chunks = bytes.get(HEADER_BYTES..)?;
    let (name, content) = (chunks.first_chunk::<4>()?, chunks.get(8..)?);
    let u16_at = |at: usize| -> Option<u32> {
        Some(u16::from_le_bytes(*content.get(at..)?.first_chunk()?).into())
    };
    let size = match name {
        // A key frame begins with a tag of three bytes and three that are always the same.
        b"VP8 " => {
            ImageSize { width: u16_at(6)? & SIDE_14_BITS, height: u16_at(8)? & SIDE_14_BITS }
        }
        b"VP8L" => {
            let sides = u32::from_le_bytes(*content.get(1..)?.first_chunk()?);
            ImageSize {
                width: (sides & SIDE_14_BITS) + 1,
                height: ((sides >> 14) & SIDE_14_BITS) + 1,
            }
        }
        b"VP8X" => {
            let side = |at: usize| Some(u16_at(at)? + (u32::from(*content.get(at + 2)?) << 16) + 1);
            ImageSize { width: side(4)?, height: side(7)? }
        }
        _ => return None,
    };
    Some((size, pixel_bytes(chunks)))
}

/// Bytes of the chunks that hold pixels; the frames of an animation are within such chunks.
fn pixel_bytes(mut rest: &[u8]) -> usize {
    let mut bytes = 0;
    while let Some((header, behind)) = rest.split_at_checked(8) {
        let length = u32::from_le_bytes([header[4], header[5], header[6], header[7]]) as usize;
        let there = length.min(behind.len());
        if matches!(&header[..4], b"VP8 " | b"VP8L" | b"ALPH" | b"ANMF") {
            bytes += there;
        }
        // Chunks begin at even places.
        rest = behind.get(there + there % 2..).unwrap_or_default();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webp(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let mut bytes = b"RIFF\0\0\0\0WEBP".to_vec();
        for (name, content) in chunks {
            bytes.extend(*name);
            bytes.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
            bytes.extend(*content);
            bytes.resize(bytes.len().next_multiple_of(2), 0);
        }
        bytes
    }

    #[test]
    fn reads_all_three_kinds() {
        let size = ImageSize { width: 300, height: 200 };
        // The upper bits of both sides ask players to enlarge.
        let lossy = [0, 0, 0, 0x9D, 0x01, 0x2A, 0x2C, 0x41, 0xC8, 0x80];
        assert_eq!(outline(&webp(&[(b"VP8 ", &lossy)])), Some((size, 10)));
        let sides = (299_u32 | (199 << 14)).to_le_bytes();
        let lossless = [&[0x2F][..], &sides].concat();
        assert_eq!(outline(&webp(&[(b"VP8L", &lossless)])), Some((size, 5)));
        let extended = [0, 0, 0, 0, 0x2B, 1, 0, 199, 0, 0];
        let chunks: [(&[u8; 4], &[u8]); 4] =
            [(b"VP8X", &extended), (b"ICCP", &[0; 99]), (b"ALPH", &[0; 3]), (b"VP8L", &lossless)];
        assert_eq!(outline(&webp(&chunks)), Some((size, 8)));
        assert_eq!(outline(&webp(&[(b"JUNK", &lossy)])), None);
    }

    #[test]
    fn no_cut_is_read_past() {
        let whole = webp(&[(b"VP8L", &[0x2F, 1, 2, 3, 4, 5])]);
        for end in 0..whole.len() {
            let found = outline(&whole[..end]);
            assert!(found.is_none_or(|(_, bytes)| bytes <= 6), "{end}");
        }
    }
}
