//! Opaque tokens: random, and known to the database by their hash.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use secrecy::zeroize::Zeroizing;
use sha2::{Digest, Sha256};

use crate::issuer::TokenError;

/// Random bytes of a token.
const TOKEN_BYTES: usize = 32;

/// A token before anybody has seen it.
pub struct OpaqueToken {
    /// The token itself.
    pub token: Zeroizing<String>,
    /// What is stored of it.
    pub hash: [u8; 32],
}

impl OpaqueToken {
    /// A token of 256 random bits.
    ///
    /// # Errors
    /// [`TokenError::Randomness`] when the operating system gives none.
    pub fn random() -> Result<Self, TokenError> {
        let mut bytes = Zeroizing::new([0; TOKEN_BYTES]);
        getrandom::fill(bytes.as_mut()).map_err(TokenError::Randomness)?;
        Ok(Self::of(&bytes))
    }

    /// The token of these bits, which cannot be guessed.
    #[must_use]
    pub fn of(bits: &[u8; TOKEN_BYTES]) -> Self {
        let token = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(bits));
        Self { hash: hash(&token), token }
    }
}

/// SHA-256 of a token. It has 256 random bits, so a slow hash adds nothing.
#[must_use]
pub fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
