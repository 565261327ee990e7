//! Keys that sign tokens, and those that only verify what was signed before or will be.

use jsonwebtoken::jwk::{Jwk, KeyAlgorithm, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use secrecy::{ExposeSecret, SecretString};

/// A private key, and the public half as it is published. The algorithm follows from the key:
/// `EdDSA` with Ed25519, `ES256` with P-256.
pub struct TokenSigner {
    pub(crate) encoding: EncodingKey,
    pub(crate) decoding: DecodingKey,
    pub(crate) algorithm: Algorithm,
    pub(crate) jwk: Jwk,
    pub(crate) key_id: String,
}

/// Why a key cannot sign. Never says anything of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signing key is no Ed25519 or P-256 private key in PKCS #8 PEM")]
pub struct SignerError;

impl TokenSigner {
    /// Reads an Ed25519 or P-256 private key, PKCS #8 in PEM. The key id is the thumbprint of
    /// the public key (RFC 7638), so that it follows from the key alone.
    ///
    /// # Errors
    /// [`SignerError`] when `pem` is not such a key.
    pub fn from_pem(pem: &SecretString) -> Result<Self, SignerError> {
        let bytes = pem.expose_secret().as_bytes();
        let (encoding, algorithm) = EncodingKey::from_ed_pem(bytes)
            .map(|key| (key, Algorithm::EdDSA))
            .or_else(|_| EncodingKey::from_ec_pem(bytes).map(|key| (key, Algorithm::ES256)))
            .map_err(|_| SignerError)?;
        // Fails for another curve than P-256.
        let mut jwk = Jwk::from_encoding_key(&encoding, algorithm).map_err(|_| SignerError)?;
        let key_id = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| SignerError)?;
        jwk.common.key_id = Some(key_id.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        jwk.common.key_algorithm = Some(match algorithm {
            Algorithm::ES256 => KeyAlgorithm::ES256,
            _ => KeyAlgorithm::EdDSA,
        });
        let decoding = DecodingKey::from_jwk(&jwk).map_err(|_| SignerError)?;
        Ok(Self { encoding, decoding, algorithm, jwk, key_id })
    }

    /// The key id, `kid` of tokens.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }
}

impl std::fmt::Debug for TokenSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TokenSigner({}, {:?})", self.key_id, self.algorithm)
    }
}

/// The keys of a deployment: one signs, all of them verify and are published. During a
/// rotation the next key is published before it signs, and the previous one until what it
/// signed has expired.
#[derive(Debug)]
pub struct TokenKeys {
    signing: TokenSigner,
    others: Vec<TokenSigner>,
}

impl TokenKeys {
    /// `others` only verify.
    #[must_use]
    pub fn new(signing: TokenSigner, others: Vec<TokenSigner>) -> Self {
        Self { signing, others }
    }

    pub(crate) fn signing(&self) -> &TokenSigner {
        &self.signing
    }

    pub(crate) fn by_id(&self, key_id: &str) -> Option<&TokenSigner> {
        self.all().find(|key| key.key_id == key_id)
    }

    /// The public keys, as RFC 7517 has them. The one that signs comes first.
    pub(crate) fn jwks(&self) -> serde_json::Value {
        let keys: Vec<&Jwk> = self.all().map(|key| &key.jwk).collect();
        serde_json::json!({ "keys": keys })
    }

    fn all(&self) -> impl Iterator<Item = &TokenSigner> {
        std::iter::once(&self.signing).chain(&self.others)
    }
}
