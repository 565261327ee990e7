//! What an app signs about a capture.
//!
//! | bytes | meaning |
//! | --- | --- |
//! | 32 | `faceauth-capture-attestation-v1` in ASCII, and a zero byte |
//! | 4 | length of the nonce |
//! | as many | the nonce of the liveness session, as the service sent it |
//! | 1 | 1 for frames, 2 for a clip |
//! | 4 | how many frames; 1 for a clip |
//! | 4 + 32, for each frame in the order sent | its `t_ms`, and SHA-256 of the file; `t_ms` of a clip is 0 |
//!
//! Numbers are unsigned, the highest byte first. The file of a frame is what the camera's encoder
//! made: in a JSON body it is what the base64 stands for.

use sha2::{Digest, Sha256};

/// Begins every statement, so that no other signature of the key passes for one.
const DOMAIN: &[u8; 32] = b"faceauth-capture-attestation-v1\0";

/// What a statement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Frames = 1,
    Clip = 2,
}

/// SHA-256 of a file, and when it was taken in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// As it was sent; 0 for a clip.
    pub t_ms: u32,
    /// SHA-256 of the file.
    pub digest: [u8; 32],
}

impl Part {
    /// The part that is `file`.
    #[must_use]
    pub fn of(file: &[u8], t_ms: u32) -> Self {
        Self { t_ms, digest: Sha256::digest(file).into() }
    }
}

/// What an app signs about a capture: its nonce, its frames and their times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    nonce: String,
    bytes: Vec<u8>,
}

impl Statement {
    /// About frames, in the order they are sent in.
    #[must_use]
    pub fn of_frames(nonce: &str, frames: &[Part]) -> Self {
        Self::new(nonce, Kind::Frames, frames)
    }

    /// About a clip.
    #[must_use]
    pub fn of_clip(nonce: &str, clip: &[u8]) -> Self {
        Self::new(nonce, Kind::Clip, &[Part::of(clip, 0)])
    }

    fn new(nonce: &str, kind: Kind, parts: &[Part]) -> Self {
        let mut bytes = DOMAIN.to_vec();
        bytes.extend(length(nonce.len()));
        bytes.extend(nonce.as_bytes());
        bytes.push(kind as u8);
        bytes.extend(length(parts.len()));
        for Part { t_ms, digest } in parts {
            bytes.extend(t_ms.to_be_bytes());
            bytes.extend(digest);
        }
        Self { nonce: nonce.to_owned(), bytes }
    }

    /// The nonce it is about.
    #[must_use]
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// The bytes that are signed.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Their SHA-256: Apple's `clientDataHash`.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.bytes).into()
    }
}

fn length(count: usize) -> [u8; 4] {
    // A request holds at most some 10 MiB.
    u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_what_its_table_says() {
        let frames = [Part::of(b"one", 0), Part::of(b"two", 258)];
        let statement = Statement::of_frames("ab", &frames);
        let mut bytes = b"faceauth-capture-attestation-v1\0\0\0\0\x02ab\x01\0\0\0\x02".to_vec();
        bytes.extend([0, 0, 0, 0]);
        bytes.extend(Sha256::digest(b"one"));
        bytes.extend([0, 0, 1, 2]);
        bytes.extend(Sha256::digest(b"two"));
        assert_eq!(statement.bytes(), bytes);
        assert_eq!(statement.digest(), <[u8; 32]>::from(Sha256::digest(&bytes)));
    }

    #[test]
    fn whatever_differs_gives_another_statement() {
        let [one, two] = [Part::of(b"one", 0), Part::of(b"two", 100)];
        let statement = Statement::of_frames("nonce", &[one, two]);
        for other in [
            Statement::of_frames("nonce2", &[one, two]),
            Statement::of_frames("nonce", &[two, one]),
            Statement::of_frames("nonce", &[one]),
            Statement::of_frames("nonce", &[one, Part { t_ms: 101, ..two }]),
            Statement::of_frames("nonce", &[one, Part::of(b"twp", 100)]),
        ] {
            assert_ne!(statement.bytes(), other.bytes());
        }
        let clip = Statement::of_clip("nonce", b"one");
        assert_ne!(clip.bytes(), Statement::of_frames("nonce", &[one]).bytes());
    }
}
