//! Whether a JPEG is all there.

/// Start of image, end of image, start of scan (ITU T.81, table B.1).
const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;

/// Whether the image runs from its start marker to its end marker.
///
/// Segments are stepped over by their length, so the end marker of an embedded
/// thumbnail does not count, and what a phone appends behind the image (a motion photo's
/// clip) does not matter. Inside a scan every 0xFF that is data is followed by 0x00, so
/// the first other marker is real.
pub(crate) fn is_complete(bytes: &[u8]) -> bool {
    let Some(mut rest) = bytes.strip_prefix(&[0xFF, SOI]) else { return false };
    loop {
        let Some((marker, after)) = next_marker(rest) else { return false };
        if marker == EOI {
            return true;
        }
        let Some(length) = after.first_chunk::<2>() else { return false };
        let length = usize::from(u16::from_be_bytes(*length));
        let Some(behind) = after.get(length..) else { return false };
        rest = if marker == SOS { skip_scan(behind) } else { behind };
    }
}

/// The marker at the start of `bytes`, past fill bytes, and what follows it.
fn next_marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (0xFF, mut rest) = bytes.split_first().map(|(first, rest)| (*first, rest))? else {
        return None;
    };
    while let [0xFF, behind @ ..] = rest {
        rest = behind;
    }
    rest.split_first().map(|(marker, behind)| (*marker, behind))
}

/// Entropy-coded data up to the marker that ends it.
fn skip_scan(bytes: &[u8]) -> &[u8] {
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(|byte| *byte == 0xFF) {
        at += found;
        match bytes.get(at + 1) {
            // A stuffed zero or a restart marker belongs to the data.
            Some(0x00 | 0xD0..=0xD7) => at += 2,
            // A fill byte: the marker may follow it.
            Some(0xFF) => at += 1,
            _ => return &bytes[at..],
        }
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;
    use faceauth_test_support::{hostile, photos};

    fn small_jpeg() -> Vec<u8> {
        photos::jpeg(
            &image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8, y as u8, 9])),
            90,
        )
    }

    #[test]
    fn complete_with_and_without_a_trailer() {
        let mut jpeg = small_jpeg();
        assert!(is_complete(&jpeg));
        jpeg.extend(b"a clip that a phone appended");
        assert!(is_complete(&jpeg));
    }

    #[test]
    fn incomplete_at_every_cut() {
        let jpeg = small_jpeg();
        for cut in 0..jpeg.len() {
            assert!(!is_complete(&jpeg[..cut]), "cut at {cut} of {}", jpeg.len());
        }
    }

    #[test]
    fn an_embedded_end_marker_does_not_count() {
        let jpeg = hostile::with_exif_orientation(&small_jpeg(), 6);
        let mut with_thumbnail = vec![0xFF, SOI, 0xFF, 0xE1, 0, 6, 0xFF, SOI, 0xFF, EOI];
        with_thumbnail.extend(&jpeg[2..jpeg.len() / 2]);
        assert!(!is_complete(&with_thumbnail));
    }
}
