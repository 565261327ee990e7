//! What the proof of a client is held against.

use std::fmt;

use super::client::ClientAuthentication;

/// What the proof of a client is held against. Nothing here is a secret, and `Debug` shows nothing
/// of it all the same.
#[derive(Clone, PartialEq, Eq)]
pub enum ClientCredential {
    /// Nothing: it can keep no secret.
    None,
    /// SHA-256 of its secret, which cannot be guessed.
    SecretHash([u8; 32]),
    /// Its public keys, a JWK set as JSON (RFC 7517).
    Jwks(String),
}

impl ClientCredential {
    /// The way to authenticate that it is for.
    #[must_use]
    pub fn authentication(&self) -> ClientAuthentication {
        match self {
            Self::None => ClientAuthentication::None,
            Self::SecretHash(_) => ClientAuthentication::ClientSecretBasic,
            Self::Jwks(_) => ClientAuthentication::PrivateKeyJwt,
        }
    }
}

impl fmt::Debug for ClientCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientCredential({})", self.authentication().as_str())
    }
}
