//! The list of keys that seal and open.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecretMut, SecretBox};
use zeroize::Zeroizing;

use super::{KEY_BYTES, SealError};

/// Longest key id, in bytes.
const KEY_ID_MAX_BYTES: usize = 64;

/// Why a list of keys is refused. Never quotes a line, which may hold a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealKeyError {
    /// No key at all.
    #[error("there is no seal key")]
    Empty,
    /// A line that is not `id:base64`; lines count from 1.
    #[error("line {0} of the seal keys is not of the form id:base64")]
    Line(usize),
    /// A key that has not 32 bytes; lines count from 1.
    #[error("line {0} of the seal keys does not hold {KEY_BYTES} bytes of base64")]
    Length(usize),
    /// An id that is empty, too long or has other characters than letters, digits and `._-`.
    #[error("a seal key id has 1 to {KEY_ID_MAX_BYTES} ASCII letters, digits and . _ -")]
    Id,
    /// Two keys with one id.
    #[error("two seal keys have the same id")]
    Duplicate,
    /// The active id has no key.
    #[error("the active seal key is not among the keys")]
    ActiveMissing,
}

/// The keys of a deployment: one that seals, and all that open.
pub struct SealKeys {
    pub(super) active: String,
    pub(super) keys: BTreeMap<String, SecretBox<[u8; KEY_BYTES]>>,
}

impl SealKeys {
    /// Collects `keys`; `active` names the one that seals.
    ///
    /// # Errors
    /// [`SealKeyError`] when an id is malformed or given twice, or `active` has no key.
    pub fn new(
        active: &str,
        keys: impl IntoIterator<Item = (String, SecretBox<[u8; KEY_BYTES]>)>,
    ) -> Result<Self, SealKeyError> {
        let mut map = BTreeMap::new();
        for (id, key) in keys {
            if !is_key_id(&id) {
                return Err(SealKeyError::Id);
            }
            if map.insert(id, key).is_some() {
                return Err(SealKeyError::Duplicate);
            }
        }
        if map.is_empty() {
            return Err(SealKeyError::Empty);
        }
        if !map.contains_key(active) {
            return Err(SealKeyError::ActiveMissing);
        }
        Ok(Self { active: active.to_owned(), keys: map })
    }

    /// Reads lines `id:base64`, the first of which is active. Blank lines and lines that
    /// start with `#` are ignored.
    ///
    /// # Errors
    /// [`SealKeyError`] for the first line that does not hold.
    pub fn parse(text: &str) -> Result<Self, SealKeyError> {
        let mut keys = Vec::new();
        for (index, line) in text.lines().map(str::trim).enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (id, key) = line.split_once(':').ok_or(SealKeyError::Line(index + 1))?;
            let key = decode_key(key.trim()).ok_or(SealKeyError::Length(index + 1))?;
            keys.push((id.trim().to_owned(), key));
        }
        let active = keys.first().ok_or(SealKeyError::Empty)?.0.clone();
        Self::new(&active, keys)
    }
}

impl fmt::Debug for SealKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealKeys({} of {:?})", self.active, self.keys.keys().collect::<Vec<_>>())
    }
}

fn is_key_id(id: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    !id.is_empty() && id.len() <= KEY_ID_MAX_BYTES && id.chars().all(allowed)
}

fn decode_key(text: &str) -> Option<SecretBox<[u8; KEY_BYTES]>> {
    let bytes = Zeroizing::new(STANDARD.decode(text).ok()?);
    if bytes.len() != KEY_BYTES {
        return None;
    }
    let mut key = SecretBox::new(Box::new([0; KEY_BYTES]));
    key.expose_secret_mut().copy_from_slice(&bytes);
    Some(key)
}

/// A new random key as a line for the key file.
///
/// # Errors
/// [`SealError::Randomness`] when the operating system gives no random bytes.
pub fn generate_seal_key_line(id: &str) -> Result<Zeroizing<String>, SealError> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    getrandom::fill(&mut *key).map_err(|_| SealError::Randomness)?;
    let text = Zeroizing::new(STANDARD.encode(key.as_slice()));
    Ok(Zeroizing::new(format!("{id}:{}", &*text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Result<SealKeys, SealKeyError> {
        SealKeys::parse(text)
    }

    fn line(id: &str) -> String {
        generate_seal_key_line(id).unwrap().to_string()
    }

    #[test]
    fn refuses_each_bad_key_list_with_its_reason() {
        let good = line("a");
        let cases = [
            (String::new(), SealKeyError::Empty),
            ("# none\n".into(), SealKeyError::Empty),
            (format!("{good}\nnonsense"), SealKeyError::Line(2)),
            ("a:AAAA".into(), SealKeyError::Length(1)),
            ("a:*".into(), SealKeyError::Length(1)),
            (line("two words"), SealKeyError::Id),
            (line(""), SealKeyError::Id),
            (format!("{good}\n{good}"), SealKeyError::Duplicate),
        ];
        for (text, expected) in cases {
            assert_eq!(keys(&text).err(), Some(expected));
        }
        assert_eq!(
            SealKeys::new("b", keys(&good).unwrap().keys).err(),
            Some(SealKeyError::ActiveMissing)
        );
    }
}
