//! The answer for a clip: the eight bytes `FACLIP01`, a status byte, the number of frames, and
//! for each frame its time in milliseconds, width, height and RGB pixels, rows top to bottom.
//! Numbers are 32 bits, little-endian.

use std::io::{self, Read, Write};

use faceauth_domain::clip::ClipProblem;

use crate::MAX_FRAME_SIDE;

/// Opens the answer; the last two digits are its version.
const MAGIC: &[u8; 8] = b"FACLIP01";

/// The status byte of a clip whose frames follow.
const FRAMES_FOLLOW: u8 = 0;

/// Every problem, as far as an answer tells them apart.
const PROBLEMS: [ClipProblem; 5] = [
    ClipProblem::Undecodable,
    ClipProblem::UnsupportedCodec,
    ClipProblem::TooLong,
    ClipProblem::DimensionsTooLarge,
    ClipProblem::TooManyPixels,
];

/// The status byte that stands for a problem.
fn status(problem: ClipProblem) -> u8 {
    match problem {
        ClipProblem::Undecodable => 1,
        ClipProblem::UnsupportedCodec => 2,
        ClipProblem::TooLong => 3,
        ClipProblem::DimensionsTooLarge => 4,
        ClipProblem::TooManyPixels => 5,
    }
}

/// A frame that was chosen.
pub struct Picture {
    /// Its time in the clip, in milliseconds.
    pub t_ms: u32,
    /// In pixels, at most [`MAX_FRAME_SIDE`].
    pub width: u32,
    /// In pixels, at most [`MAX_FRAME_SIDE`].
    pub height: u32,
    /// RGB, 8 bits a channel.
    pub pixels: Vec<u8>,
}

/// The frames of the clip, or why it has none.
pub type Answer = Result<Vec<Picture>, ClipProblem>;

/// Writes `answer`.
///
/// # Errors
/// When `out` does not take it, or there are more frames than a number holds.
pub fn write(out: &mut impl Write, answer: &Answer) -> io::Result<()> {
    out.write_all(MAGIC)?;
    let status = answer.as_ref().err().map_or(FRAMES_FOLLOW, |problem| status(*problem));
    out.write_all(&[status])?;
    let pictures = answer.as_deref().unwrap_or_default();
    let count = u32::try_from(pictures.len()).map_err(io::Error::other)?;
    out.write_all(&count.to_le_bytes())?;
    for picture in pictures {
        for number in [picture.t_ms, picture.width, picture.height] {
            out.write_all(&number.to_le_bytes())?;
        }
        out.write_all(&picture.pixels)?;
    }
    out.flush()
}

/// Reads an answer of at most `max_frames` frames; `None` when it is none. `picture` makes of
/// each frame what the reader wants, or `None` of one that it does not take.
pub fn read<T>(
    input: &mut impl Read,
    max_frames: usize,
    picture: impl Fn(Picture) -> Option<T>,
) -> Option<Result<Vec<T>, ClipProblem>> {
    let mut head = [0; MAGIC.len() + 1];
    input.read_exact(&mut head).ok()?;
    if !head.starts_with(MAGIC) {
        return None;
    }
    let byte = head[MAGIC.len()];
    if byte != FRAMES_FOLLOW {
        // A byte that stands for nothing is no better than a clip that does not decode.
        let known = PROBLEMS.into_iter().find(|problem| status(*problem) == byte);
        return Some(Err(known.unwrap_or(ClipProblem::Undecodable)));
    }
    let count = number(input)? as usize;
    if count > max_frames {
        return None;
    }
    let mut pictures = Vec::with_capacity(count);
    for _ in 0..count {
        let (t_ms, width, height) = (number(input)?, number(input)?, number(input)?);
        if width.max(height) > MAX_FRAME_SIDE {
            return None;
        }
        let mut pixels = vec![0; 3 * width as usize * height as usize];
        input.read_exact(&mut pixels).ok()?;
        pictures.push(picture(Picture { t_ms, width, height, pixels })?);
    }
    Some(Ok(pictures))
}

fn number(input: &mut impl Read) -> Option<u32> {
    let mut bytes = [0; 4];
    input.read_exact(&mut bytes).ok()?;
    Some(u32::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two frames of different size.
    fn written() -> Vec<u8> {
        let picture = |t_ms, width: u32, height: u32| Picture {
            t_ms,
            width,
            height,
            pixels: (0..3 * width * height).map(|value| value as u8).collect(),
        };
        let mut out = Vec::new();
        write(&mut out, &Ok(vec![picture(0, 2, 1), picture(40, 1, 3)])).unwrap();
        out
    }

    fn read_all(bytes: &[u8], max_frames: usize) -> Option<Result<Vec<Picture>, ClipProblem>> {
        read(&mut &bytes[..], max_frames, Some)
    }

    #[test]
    fn frames_are_read_as_they_were_written() {
        let pictures = read_all(&written(), 2).unwrap().unwrap();
        let seen: Vec<_> = pictures.iter().map(|p| (p.t_ms, p.width, p.height)).collect();
        assert_eq!(seen, [(0, 2, 1), (40, 1, 3)]);
        assert_eq!(pictures[1].pixels, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn each_problem_is_read_as_it_was_written() {
        for problem in PROBLEMS {
            let mut out = Vec::new();
            write(&mut out, &Err(problem)).unwrap();
            assert_eq!(read_all(&out, 1).unwrap().err(), Some(problem));
        }
        let unknown = [&MAGIC[..], &[99]].concat();
        assert_eq!(read_all(&unknown, 1).unwrap().err(), Some(ClipProblem::Undecodable));
    }

    #[test]
    fn an_answer_that_is_cut_short_is_none() {
        let whole = written();
        for length in 0..whole.len() {
            assert!(read_all(&whole[..length], 2).is_none(), "{length} of {}", whole.len());
        }
    }

    #[test]
    fn too_many_frames_too_large_ones_and_other_versions_are_none() {
        assert!(read_all(&written(), 1).is_none());
        let mut large = written();
        large[MAGIC.len() + 1 + 4 + 4..][..4].copy_from_slice(&(MAX_FRAME_SIDE + 1).to_le_bytes());
        assert!(read_all(&large, 2).is_none());
        let mut other = written();
        other[7] = b'2';
        assert!(read_all(&other, 2).is_none());
        assert!(read::<()>(&mut &written()[..], 2, |_| None).is_none());
    }
}
