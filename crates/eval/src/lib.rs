//! How often the shipped decisions are wrong, on recordings whose truth is known, and what a sign-in
//! costs.
//!
//! The terms and the counting are those of ISO/IEC 30107-3 (presentation attack detection)
//! and ISO/IEC 19795-1 (biometric performance). What is measured is what the service does:
//! the same pipeline, the same decision functions, the same thresholds.
//!
//! Reports hold figures, file names and reasons, never a picture or an embedding.

#![forbid(unsafe_code)]

pub mod captures;
pub mod liveness;
pub mod load;
pub mod pad;
pub mod proportion;
pub mod recordings;
mod report;
pub mod verification;
