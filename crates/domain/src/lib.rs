//! The words and the rules of FaceAuth.
//!
//! All parts of a sign-in decision are here, as plain values and pure functions: what a capture, a
//! face, an embedding and a template are, which picture is usable ([`quality`]), which person in
//! the picture is the subject ([`subject`]), and whether that person may sign in ([`decision`]).
//!
//! Architecture invariant: no I/O, no async runtime, no clock and no environment.
//! Time comes in as an argument or through [`clock::Clock`]; pixels come in through
//! [`analyzer::FaceAnalyzer`]. Nothing here derives `Serialize`: wire formats belong
//! to `faceauth-api`, rows to `faceauth-store`.

#![forbid(unsafe_code)]

pub mod account_event;
pub mod analyzer;
pub mod assurance;
pub mod attempt;
pub mod attestation;
pub mod authentication;
pub mod capture;
pub mod challenge;
pub mod clip;
pub mod clock;
pub mod decision;
pub mod delivery;
pub mod embedding;
pub mod enrolment;
pub mod evidence;
pub mod face;
pub mod failures;
pub mod geometry;
mod line;
pub mod liveness;
mod media_type;
pub mod oauth;
pub mod policy;
pub mod quality;
pub mod scope;
pub mod second_factor;
pub mod subject;
pub mod template;
pub mod user;
pub mod wiped;
