//! The form of API keys.
//!
//! `fa_` and two parts: a prefix that names the key in lists and logs, and the secret. The
//! whole is 256 random bits and more, so a fast hash of it is enough to store.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use secrecy::zeroize::Zeroizing;
use sha2::{Digest, Sha256};

/// Begins every key, so that scanners for leaked secrets can know one.
const MARK: &str = "fa_";

/// Letters of a prefix: 40 bits, so that all prefixes of a deployment differ.
const PREFIX_CHARS: usize = 8;

/// Letters of a prefix are of these: lower case, nothing that is misread.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Random bytes of a secret.
const SECRET_BYTES: usize = 32;

/// A new key, before anybody has seen it.
pub struct FreshApiKey {
    /// The key, to be shown once.
    pub key: Zeroizing<String>,
    /// Names it.
    pub prefix: String,
    /// What is stored of it.
    pub hash: [u8; 32],
}

/// Makes a key.
///
/// # Errors
/// When the system has no randomness.
pub fn generate() -> Result<FreshApiKey, getrandom::Error> {
    let mut letters = [0; PREFIX_CHARS];
    getrandom::fill(&mut letters)?;
    let prefix: String =
        letters.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    let mut secret = Zeroizing::new([0; SECRET_BYTES]);
    getrandom::fill(secret.as_mut())?;
    let secret = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(*secret));
    let key = Zeroizing::new(format!("{MARK}{prefix}_{}", &*secret));
    Ok(FreshApiKey { hash: hash(&key), prefix, key })
}

/// The prefix of what has the form of a key: nothing else of it may be shown.
#[must_use]
pub fn prefix(key: &str) -> Option<&str> {
    let (prefix, _) = key.strip_prefix(MARK)?.split_once('_')?;
    let named =
        prefix.len() == PREFIX_CHARS && prefix.bytes().all(|letter| ALPHABET.contains(&letter));
    named.then_some(prefix)
}

/// What is stored of a key.
#[must_use]
pub fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_name_themselves_and_differ() {
        let [first, second] = [generate().unwrap(), generate().unwrap()];
        assert!(first.key.starts_with(&format!("fa_{}_", first.prefix)), "a prefix");
        assert_eq!(first.key.len(), 3 + PREFIX_CHARS + 1 + 43);
        assert_eq!(first.hash, hash(&first.key));
        assert_eq!(prefix(&first.key), Some(first.prefix.as_str()));
        for odd in ["", "fa_", "fa_abcd2345", "fa_abcd234_x", "fa_ABCD2345_x", "xx_abcd2345_x"] {
            assert_eq!(prefix(odd), None, "{odd}");
        }
        assert!(first.hash != second.hash && first.prefix != second.prefix);
    }
}
