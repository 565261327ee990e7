//! Encryption at rest: of embeddings, and of texts that wait for minutes.
//!
//! AES-256-GCM with a random 96-bit nonce. What is stored is a version byte, the
//! nonce, the ciphertext and the 128-bit tag; the plaintext is the vector as
//! little-endian `f32`. A template is sealed by a [`UserKey`], which a key of the deployment
//! wraps; the face of a liveness grant, which lives a minute, by a key of the deployment
//! itself. The associated data names the owner, the model and the key, so a row that is moved
//! to another owner or relabelled does not open. The id of the deployment's key is
//! stored beside what it wraps: a new key is put first in the list, older ones stay
//! listed for as long as a row needs them.
//!
//! One key must not seal more than 2^32 times (NIST SP 800-38D, 8.3, for random
//! nonces): a century at one enrolment or liveness capture a second.

mod aead;
mod keys;
mod passing;
mod text;
mod user_key;

use std::collections::BTreeMap;
use std::fmt;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::KeyInit;
use faceauth_domain::embedding::{Embedding, ModelId};
use faceauth_domain::user::UserId;
use secrecy::{ExposeSecret, SecretBox};
use uuid::Uuid;
use zeroize::Zeroizing;

pub use self::keys::{SealKeyError, SealKeys, generate_seal_key_line};
pub(crate) use self::text::TextOwner;
pub use self::user_key::UserKey;

/// Bytes of a key: AES-256.
const KEY_BYTES: usize = 32;
/// Bytes of one value.
const VALUE_BYTES: usize = size_of::<f32>();
/// The first byte of what a key of the deployment seals.
const VERSION: u8 = 1;
/// Open the associated data, so that no use of a key can be taken for another.
const TEMPLATE: &[u8] = b"faceauth sealed template v1";
const LIVENESS_GRANT: &[u8] = b"faceauth sealed liveness grant v1";
const EVALUATION: &[u8] = b"faceauth sealed evaluation sample v1";

/// What a sealed embedding belongs to. It opens for nothing else.
#[derive(Clone, Copy)]
pub enum Owner<'a> {
    /// A template of this account, as the first release sealed them.
    Account(UserId),
    /// The face of a passed liveness capture.
    LivenessGrant {
        /// The session the capture answered.
        session: Uuid,
        /// SHA-256 of the token that redeems it.
        token_hash: &'a [u8; 32],
    },
    /// A picture of an evaluation, in a file on the operator's disk.
    Evaluation {
        /// SHA-256 of the picture and of what looks at it.
        sample: &'a [u8; 32],
    },
}

/// Why an embedding cannot be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The key that sealed it is not in the key file.
    #[error("its seal key is not known")]
    UnknownKey,
    /// The bytes were changed, or belong to another owner or model.
    #[error("it was changed, or belongs to another owner or model")]
    Tampered,
    /// The bytes have no known format.
    #[error("it has no known format")]
    Malformed,
    /// The operating system gave no random bytes.
    #[error("no randomness is available")]
    Randomness,
}

/// A sealed embedding, as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The key that opens it.
    pub key_id: String,
    /// Version, nonce, ciphertext and tag.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({}, {} bytes)", self.key_id, self.bytes.len())
    }
}

/// Seals and opens embeddings.
pub struct Sealer {
    active: String,
    ciphers: BTreeMap<String, Aes256Gcm>,
}

impl Sealer {
    /// Takes the keys over.
    #[must_use]
    pub fn new(keys: SealKeys) -> Self {
        let cipher = |key: &SecretBox<[u8; KEY_BYTES]>| Aes256Gcm::new(key.expose_secret().into());
        let ciphers = keys.keys.iter().map(|(id, key)| (id.clone(), cipher(key))).collect();
        Self { active: keys.active, ciphers }
    }

    /// Encrypts `embedding` for `owner` with the active key and a fresh nonce.
    ///
    /// # Errors
    /// [`SealError::Randomness`] when the system gives no random nonce.
    pub fn seal(&self, owner: Owner<'_>, embedding: &Embedding) -> Result<Sealed, SealError> {
        let cipher = self.ciphers.get(&self.active).ok_or(SealError::UnknownKey)?;
        let data = associated_data(owner, embedding.model());
        let bytes = aead::seal(cipher, VERSION, &data, to_bytes(embedding))?;
        Ok(Sealed { key_id: self.active.clone(), bytes })
    }

    /// Decrypts what [`Sealer::seal`] made for the same owner and model.
    ///
    /// # Errors
    /// Every [`SealError`] but [`SealError::Randomness`].
    pub fn open(
        &self,
        owner: Owner<'_>,
        model: &ModelId,
        key_id: &str,
        bytes: &[u8],
    ) -> Result<Embedding, SealError> {
        let cipher = self.ciphers.get(key_id).ok_or(SealError::UnknownKey)?;
        from_bytes(model, &aead::open(cipher, VERSION, &associated_data(owner, model), bytes)?)
    }

    /// Decrypts the face of the liveness grant `owner`. `None` when it is over, because its key was
    /// taken away.
    ///
    /// # Errors
    /// [`SealError::Tampered`] or [`SealError::Malformed`].
    pub(crate) fn open_grant(
        &self,
        owner: Owner<'_>,
        model: &ModelId,
        key_id: &str,
        bytes: &[u8],
    ) -> Result<Option<Embedding>, SealError> {
        let opened = self.open(owner, model, key_id, bytes);
        passing::unless_key_is_gone("a liveness grant", key_id, opened)
    }

    /// The id of the key that seals.
    #[must_use]
    pub fn active(&self) -> &str {
        &self.active
    }

    /// The ids of all keys.
    #[must_use]
    pub fn key_ids(&self) -> Vec<&str> {
        self.ciphers.keys().map(String::as_str).collect()
    }

    /// Decrypts a template, whichever key sealed it: the key of its owner, or, as in the first
    /// release, a key of the deployment.
    ///
    /// # Errors
    /// Every [`SealError`] but [`SealError::Randomness`].
    pub fn open_template(
        &self,
        user: UserId,
        key: Option<&UserKey>,
        model: &ModelId,
        key_id: &str,
        bytes: &[u8],
    ) -> Result<Embedding, SealError> {
        match bytes.first() {
            Some(&VERSION) => self.open(Owner::Account(user), model, key_id, bytes),
            Some(&user_key::TEMPLATE_VERSION) => {
                key.ok_or(SealError::UnknownKey)?.open(user, model, key_id, bytes)
            }
            _ => Err(SealError::Malformed),
        }
    }
}

/// The values of an embedding as bytes.
fn to_bytes(embedding: &Embedding) -> Zeroizing<Vec<u8>> {
    let values = embedding.values();
    // Sized at once: a buffer that grows leaves plaintext behind in freed memory.
    let mut buffer = Zeroizing::new(Vec::with_capacity(values.len() * VALUE_BYTES));
    for value in values {
        buffer.extend_from_slice(&value.to_le_bytes());
    }
    buffer
}

/// The inverse of [`to_bytes`].
fn from_bytes(model: &ModelId, bytes: &[u8]) -> Result<Embedding, SealError> {
    let (values, remainder) = bytes.as_chunks::<VALUE_BYTES>();
    if !remainder.is_empty() {
        return Err(SealError::Malformed);
    }
    // Collected at its final size, as above; the embedding overwrites it on drop.
    let values = values.iter().map(|value| f32::from_le_bytes(*value)).collect();
    Embedding::normalised(model.clone(), values).map_err(|_| SealError::Malformed)
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({} of {:?})", self.active, self.ciphers.keys().collect::<Vec<_>>())
    }
}

/// The use of the key, the owner and the model, each part with its length before it, so
/// that no two lists of parts make the same bytes.
fn associated_data(owner: Owner<'_>, model: &ModelId) -> Vec<u8> {
    let model = model.as_str().as_bytes();
    match owner {
        Owner::Account(user) => aead::with_lengths(&[TEMPLATE, user.0.as_bytes(), model]),
        Owner::LivenessGrant { session, token_hash } => {
            aead::with_lengths(&[LIVENESS_GRANT, session.as_bytes(), token_hash, model])
        }
        Owner::Evaluation { sample } => aead::with_lengths(&[EVALUATION, sample, model]),
    }
}

#[cfg(test)]
mod tests {
    use super::aead::{NONCE_BYTES, TAG_BYTES};
    use super::*;

    const USER: Owner<'_> = Owner::Account(UserId(Uuid::from_u128(1)));

    fn line(id: &str) -> String {
        generate_seal_key_line(id).unwrap().to_string()
    }

    fn sealer(text: &str) -> Sealer {
        Sealer::new(SealKeys::parse(text).unwrap())
    }

    fn embedding(model: &str) -> Embedding {
        let values = (0..128).map(|i| (i as f32 * 0.37).sin()).collect();
        Embedding::normalised(ModelId::new(model), values).unwrap()
    }

    #[test]
    fn opens_what_it_sealed_and_nothing_else() {
        let sealer = sealer(&line("k1"));
        let original = embedding("m");
        let sealed = sealer.seal(USER, &original).unwrap();
        let open = |owner, model: &str, bytes: &[u8]| {
            sealer.open(owner, &ModelId::new(model), &sealed.key_id, bytes)
        };

        let opened = open(USER, "m", &sealed.bytes).unwrap();
        assert!(original.compare(&opened).unwrap().value() > 0.999_999);

        let stranger = Owner::Account(UserId(Uuid::from_u128(2)));
        assert_eq!(open(stranger, "m", &sealed.bytes).unwrap_err(), SealError::Tampered);
        assert_eq!(open(USER, "other", &sealed.bytes).unwrap_err(), SealError::Tampered);
        for position in 0..sealed.bytes.len() {
            let mut changed = sealed.bytes.clone();
            changed[position] ^= 1;
            assert!(open(USER, "m", &changed).is_err(), "byte {position}");
        }
        for length in 0..sealed.bytes.len() {
            assert!(open(USER, "m", &sealed.bytes[..length]).is_err(), "length {length}");
        }
    }

    #[test]
    fn a_grant_opens_for_its_session_and_token_only() {
        let sealer = sealer(&line("k1"));
        let original = embedding("m");
        let (session, token_hash) = (Uuid::from_u128(1), [7; 32]);
        let grant = Owner::LivenessGrant { session, token_hash: &token_hash };
        let sealed = sealer.seal(grant, &original).unwrap();
        let open = |owner| {
            let opened = sealer.open(owner, original.model(), &sealed.key_id, &sealed.bytes);
            opened.map(|opened| opened.values().to_vec())
        };
        assert_eq!(open(grant).unwrap(), original.values());

        let other_session =
            Owner::LivenessGrant { session: Uuid::from_u128(2), token_hash: &[7; 32] };
        let other_token = Owner::LivenessGrant { session, token_hash: &[8; 32] };
        let sample = Owner::Evaluation { sample: &token_hash };
        for owner in [other_session, other_token, USER, sample] {
            assert_eq!(open(owner), Err(SealError::Tampered));
        }
    }

    /// A row of the first release, sealed by another implementation of AES-GCM for the
    /// account 1 and the model `m` under the key of zeros.
    #[test]
    fn rows_of_the_first_release_open() {
        let stored = "01000102030405060708090a0b88cb336d00fd8f46c27852dafd03deb3\
                      cad608d8d98e1518c1e8c6ffa0b8448b";
        let byte = |at| u8::from_str_radix(&stored[at..at + 2], 16).unwrap();
        let stored: Vec<u8> = (0..stored.len()).step_by(2).map(byte).collect();
        let sealer = sealer("old:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        let opened = sealer.open(USER, &ModelId::new("m"), "old", &stored).unwrap();
        assert_eq!(opened.values(), [0.5, -0.5, 0.5, -0.5]);
    }

    #[test]
    fn no_two_seals_are_alike_and_none_shows_the_plaintext() {
        let sealer = sealer(&line("k1"));
        let original = embedding("m");
        let first = sealer.seal(USER, &original).unwrap().bytes;
        let second = sealer.seal(USER, &original).unwrap().bytes;
        assert_ne!(first[1..], second[1..]);
        let shows = |bytes: &[u8]| {
            let values = original.values().iter().map(|v| v.to_le_bytes());
            values.filter(|value| bytes.windows(4).any(|window| window == value)).count()
        };
        assert_eq!((shows(&first), shows(&second)), (0, 0));
        assert_eq!(first.len(), 1 + NONCE_BYTES + 128 * VALUE_BYTES + TAG_BYTES);
    }

    #[test]
    fn an_old_key_opens_while_a_new_one_seals() {
        let old = line("2026");
        let sealed = sealer(&old).seal(USER, &embedding("m")).unwrap();
        let rotated = sealer(&format!("# newest first\n{}\n\n{old}\n", line("2027")));
        assert_eq!(rotated.seal(USER, &embedding("m")).unwrap().key_id, "2027");
        let open = |sealer: &Sealer| {
            sealer.open(USER, &ModelId::new("m"), &sealed.key_id, &sealed.bytes).map(|_| ())
        };
        assert_eq!(open(&rotated), Ok(()));
        assert_eq!(open(&sealer(&line("2027"))), Err(SealError::UnknownKey));
        assert_eq!(open(&sealer(&line("2026"))), Err(SealError::Tampered));
    }

    #[test]
    fn debug_and_errors_hide_the_keys() {
        let text = line("k1");
        let secret = text.split_once(':').unwrap().1.to_owned();
        let keys = SealKeys::parse(&text).unwrap();
        let mut shown = format!("{keys:?}");
        let sealer = Sealer::new(keys);
        let sealed = sealer.seal(USER, &embedding("m")).unwrap();
        shown += &format!("{sealer:?}{sealed:?}");
        assert!(!shown.contains(&secret));
        assert_eq!(shown, "SealKeys(k1 of [\"k1\"])Sealer(k1 of [\"k1\"])Sealed(k1, 541 bytes)");
    }
}
