//! Keyed hashes: what stands for values that must not be stored or logged.

use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;

/// What a keyed hash is for. Different purposes give unrelated hashes of one value.
#[derive(Debug, Clone, Copy)]
pub enum HashPurpose {
    /// A client address in the audit trail.
    Client,
    /// A client address whose requests are counted.
    LimitedClient,
    /// A claimed name in the log of security events.
    ClaimedName,
    /// An `Idempotency-Key`.
    IdempotencyKey,
    /// The key of one person of a batch.
    BatchKey,
    /// The content of a registration.
    Registration,
    /// A frame or clip of a liveness capture, to know it again.
    Frame,
    /// The face that a liveness token is bound to.
    SeenFace,
    /// The refresh token that follows one.
    NextRefreshToken,
    /// A recovery code.
    RecoveryCode,
    /// A person, as the clients of one sector know them.
    PairwiseSubject,
}

impl HashPurpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Client => b"faceauth client address v1",
            Self::LimitedClient => b"faceauth limited client v1",
            Self::ClaimedName => b"faceauth claimed name v1",
            Self::IdempotencyKey => b"faceauth idempotency key v1",
            Self::BatchKey => b"faceauth batch key v1",
            Self::Registration => b"faceauth registration v1",
            Self::Frame => b"faceauth liveness frame v1",
            Self::SeenFace => b"faceauth seen face v1",
            Self::NextRefreshToken => b"faceauth next refresh token v1",
            Self::RecoveryCode => b"faceauth recovery code v1",
            Self::PairwiseSubject => b"faceauth pairwise subject v1",
        }
    }
}

/// Makes keyed hashes with the key of the deployment.
#[derive(Debug)]
pub struct KeyedHash {
    key: SecretBox<[u8; 32]>,
}

impl KeyedHash {
    /// With this key, of 256 random bits.
    #[must_use]
    pub fn new(key: SecretBox<[u8; 32]>) -> Self {
        Self { key }
    }

    /// HMAC-SHA-256 over length-prefixed `parts`, so that no two lists read the same.
    #[must_use]
    pub fn of(&self, purpose: HashPurpose, parts: &[&[u8]]) -> [u8; 32] {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.key.expose_secret()) else {
            unreachable!("HMAC takes keys of any length")
        };
        for part in std::iter::once(&purpose.label()).chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}
