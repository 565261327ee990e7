//! Whether a living person is at the camera, now, and does what was asked.
//!
//! A [`capture`] answers a [`crate::challenge::Challenge`]. The analyzer turns it into
//! [`evidence`], frame by frame and between frames; [`judge`] decides over that evidence by
//! the limits of a [`policy`], and says with a [`reason`] what was wrong.
//!
//! What this cannot see is written down in `docs/liveness.md`: above all, a stream that
//! never came from a camera.

pub mod capture;
pub mod evidence;
pub mod explain;
pub mod identity;
pub mod joint;
pub mod judge;
#[cfg(test)]
mod judge_tests;
pub mod pad;
pub mod passive;
pub mod policy;
pub mod reason;
mod steps;
