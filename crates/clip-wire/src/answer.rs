//! What is written: the eight bytes `FACLIP01`, a status byte, the number of frames, and for
//! each frame its time in milliseconds, width, height and RGB pixels, rows top to bottom.
//! Numbers are 32 bits, little-endian.

use std::io::Write;

use faceauth_domain::clip::ClipProblem;

/// Opens the answer; the last two digits are its version.
const MAGIC: &[u8; 8] = b"FACLIP01";

/// A frame that was chosen.
pub struct Picture {
    pub t_ms: u32,
    pub width: u32,
    pub height: u32,
    /// RGB, 8 bits a channel.
    pub pixels: Vec<u8>,
}

/// The frames of the clip, or why there are none.
pub type Answer = Result<Vec<Picture>, ClipProblem>;

/// Writes `answer`.
pub fn write(out: &mut impl Write, answer: &Answer) -> anyhow::Result<()> {
    out.write_all(MAGIC)?;
    out.write_all(&[status(answer.as_ref().err())])?;
    let pictures = answer.as_deref().unwrap_or_default();
    out.write_all(&u32::try_from(pictures.len())?.to_le_bytes())?;
    for picture in pictures {
        for number in [picture.t_ms, picture.width, picture.height] {
            out.write_all(&number.to_le_bytes())?;
        }
        out.write_all(&picture.pixels)?;
    }
    out.flush()?;
    Ok(())
}

/// The byte that stands for a problem; 0 for none.
fn status(problem: Option<&ClipProblem>) -> u8 {
    match problem {
        None => 0,
        Some(ClipProblem::Undecodable) => 1,
        Some(ClipProblem::UnsupportedCodec) => 2,
        Some(ClipProblem::TooLong) => 3,
        Some(ClipProblem::DimensionsTooLarge) => 4,
    }
}
