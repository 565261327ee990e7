//! The tokens of FaceAuth.
//!
//! - [`access`]: access tokens (RFC 9068), which any service checks with the published keys.
//! - What clients of OpenID Connect are given: [`client_access`] tokens and [`id_token`]s.
//! - [`opaque`]: tokens that are random and known to the database by their hash: those of
//!   [`refresh`], the secrets of transactions, and [`invitation`]s. [`recovery`] codes are the kind
//!   that people type.
//! - Tokens the service issues to itself: [`device`], [`enrolment`], [`liveness`] and [`logout`]. Each carries
//!   what one request has found out, and the client keeps it for the next one.
//! - [`client_assertion`]: what clients of OpenID Connect sign, to prove who they are.
//!
//! Architecture invariant: only this crate knows jsonwebtoken. It knows no HTTP and no database.
//! Time is an argument.

#![forbid(unsafe_code)]

pub mod access;
pub mod client_access;
pub mod client_assertion;
pub mod device;
pub mod enrolment;
pub mod id_token;
pub mod invitation;
mod issuer;
mod keys;
pub mod liveness;
pub mod logout;
pub mod opaque;
mod own;
pub mod recovery;
pub mod refresh;
mod settings;

pub use issuer::{TokenError, TokenIssuer};
pub use keys::{SignerError, TokenKeys, TokenSigner};
pub use settings::TokenSettings;
