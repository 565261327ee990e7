//! Invitations: random, and known to the database by their hash.
//!
//! An invitation is no signed token. What it is good for (a name, an end) stands in its row, which
//! has to be looked at anyhow, because it works once. So the link is short, a replacement of the
//! signing key leaves it valid, and the command line makes one without that key.

use secrecy::zeroize::Zeroizing;

use crate::issuer::TokenError;
use crate::opaque::{self, OpaqueToken};

/// Begins every invitation, so that scanners for leaked secrets can know one.
const MARK: &str = "fi_";

/// An invitation before anybody has seen it.
pub struct FreshInvitation {
    /// The secret: letters, digits, `_` and `-`, so that it can stand in a link as it is.
    pub secret: Zeroizing<String>,
    /// What is stored of it.
    pub hash: [u8; 32],
}

impl FreshInvitation {
    /// An invitation of 256 random bits.
    ///
    /// # Errors
    /// [`TokenError::Randomness`] when the operating system gives none.
    pub fn random() -> Result<Self, TokenError> {
        let secret = Zeroizing::new(format!("{MARK}{}", *OpaqueToken::random()?.token));
        Ok(Self { hash: hash(&secret), secret })
    }
}

/// SHA-256 of an invitation with its mark.
#[must_use]
pub fn hash(secret: &str) -> [u8; 32] {
    opaque::hash(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invitations_differ_and_fit_into_a_link() {
        let [first, second] =
            [FreshInvitation::random().unwrap(), FreshInvitation::random().unwrap()];
        assert_ne!(first.secret, second.secret);
        assert_eq!(first.hash, hash(&first.secret));
        assert_eq!(first.secret.len(), MARK.len() + 43);
        assert!(first.secret.bytes().all(|c| c.is_ascii_alphanumeric() || b"_-".contains(&c)));
    }
}
