//! What `faceauth-clip` and the service say to each other, written once for both.
//!
//! The service starts `faceauth-clip MAX_FRAMES`, writes a clip to its standard input and
//! reads an [`answer`] from its standard output. With [`CONFINEMENT_FLAG`] instead of a number
//! the program reads nothing and writes a [`confinement`] report.
//!
//! The service trusts nothing that it reads here: a hostile clip may have taken the program
//! over. So [`answer::read`] bounds the number of frames and their sides before it allocates.

#![forbid(unsafe_code)]

pub mod answer;
pub mod confinement;

/// Name of the program's file.
pub const PROGRAM: &str = "faceauth-clip";

/// The argument that asks for a report of what the program can give up.
pub const CONFINEMENT_FLAG: &str = "--confinement";

/// Exit status of a program that could not lower its limits and has read nothing: no clip is to
/// blame for that (`EX_OSERR` of `sysexits.h`).
pub const NOT_CONFINED: u8 = 71;

/// Longest side of a frame in pixels: what a webcam sends, and all that the models need of a
/// face near the camera. The program shrinks to it, and the service believes nothing larger.
pub const MAX_FRAME_SIDE: u32 = 640;
