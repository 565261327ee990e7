//! The outline of a JPEG: its markers, read without decoding anything.

use super::{ImageSize, Outline};

/// Markers of ITU T.81, table B.1.
const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
/// For private use in arithmetic coding; stands alone, without a length.
const TEM: u8 = 0x01;
/// Of the frame headers, those of progressive coding.
const PROGRESSIVE: [u8; 4] = [0xC2, 0xC6, 0xCA, 0xCE];

/// Reads the outline of `bytes`; `None` when no frame header is found.
///
/// Segments are stepped over by their length, so the end marker of an embedded
/// thumbnail does not count, and what a phone appends behind the image (a motion photo's
/// clip) does not matter. Inside a scan every 0xFF that is data is followed by 0x00, so
/// the first other marker is real.
pub(super) fn outline(bytes: &[u8]) -> Option<Outline> {
    let mut rest = bytes.strip_prefix(&[0xFF, SOI])?;
    let mut found: Option<Outline> = None;
    while let Some((marker, after)) = next_marker(rest) {
        if matches!(marker, TEM | SOI | 0xD0..=0xD7) {
            rest = after;
            continue;
        }
        if marker == EOI {
            if let Some(outline) = &mut found {
                outline.complete = true;
            }
            break;
        }
        let Some(length) = after.first_chunk::<2>() else { break };
        let length = usize::from(u16::from_be_bytes(*length));
        let Some((segment, behind)) = after.split_at_checked(length) else { break };
        rest = behind;
        if is_frame(marker) && found.is_none() {
            found = Some(Outline {
                size: frame_size(segment)?,
                progressive: PROGRESSIVE.contains(&marker),
                scans: 0,
                data: 0,
                complete: false,
            });
        }
        if marker == SOS {
            rest = skip_scan(behind);
            if let Some(outline) = &mut found {
                outline.scans += 1;
                outline.data += behind.len() - rest.len();
            }
        }
    }
    found
}

/// SOF0 to SOF15, without the three markers among them that are tables.
fn is_frame(marker: u8) -> bool {
    (0xC0..=0xCF).contains(&marker) && !matches!(marker, 0xC4 | 0xC8 | 0xCC)
}

/// Length, precision, lines and samples of a line, in this order (B.2.2).
fn frame_size(segment: &[u8]) -> Option<ImageSize> {
    let [_, _, _, high, low, left, right, ..] = segment else { return None };
    Some(ImageSize {
        width: u16::from_be_bytes([*left, *right]).into(),
        height: u16::from_be_bytes([*high, *low]).into(),
    })
}

/// The marker at the start of `bytes`, past fill bytes (B.1.1.2), and what follows it.
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

    /// A picture of 3 x 2 pixels with two scans, without anything that decodes.
    fn jpeg(frame: u8, fill: &[u8]) -> Vec<u8> {
        let fill = |segment: &[u8]| [fill, segment].concat();
        [
            vec![0xFF, SOI],
            fill(&[0xFF, 0xE1, 0, 6, 0xFF, SOI, 0xFF, EOI]),
            fill(&[0xFF, frame, 0, 11, 8, 0, 2, 0, 3, 1, 1, 0x11, 0]),
            fill(&[0xFF, SOS, 0, 2, 1, 0xFF, 0, 2, 0xFF, 0xD0, 3]),
            fill(&[0xFF, SOS, 0, 2, 4]),
            fill(&[0xFF, EOI]),
        ]
        .concat()
    }

    #[test]
    fn reads_the_outline() {
        let size = ImageSize { width: 3, height: 2 };
        for fill in [&b""[..], &[0xFF], &[0xFF; 7]] {
            let found = outline(&jpeg(0xC2, fill)).unwrap();
            assert_eq!((found.size, found.scans, found.progressive), (size, 2, true));
            assert!(found.complete);
            assert!(!outline(&jpeg(0xC0, fill)).unwrap().progressive);
        }
        assert_eq!(outline(&jpeg(0xC0, &[])).unwrap().data, 8);
    }

    #[test]
    fn markers_without_a_length_and_trailers_do_not_matter() {
        let plain = jpeg(0xC0, &[]);
        let with = [&plain[..2], &[0xFF, TEM], &plain[2..], b"a clip that a phone appended"];
        assert!(outline(&with.concat()).unwrap().complete);
    }

    #[test]
    fn incomplete_at_every_cut() {
        let whole = jpeg(0xC1, &[]);
        for cut in 0..whole.len() {
            let found = outline(&whole[..cut]);
            assert!(found.is_none_or(|found| !found.complete), "cut at {cut}");
        }
    }

    #[test]
    fn no_frame_no_outline() {
        for bytes in [&b""[..], &[0xFF, SOI], &[0xFF, SOI, 0xFF, EOI], &[0xFF, SOI, 0, 0]] {
            assert_eq!(outline(bytes), None);
        }
        let short = [0xFF, SOI, 0xFF, 0xC0, 0, 4, 8, 0];
        assert_eq!(outline(&short), None);
    }
}
