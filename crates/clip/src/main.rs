//! `faceauth-clip`: one clip on standard input, a few of its frames on standard output.
//!
//! Video decoders are large, written in C and fed by strangers, so they run here and not in
//! the serving process: one process a clip, started with an empty environment, which gives
//! up memory, time, files and privileges before it reads the first byte ([`sandbox`]). The
//! `vision` crate starts it, reads the frames (`vision::clip`) and ends it when it takes too
//! long. It logs nothing: what a clip shows and what a decoder says of it stay in here.
//!
//! Usage: `faceauth-clip MAX_FRAMES < clip > frames`. What is written is described in
//! [`faceauth_clip_wire`]. `faceauth-clip --confinement` says what this kernel lets it give up.

#![forbid(unsafe_code)]

mod confinement;
mod decode;
mod matrix;
mod matroska;
mod mp4;
mod orientation;
mod sampling;
mod sandbox;

use std::fmt;
use std::fs::File;
use std::io::{Read, Write, stdin, stdout};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use faceauth_clip_wire::{CONFINEMENT_FLAG, NOT_CONFINED, answer};
use faceauth_domain::clip::{EncodedClip, MAX_CLIP_BYTES};
use rustix::fs::{MemfdFlags, memfd_create};

/// Most frames that may be asked for: they are held until the last one is known.
const MAX_FRAMES: usize = 256;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        // Only a developer reads it: the parent discards standard error.
        Err(error) => {
            eprintln!("faceauth-clip: {error:#}");
            if error.is::<NotConfined>() { ExitCode::from(NOT_CONFINED) } else { ExitCode::FAILURE }
        }
    }
}

/// The rights and limits could not be given up.
#[derive(Debug)]
struct NotConfined;

impl fmt::Display for NotConfined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the limits cannot be lowered")
    }
}

fn run() -> anyhow::Result<()> {
    let word = std::env::args().nth(1);
    if word.as_deref() == Some(CONFINEMENT_FLAG) {
        sandbox::enter().context(NotConfined)?;
        return Ok(confinement::report(&mut stdout().lock())?);
    }
    let max_frames: usize = word
        .and_then(|text| text.parse().ok())
        .filter(|count| (1..=MAX_FRAMES).contains(count))
        .context("usage: faceauth-clip MAX_FRAMES < clip > frames")?;
    sandbox::enter().context(NotConfined)?;
    let mut bytes = Vec::new();
    // Reading one byte more than a clip may have shows whether it is too long.
    stdin().lock().take(MAX_CLIP_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    let clip = EncodedClip::parse(bytes, None)?;
    let file = in_memory(clip.bytes())?;
    let frames = decode::frames(&clip, &file, max_frames)?;
    Ok(answer::write(&mut stdout().lock(), &frames)?)
}

/// The clip as a file that never touches a disk: OpenCV opens paths only.
fn in_memory(bytes: &[u8]) -> anyhow::Result<File> {
    let mut file = File::from(memfd_create("clip", MemfdFlags::CLOEXEC)?);
    file.write_all(bytes)?;
    ensure!(file.metadata()?.len() == bytes.len() as u64, "the clip was cut short");
    Ok(file)
}
