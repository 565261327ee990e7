//! Proof Key for Code Exchange (RFC 7636), by `S256` alone.

use std::fmt;

/// Characters of a SHA-256 hash in base64url without padding.
const CHALLENGE_CHARS: usize = 43;

/// Characters of a verifier (RFC 7636, 4.1).
const VERIFIER_CHARS: std::ops::RangeInclusive<usize> = 43..=128;

/// The hash of a secret that the client keeps until it redeems the code.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// A challenge as it was sent. `None` when it is no SHA-256 hash in base64url.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let base64url = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        (text.len() == CHALLENGE_CHARS && text.bytes().all(base64url))
            .then(|| Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CodeChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeChallenge")
    }
}

/// Whether a text can be the secret behind a challenge (RFC 7636, 4.1).
#[must_use]
pub fn is_verifier(text: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    VERIFIER_CHARS.contains(&text.len()) && text.bytes().all(unreserved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_and_verifiers_have_a_form() {
        // RFC 7636, appendix B.
        assert!(CodeChallenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").is_some());
        assert!(is_verifier("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        for text in ["", "short", &"a".repeat(42), &"a".repeat(44), &format!("{}=", "a".repeat(42))]
        {
            assert!(CodeChallenge::parse(text).is_none(), "{text}");
        }
        for text in ["", &"a".repeat(42), &"a".repeat(129), &format!("{} ", "a".repeat(43))] {
            assert!(!is_verifier(text), "{text}");
        }
    }
}
