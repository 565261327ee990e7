//! Certificates that a vendor has taken back.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

/// Serial numbers of certificates that are revoked or suspended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revocations(HashSet<String>);

/// A file that is no such list.
#[derive(Debug, thiserror::Error)]
#[error("it is no list of revoked attestation certificates: {0}")]
pub struct RevocationsError(#[from] serde_json::Error);

/// The list that Google publishes. Every entry counts, whatever its status and reason: an entry
/// stands there only while its certificate is not to be trusted.
#[derive(Deserialize)]
struct StatusList {
    /// By serial number, in hexadecimal.
    entries: HashMap<String, serde_json::Value>,
}

impl Revocations {
    /// Reads the JSON of Google's attestation status list.
    ///
    /// # Errors
    /// [`RevocationsError`] when it is another document.
    pub fn from_status_list(json: &[u8]) -> Result<Self, RevocationsError> {
        let list: StatusList = serde_json::from_slice(json)?;
        Ok(Self(list.entries.keys().map(|serial| plain(serial)).collect()))
    }

    /// How many serial numbers it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it names this serial number, given as the bytes of the certificate.
    pub(crate) fn names(&self, serial: &[u8]) -> bool {
        use std::fmt::Write;
        let hex = serial.iter().fold(String::new(), |mut hex, byte| {
            // Writing into a `String` does not fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        self.0.contains(&plain(&hex))
    }
}

/// Without leading zeros, in small letters.
fn plain(serial: &str) -> String {
    serial.trim_start_matches('0').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_are_compared_as_numbers() {
        let list = br#"{"entries": {
            "c35747a084470c3135aeefe2b8d40cd6": {"status": "REVOKED", "reason": "KEY_COMPROMISE"},
            "00AB": {"status": "SUSPENDED", "comment": "a comment"}
        }}"#;
        let list = Revocations::from_status_list(list).unwrap();
        assert_eq!(list.len(), 2);
        assert!(list.names(&[0xab]) && list.names(&[0, 0xab]));
        assert!(!list.names(&[0xab, 0]) && !list.names(&[]));
        assert!(Revocations::from_status_list(b"[]").is_err());
        assert!(Revocations::from_status_list(br#"{"other": {}}"#).is_err());
        assert!(Revocations::default().is_empty());
    }
}
