//! Devices that do not exist, and the vendors that vouch for them.
//!
//! The certificates follow the published formats and are written by other libraries than the ones
//! that read them. No real device has made any of it.

pub mod android;
pub mod apple;
mod authority;

use base64::prelude::{BASE64_STANDARD, Engine};
use sha2::{Digest, Sha256};

/// What an app signs about frames: each with its time in milliseconds. Written down a second time
/// here, from the table in the documentation.
#[must_use]
pub fn statement(nonce: &str, frames: &[(u32, &[u8])]) -> Vec<u8> {
    let mut bytes = b"faceauth-capture-attestation-v1\0".to_vec();
    bytes.extend((nonce.len() as u32).to_be_bytes());
    bytes.extend(nonce.as_bytes());
    bytes.push(1);
    bytes.extend((frames.len() as u32).to_be_bytes());
    for (t_ms, file) in frames {
        bytes.extend(t_ms.to_be_bytes());
        bytes.extend(Sha256::digest(file));
    }
    bytes
}

/// Certificates as a PEM file.
#[must_use]
pub fn pem(certificates: &[Vec<u8>]) -> String {
    certificates
        .iter()
        .map(|der| {
            let text = BASE64_STANDARD.encode(der);
            let lines: Vec<&str> =
                text.as_bytes().chunks(64).filter_map(|line| str::from_utf8(line).ok()).collect();
            format!(
                "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
                lines.join("\n")
            )
        })
        .collect()
}
