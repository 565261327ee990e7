//! Whether a genuine app on a genuine device made a capture: Android key attestation and Apple App
//! Attest, checked offline.
//!
//! Bytes, pinned roots, a list of revoked certificates and the time go in; what is attested, or the
//! flaw, comes out. No I/O, no clock and no HTTP, and no certificate of a vendor stands here: the
//! operator gives them.
//!
//! Both platforms sign the same [`statement::Statement`] about a capture, so a signature is good for one
//! capture of one liveness session.

#![forbid(unsafe_code)]

pub mod android;
pub mod apple;
pub mod revocation;
pub mod roots;
pub mod statement;

mod chain;
mod der;

use faceauth_domain::attestation::AttestationFlaw as Flaw;

/// What a check finds.
pub type Result<T> = std::result::Result<T, Flaw>;
