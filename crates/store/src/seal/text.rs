//! Texts that wait in the database for minutes, sealed by a key of the deployment.

use std::fmt;

use zeroize::Zeroizing;

use super::passing::unless_key_is_gone;
use super::{SealError, Sealed, Sealer, aead};

/// First byte of a sealed text.
const VERSION: u8 = 1;
/// Open the associated data, so that no use of a key can be taken for another.
const AUTHORIZATION_REQUEST: &[u8] = b"faceauth sealed authorization request v1";
const CODE_NONCE: &[u8] = b"faceauth sealed nonce of a code v1";

/// What a sealed text belongs to. It opens for nothing else.
#[derive(Clone, Copy)]
pub(crate) enum TextOwner<'a> {
    /// The parameters of an authorization request.
    AuthorizationRequest {
        /// SHA-256 of its secret.
        id: &'a [u8; 32],
        /// Who asks.
        client_id: &'a str,
    },
    /// The nonce that goes into the ID token of a code.
    CodeNonce {
        /// SHA-256 of the code.
        code_hash: &'a [u8; 32],
        /// Who may redeem it.
        client_id: &'a str,
    },
}

impl fmt::Debug for TextOwner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TextOwner")
    }
}

impl TextOwner<'_> {
    /// What it is, for the log.
    fn what(self) -> &'static str {
        match self {
            Self::AuthorizationRequest { .. } => "an authorization request",
            Self::CodeNonce { .. } => "the nonce of a code",
        }
    }

    fn associated_data(self) -> Vec<u8> {
        match self {
            Self::AuthorizationRequest { id, client_id } => {
                aead::with_lengths(&[AUTHORIZATION_REQUEST, id, client_id.as_bytes()])
            }
            Self::CodeNonce { code_hash, client_id } => {
                aead::with_lengths(&[CODE_NONCE, code_hash, client_id.as_bytes()])
            }
        }
    }
}

impl Sealer {
    /// Encrypts `text` for `owner` with the active key and a fresh nonce.
    ///
    /// # Errors
    /// [`SealError::Randomness`] when the system gives no random nonce.
    pub(crate) fn seal_text(&self, owner: TextOwner<'_>, text: &str) -> Result<Sealed, SealError> {
        let cipher = self.ciphers.get(&self.active).ok_or(SealError::UnknownKey)?;
        let plaintext = Zeroizing::new(text.as_bytes().to_vec());
        let bytes = aead::seal(cipher, VERSION, &owner.associated_data(), plaintext)?;
        Ok(Sealed { key_id: self.active.clone(), bytes })
    }

    /// Decrypts what [`Sealer::seal_text`] made for the same owner. `None` when it is over, because
    /// its key was taken away.
    ///
    /// # Errors
    /// [`SealError::Tampered`] or [`SealError::Malformed`].
    pub(crate) fn open_text(
        &self,
        owner: TextOwner<'_>,
        sealed: &Sealed,
    ) -> Result<Option<String>, SealError> {
        unless_key_is_gone(owner.what(), &sealed.key_id, self.text_of(owner, sealed))
    }

    fn text_of(&self, owner: TextOwner<'_>, sealed: &Sealed) -> Result<String, SealError> {
        let cipher = self.ciphers.get(&sealed.key_id).ok_or(SealError::UnknownKey)?;
        let bytes = aead::open(cipher, VERSION, &owner.associated_data(), &sealed.bytes)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| SealError::Malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::{SealKeys, generate_seal_key_line};

    #[test]
    fn a_text_opens_for_its_owner_alone() {
        let line = generate_seal_key_line("k1").unwrap();
        let sealer = Sealer::new(SealKeys::parse(&line).unwrap());
        let (one, two) = ([1; 32], [2; 32]);
        let owner = TextOwner::AuthorizationRequest { id: &one, client_id: "shop" };
        let sealed = sealer.seal_text(owner, "state=abc").unwrap();
        assert_eq!(sealer.open_text(owner, &sealed), Ok(Some("state=abc".to_owned())));
        assert!(!sealed.bytes.windows(3).any(|window| window == b"abc"));
        for other in [
            TextOwner::AuthorizationRequest { id: &two, client_id: "shop" },
            TextOwner::AuthorizationRequest { id: &one, client_id: "bank" },
            TextOwner::CodeNonce { code_hash: &one, client_id: "shop" },
        ] {
            assert_eq!(sealer.open_text(other, &sealed), Err(SealError::Tampered));
        }
        let mut changed = sealed.clone();
        changed.bytes[20] ^= 1;
        assert_eq!(sealer.open_text(owner, &changed), Err(SealError::Tampered));
        let unknown = Sealed { key_id: "k2".to_owned(), ..sealed };
        assert_eq!(sealer.open_text(owner, &unknown), Ok(None));
    }
}
