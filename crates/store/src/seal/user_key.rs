//! A key of each person, and its wrapping.
//!
//! Templates are sealed by a random key of their owner. That key has a row of its own, wrapped by
//! the active key of the deployment, and is deleted with the account. After that, an older copy of
//! the templates is worthless, even together with the deployment's keys (ISO/IEC 24745,
//! renewability and revocability; `docs/store.md` says what backups of the key row mean). Rotating
//! the deployment's keys wraps 32 bytes a person anew and leaves every template as it is.

use std::fmt;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::KeyInit;
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::embedding::{Embedding, ModelId};
use faceauth_domain::user::UserId;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{KEY_BYTES, SealError, Sealed, Sealer, aead, from_bytes, to_bytes};

/// First byte of a template that a key of its owner has sealed.
pub(super) const TEMPLATE_VERSION: u8 = 2;
/// First byte of an enrolment image that a key of its owner has sealed.
const IMAGE_VERSION: u8 = 1;
/// First byte of a wrapped key.
const WRAPPED_VERSION: u8 = 1;
/// Open the associated data, so that no use of a key can be taken for another.
const TEMPLATE: &[u8] = b"faceauth sealed template v2";
const IMAGE: &[u8] = b"faceauth sealed enrolment image v1";
const WRAPPED: &[u8] = b"faceauth wrapped user key v1";

/// The key of one person.
pub struct UserKey {
    id: Uuid,
    secret: Zeroizing<[u8; KEY_BYTES]>,
}

impl UserKey {
    /// A new random key.
    ///
    /// # Errors
    /// [`SealError::Randomness`].
    pub fn generate() -> Result<Self, SealError> {
        let mut secret = Zeroizing::new([0; KEY_BYTES]);
        getrandom::fill(&mut *secret).map_err(|_| SealError::Randomness)?;
        Ok(Self { id: Uuid::new_v4(), secret })
    }

    /// Its name; says nothing of the key.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Encrypts a template of `user`.
    ///
    /// # Errors
    /// [`SealError::Randomness`] when the system gives no random nonce.
    pub fn seal(&self, user: UserId, embedding: &Embedding) -> Result<Sealed, SealError> {
        let data = self.associated_data(user, embedding.model());
        let bytes = aead::seal(&self.cipher(), TEMPLATE_VERSION, &data, to_bytes(embedding))?;
        Ok(Sealed { key_id: self.id.to_string(), bytes })
    }

    /// Decrypts what [`UserKey::seal`] made for the same user and model.
    ///
    /// # Errors
    /// Every [`SealError`] but [`SealError::Randomness`].
    pub fn open(
        &self,
        user: UserId,
        model: &ModelId,
        key_id: &str,
        bytes: &[u8],
    ) -> Result<Embedding, SealError> {
        if key_id != self.id.to_string() {
            return Err(SealError::UnknownKey);
        }
        let data = self.associated_data(user, model);
        from_bytes(model, &aead::open(&self.cipher(), TEMPLATE_VERSION, &data, bytes)?)
    }

    /// Encrypts the enrolment image `id` of `user`.
    ///
    /// # Errors
    /// [`SealError::Randomness`] when the system gives no random nonce.
    pub fn seal_image(
        &self,
        user: UserId,
        id: Uuid,
        image: &EncodedImage,
    ) -> Result<Sealed, SealError> {
        let data = self.image_data(user, id);
        let plaintext = Zeroizing::new(image.bytes().to_vec());
        let bytes = aead::seal(&self.cipher(), IMAGE_VERSION, &data, plaintext)?;
        Ok(Sealed { key_id: self.id.to_string(), bytes })
    }

    /// Decrypts what [`UserKey::seal_image`] made for the same user and id.
    ///
    /// # Errors
    /// Every [`SealError`] but [`SealError::Randomness`].
    pub fn open_image(
        &self,
        user: UserId,
        id: Uuid,
        key_id: &str,
        bytes: &[u8],
    ) -> Result<EncodedImage, SealError> {
        if key_id != self.id.to_string() {
            return Err(SealError::UnknownKey);
        }
        let data = self.image_data(user, id);
        let mut opened = aead::open(&self.cipher(), IMAGE_VERSION, &data, bytes)?;
        EncodedImage::parse(std::mem::take(&mut *opened), None).map_err(|_| SealError::Malformed)
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new((&*self.secret).into())
    }

    /// The owner, the model and the key: a row that is moved, relabelled or said to be of
    /// another key does not open.
    fn associated_data(&self, user: UserId, model: &ModelId) -> Vec<u8> {
        let model = model.as_str().as_bytes();
        aead::with_lengths(&[TEMPLATE, user.0.as_bytes(), model, self.id.as_bytes()])
    }

    fn image_data(&self, user: UserId, id: Uuid) -> Vec<u8> {
        aead::with_lengths(&[IMAGE, user.0.as_bytes(), id.as_bytes(), self.id.as_bytes()])
    }
}

impl fmt::Debug for UserKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserKey({})", self.id)
    }
}

impl Sealer {
    /// Encrypts the key of `user` with the active key of the deployment.
    ///
    /// # Errors
    /// [`SealError::Randomness`] when the system gives no random nonce.
    pub fn wrap(&self, user: UserId, key: &UserKey) -> Result<Sealed, SealError> {
        let cipher = self.ciphers.get(&self.active).ok_or(SealError::UnknownKey)?;
        let data = wrapping_data(user, key.id, &self.active);
        let secret = Zeroizing::new(key.secret.to_vec());
        let bytes = aead::seal(cipher, WRAPPED_VERSION, &data, secret)?;
        Ok(Sealed { key_id: self.active.clone(), bytes })
    }

    /// Decrypts the key `id` of `user`.
    ///
    /// # Errors
    /// Every [`SealError`] but [`SealError::Randomness`].
    pub fn unwrap_key(
        &self,
        user: UserId,
        id: Uuid,
        key_id: &str,
        bytes: &[u8],
    ) -> Result<UserKey, SealError> {
        let cipher = self.ciphers.get(key_id).ok_or(SealError::UnknownKey)?;
        let data = wrapping_data(user, id, key_id);
        let opened = aead::open(cipher, WRAPPED_VERSION, &data, bytes)?;
        let mut secret = Zeroizing::new([0; KEY_BYTES]);
        if opened.len() != KEY_BYTES {
            return Err(SealError::Malformed);
        }
        secret.copy_from_slice(&opened);
        Ok(UserKey { id, secret })
    }
}

fn wrapping_data(user: UserId, id: Uuid, key_id: &str) -> Vec<u8> {
    aead::with_lengths(&[WRAPPED, user.0.as_bytes(), id.as_bytes(), key_id.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::{SealKeys, generate_seal_key_line};

    const USER: UserId = UserId(Uuid::from_u128(1));
    const STRANGER: UserId = UserId(Uuid::from_u128(2));

    fn sealer(text: &str) -> Sealer {
        Sealer::new(SealKeys::parse(text).unwrap())
    }

    fn line(id: &str) -> String {
        generate_seal_key_line(id).unwrap().to_string()
    }

    fn embedding(model: &str) -> Embedding {
        let values = (0..128).map(|i| (i as f32 * 0.37).sin()).collect();
        Embedding::normalised(ModelId::new(model), values).unwrap()
    }

    #[test]
    fn a_template_opens_for_its_owner_model_and_key_only() {
        let key = UserKey::generate().unwrap();
        let original = embedding("m");
        let sealed = key.seal(USER, &original).unwrap();
        let open = |key: &UserKey, user, model: &str, bytes: &[u8]| {
            key.open(user, &ModelId::new(model), &sealed.key_id, bytes).map(|e| e.values().to_vec())
        };
        assert_eq!(open(&key, USER, "m", &sealed.bytes).unwrap(), original.values());
        assert_eq!(open(&key, STRANGER, "m", &sealed.bytes), Err(SealError::Tampered));
        assert_eq!(open(&key, USER, "other", &sealed.bytes), Err(SealError::Tampered));
        let other = UserKey::generate().unwrap();
        assert_eq!(open(&other, USER, "m", &sealed.bytes), Err(SealError::UnknownKey));
        let renamed = UserKey { id: key.id, secret: other.secret.clone() };
        assert_eq!(open(&renamed, USER, "m", &sealed.bytes), Err(SealError::Tampered));
        for position in 0..sealed.bytes.len() {
            let mut changed = sealed.bytes.clone();
            changed[position] ^= 1;
            assert!(open(&key, USER, "m", &changed).is_err(), "byte {position}");
        }
        for length in 0..sealed.bytes.len() {
            assert!(open(&key, USER, "m", &sealed.bytes[..length]).is_err(), "length {length}");
        }
    }

    #[test]
    fn an_image_opens_for_its_owner_name_and_key_only() {
        // The head of a PNG of one pixel. No test decodes it.
        let picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01".to_vec();
        let picture = EncodedImage::parse(picture, None).unwrap();
        let (key, id) = (UserKey::generate().unwrap(), Uuid::from_u128(7));
        let sealed = key.seal_image(USER, id, &picture).unwrap();
        let open = |key: &UserKey, user, id| {
            key.open_image(user, id, &sealed.key_id, &sealed.bytes).map(|i| i.bytes().to_vec())
        };
        assert_eq!(open(&key, USER, id).unwrap(), picture.bytes());
        assert_eq!(open(&key, STRANGER, id), Err(SealError::Tampered));
        assert_eq!(open(&key, USER, Uuid::nil()), Err(SealError::Tampered));
        assert_eq!(open(&UserKey::generate().unwrap(), USER, id), Err(SealError::UnknownKey));
        assert!(!sealed.bytes.windows(4).any(|bytes| bytes == b"IHDR"));
        let template = key.open(USER, &ModelId::new("m"), &sealed.key_id, &sealed.bytes);
        assert_eq!(template.map(|_| ()), Err(SealError::Malformed));
    }

    #[test]
    fn a_key_unwraps_for_its_owner_and_name_only() {
        let (old, new) = (line("2026"), line("2027"));
        let key = UserKey::generate().unwrap();
        let wrapped = sealer(&old).wrap(USER, &key).unwrap();
        assert_eq!((wrapped.key_id.as_str(), wrapped.bytes.len()), ("2026", 61));
        let rotated = sealer(&format!("{new}\n{old}"));
        let unwrap = |sealer: &Sealer, user, id, key_id: &str| {
            sealer.unwrap_key(user, id, key_id, &wrapped.bytes).map(|key| *key.secret)
        };
        assert_eq!(unwrap(&rotated, USER, key.id, "2026"), Ok(*key.secret));
        assert_eq!(unwrap(&rotated, STRANGER, key.id, "2026"), Err(SealError::Tampered));
        assert_eq!(unwrap(&rotated, USER, Uuid::nil(), "2026"), Err(SealError::Tampered));
        assert_eq!(unwrap(&rotated, USER, key.id, "2027"), Err(SealError::Tampered));
        assert_eq!(unwrap(&sealer(&new), USER, key.id, "2026"), Err(SealError::UnknownKey));
        assert_eq!(rotated.wrap(USER, &key).unwrap().key_id, "2027");
        assert!(!format!("{key:?}").contains(&format!("{:?}", key.secret[0..4].to_vec())));
    }
}
