//! The program, as the service starts it: honest clips become frames, hostile ones an answer
//! within the limits.

mod fuzz;
mod honest;
mod hostile;

use std::path::PathBuf;

use faceauth_domain::clip::{ClipProblem, EncodedClip};
use faceauth_vision::clip::{ClipDecoder, ClipFrame};

/// Frames that are asked for.
const MOST: usize = 30;

fn decoder() -> ClipDecoder {
    ClipDecoder::new(PathBuf::from(env!("CARGO_BIN_EXE_faceauth-clip"))).expect("the program")
}

fn decode(bytes: Vec<u8>) -> Result<Vec<ClipFrame>, ClipProblem> {
    let clip = EncodedClip::parse(bytes, None).expect("a container that is accepted");
    decoder().decode(&clip, MOST).expect("the program starts")
}
