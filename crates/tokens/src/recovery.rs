//! Recovery codes: what signs a person in, after the face, who has lost the passkey.

use std::fmt;

use secrecy::zeroize::Zeroizing;

use crate::issuer::TokenError;

/// Letters of Crockford's base 32: none is taken for another by hand or eye.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Bits of a letter.
const LETTER_BITS: usize = 5;

/// Letters of a code. 120 random bits: more than the 112 from which on a plain hash keeps a look-up
/// secret (NIST SP 800-63B-4, 3.1.2.2; ASVS 6.5.2).
const CODE_LETTERS: usize = 24;

/// Letters between two dashes.
const GROUP: usize = 4;

/// A code, as it is compared: letters without dashes.
#[derive(Clone)]
pub struct RecoveryCode(Zeroizing<String>);

impl RecoveryCode {
    /// A code that nobody can guess.
    ///
    /// # Errors
    /// [`TokenError::Randomness`] when the operating system gives none.
    pub fn random() -> Result<Self, TokenError> {
        let mut bytes = Zeroizing::new([0; size_of::<u128>()]);
        getrandom::fill(bytes.as_mut()).map_err(TokenError::Randomness)?;
        let bits = u128::from_be_bytes(*bytes);
        let letter = |place: usize| {
            let index = (bits >> (LETTER_BITS * place)) as usize % LETTERS.len();
            char::from(LETTERS[index])
        };
        Ok(Self(Zeroizing::new((0..CODE_LETTERS).map(letter).collect())))
    }

    /// A code as a person types it: in small letters, with blanks or dashes, with O for 0 and I or L
    /// for 1. `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // Bounded before it is copied.
        if text.len() > 4 * CODE_LETTERS {
            return None;
        }
        let code: String = text
            .chars()
            .filter(|letter| !letter.is_whitespace() && *letter != '-')
            .map(|letter| match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                letter => letter,
            })
            .collect();
        let code = Zeroizing::new(code);
        let known = code.bytes().all(|letter| LETTERS.contains(&letter));
        (known && code.len() == CODE_LETTERS).then_some(Self(code))
    }

    /// What is hashed.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The code as it is shown to its owner, in groups.
    #[must_use]
    pub fn text(&self) -> String {
        let groups: Vec<&str> =
            (0..CODE_LETTERS).step_by(GROUP).map(|at| &self.0[at..at + GROUP]).collect();
        groups.join("-")
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_new_and_read_as_they_were_shown() {
        let codes: HashSet<String> =
            (0..100).map(|_| RecoveryCode::random().unwrap().text()).collect();
        assert_eq!(codes.len(), 100);
        for code in &codes {
            assert_eq!(code.len(), 29, "{code}");
            assert_eq!(RecoveryCode::parse(code).unwrap().text(), *code);
        }
        // Every place takes every letter: a place that stood still would show among a hundred.
        for place in 0..CODE_LETTERS {
            let seen: HashSet<char> =
                codes.iter().filter_map(|code| code.replace('-', "").chars().nth(place)).collect();
            assert!(seen.len() > 16, "place {place} has {} letters", seen.len());
        }
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let read = |text: &str| RecoveryCode::parse(text).map(|code| code.text());
        let code = "0123-4567-89AB-CDEF-GHJK-MNPQ";
        for typed in [
            "0123456789ABCDEFGHJKMNPQ",
            " 0123 4567 89ab cdef ghjk mnpq\n",
            "oi23-4567-89ab-cdef-ghjk-mnpq",
            "OL23-4567-89AB-CDEF-GHJK-MNPQ",
        ] {
            assert_eq!(read(typed).as_deref(), Some(code), "{typed}");
        }
        for typed in ["", "0123", "0123-4567-89AB-CDEF-GHJK-MNPU", "é123-4567-89AB-CDEF-GHJK-MNPQ"]
        {
            assert_eq!(read(typed), None, "{typed}");
        }
        assert_eq!(read(&format!("{code}-0")), None);
        assert_eq!(read(&" ".repeat(1_000)), None);
    }
}
