//! The display matrix of an MP4 (ISO/IEC 14496-12, 6.2.2, 8.2.2 and 8.3.2).

use crate::matrix::Matrix;

/// Bytes before the matrix in a `mvhd` box, by version, without the box's own header.
const MOVIE_MATRIX_AT: [usize; 2] = [36, 48];

/// The same in a `tkhd` box.
const TRACK_MATRIX_AT: [usize; 2] = [40, 52];

/// How the first video track is shown: its own matrix, then that of the movie. `None` when no
/// matrix can be read.
pub fn display_matrix(mp4: &[u8]) -> Option<Matrix> {
    let movie = child(mp4, b"moov")?;
    let track =
        boxes(movie).filter(|(kind, _)| kind == b"trak").map(|(_, body)| body).find(|track| {
            let handler = child(track, b"mdia").and_then(|media| child(media, b"hdlr"));
            handler.and_then(|body| body.get(8..12)) == Some(b"vide")
        })?;
    let own = matrix(child(track, b"tkhd")?, TRACK_MATRIX_AT)?;
    let whole = child(movie, b"mvhd").and_then(|body| matrix(body, MOVIE_MATRIX_AT));
    Some(whole.map_or(own, |whole| own.then(whole)))
}

/// The four numbers that turn and mirror, in 16.16 fixed point; the rest shifts.
fn matrix(body: &[u8], at: [usize; 2]) -> Option<Matrix> {
    let start = *at.get(usize::from(*body.first()?))?;
    let number = |index: usize| {
        let bytes = body.get(start + 4 * index..)?.first_chunk()?;
        Some(f64::from(i32::from_be_bytes(*bytes)) / 65_536.0)
    };
    Some(Matrix { a: number(0)?, b: number(1)?, c: number(3)?, d: number(4)? })
}

/// The first box of this kind.
fn child<'a>(bytes: &'a [u8], wanted: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(bytes).find(|(kind, _)| kind == wanted).map(|(_, body)| body)
}

/// The boxes that follow each other in `bytes`, up to the first that is broken: each is at least
/// eight bytes long, so there is an end.
fn boxes(mut bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let size = u32::from_be_bytes(*bytes.first_chunk()?);
        let kind: [u8; 4] = *bytes.get(4..)?.first_chunk()?;
        let (head, size) = match size {
            // The box goes on to the end.
            0 => (8, bytes.len()),
            1 => {
                let long = u64::from_be_bytes(*bytes.get(8..)?.first_chunk()?);
                (16, usize::try_from(long).ok()?)
            }
            size => (8, size as usize),
        };
        let body = bytes.get(head..size)?;
        bytes = &bytes[size..];
        Some((kind, body))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat()
    }

    fn header(at: usize, version: u8, numbers: [i32; 4]) -> Vec<u8> {
        let mut body = vec![0; at + 36];
        body[0] = version;
        for (index, number) in [0, 1, 3, 4].into_iter().zip(numbers) {
            let bytes = (number << 16).to_be_bytes();
            body[at + 4 * index..at + 4 * index + 4].copy_from_slice(&bytes);
        }
        body
    }

    fn track(handler: &[u8; 4], version: u8, numbers: [i32; 4]) -> Vec<u8> {
        let at = TRACK_MATRIX_AT[usize::from(version)];
        let handler = [&[0; 8][..], handler, &[0; 12]].concat();
        let media = boxed(b"mdia", &boxed(b"hdlr", &handler));
        boxed(b"trak", &[boxed(b"tkhd", &header(at, version, numbers)), media].concat())
    }

    #[test]
    fn the_first_video_track_counts() {
        for version in [0, 1] {
            let at = MOVIE_MATRIX_AT[usize::from(version)];
            let mirror = boxed(b"mvhd", &header(at, version, [-1, 0, 0, 1]));
            let tracks = [
                track(b"soun", version, [1, 0, 0, 1]),
                track(b"vide", version, [0, 1, -1, 0]),
                track(b"vide", version, [1, 0, 0, 1]),
            ];
            let movie = boxed(b"moov", &[mirror, tracks.concat()].concat());
            let file = [boxed(b"ftyp", b"isom"), boxed(b"free", &[0; 3]), movie].concat();
            let expected = Matrix { a: 0.0, b: 1.0, c: 1.0, d: 0.0 };
            assert_eq!(display_matrix(&file), Some(expected));
        }
    }

    #[test]
    fn broken_boxes_end_the_search() {
        for bytes in [
            &b""[..],
            b"\0\0\0\x08moov",
            b"\0\0\0\x04moov....",
            b"\xff\xff\xff\xffmoov",
            b"\0\0\0\x01moov\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\0\0\0\0moov\0\0\0\0trak\0\0\0\0tkhd",
        ] {
            assert_eq!(display_matrix(bytes), None);
        }
        let unknown_version = boxed(b"tkhd", &[9; 90]);
        assert_eq!(matrix(&unknown_version[8..], TRACK_MATRIX_AT), None);
        assert_eq!(matrix(&[0; 50], TRACK_MATRIX_AT), None);
    }
}
