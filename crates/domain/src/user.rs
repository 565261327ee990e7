//! Who an account belongs to.

use std::fmt;

use uuid::Uuid;

/// Identifier of an account: a UUID version 7, so that rows sort by age.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserId(pub Uuid);

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserId({})", self.0)
    }
}

/// Longest username accepted, in characters. Leaves room for most e-mail addresses.
pub const USERNAME_MAX_CHARS: usize = 128;

/// A claimed name that cannot be malformed.
///
/// 1 to [`USERNAME_MAX_CHARS`] ASCII letters, digits and `. _ - @ +`. Restricting the
/// alphabet keeps two accounts from looking alike (`а` against `a`). Names that
/// differ only in letter case are the same name: see [`Username::key`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Username(String);

/// Why a string is no [`Username`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsernameError {
    /// Nothing was given.
    #[error("a username has at least one character")]
    Empty,
    /// More than [`USERNAME_MAX_CHARS`] characters.
    #[error("a username has at most {USERNAME_MAX_CHARS} characters")]
    TooLong,
    /// A character outside the alphabet.
    #[error("a username has only ASCII letters, digits and . _ - @ +")]
    ForbiddenCharacter,
}

impl Username {
    /// Checks `raw` and keeps its letter case for display.
    ///
    /// # Errors
    /// The first rule of [`UsernameError`] that `raw` breaks.
    pub fn parse(raw: &str) -> Result<Self, UsernameError> {
        if raw.is_empty() {
            return Err(UsernameError::Empty);
        }
        // Bytes are an upper bound of characters, so an oversized input is never walked.
        if raw.len() > USERNAME_MAX_CHARS * 4 || raw.chars().count() > USERNAME_MAX_CHARS {
            return Err(UsernameError::TooLong);
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._-@+".contains(c);
        if !raw.chars().all(allowed) {
            return Err(UsernameError::ForbiddenCharacter);
        }
        Ok(Self(raw.to_owned()))
    }

    /// The name as the person wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name under which the account is unique: lower case.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl std::str::FromStr for Username {
    type Err = UsernameError;

    fn from_str(raw: &str) -> Result<Self, UsernameError> {
        Self::parse(raw)
    }
}

impl fmt::Debug for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Username({:?})", self.0)
    }
}

/// An account, as other layers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Identifier.
    pub id: UserId,
    /// Name the person signs in with.
    pub username: Username,
    /// When the account was made.
    pub created_at: chrono::DateTime<chrono::Utc>,
}

/// The person's recorded agreement to biometric processing (GDPR Art. 9(2)(a)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Version of the policy text that was shown, as the frontend names it.
    pub policy_version: String,
    /// When it was granted.
    pub granted_at: chrono::DateTime<chrono::Utc>,
    /// When it was withdrawn, if it was.
    pub withdrawn_at: Option<chrono::DateTime<chrono::Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_ordinary_names_and_folds_case() {
        for raw in ["ada", "Ada.Lovelace", "ada+test@example.org", "a", "x_1-2"] {
            assert_eq!(Username::parse(raw).unwrap().as_str(), raw);
        }
        assert_eq!(Username::parse("Ada").unwrap().key(), "ada");
    }

    #[test]
    fn refuses_each_malformed_name_with_its_reason() {
        assert_eq!(Username::parse(""), Err(UsernameError::Empty));
        let longest = "a".repeat(USERNAME_MAX_CHARS);
        assert!(Username::parse(&longest).is_ok());
        assert_eq!(Username::parse(&(longest + "a")), Err(UsernameError::TooLong));
        for raw in ["two words", "аda", "a\nb", "a/b", "\u{0}"] {
            assert_eq!(Username::parse(raw), Err(UsernameError::ForbiddenCharacter), "{raw:?}");
        }
    }
}
