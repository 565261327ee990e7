//! Shared fixtures for FaceAuth's own tests. Never part of a release.
//!
//! A missing fixture fails the test, and the message names the command that makes it. No test is
//! skipped.

pub mod attested;
pub mod clips;
#[cfg(feature = "database")]
pub mod cluster;
#[cfg(feature = "database")]
pub mod database;
pub mod fuzz;
pub mod head;
pub mod hostile;
pub mod passkey;
pub mod paths;
pub mod performance;
pub mod photos;
#[cfg(feature = "database")]
pub mod pooler;
#[cfg(feature = "database")]
pub mod proxy;
pub mod scripted;
pub mod treated;
