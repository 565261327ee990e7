//! What a client proves itself with, as an operator makes it.

use faceauth_tokens::client_assertion::{ClientKeys, ClientKeysFlaw};
use faceauth_tokens::opaque::{self, OpaqueToken};

use crate::error::Result;

/// The secret of a client before anybody has seen it.
pub struct ClientSecret(OpaqueToken);

impl ClientSecret {
    /// A secret of 256 random bits.
    ///
    /// # Errors
    /// When the operating system gives none.
    pub fn random() -> Result<Self> {
        Ok(Self(OpaqueToken::random()?))
    }

    /// What the client is told, once.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.token
    }

    /// What is stored of it.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.0.hash
    }
}

/// What is stored of the secret `text`. It has 256 random bits, so it needs no key.
#[must_use]
pub fn hash(text: &str) -> [u8; 32] {
    opaque::hash(text)
}

/// Checks that `json` is a set of public keys with which a client may sign.
///
/// # Errors
/// What is wrong with it.
pub fn check_public_keys(json: &str) -> std::result::Result<(), ClientKeysFlaw> {
    ClientKeys::parse(json).map(|_| ())
}
