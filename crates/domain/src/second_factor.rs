//! When a face is not enough.

use std::num::NonZeroU8;

use chrono::TimeDelta;

use crate::line::visible_line;

/// What the deployment asks for beside a face.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SecondFactorMode {
    /// Nothing: passkeys do not exist.
    #[default]
    Off,
    /// People may register passkeys. Whoever has one is asked for it at every sign-in.
    Offered,
    /// Nobody is signed in without a passkey. Whoever has none registers one after the face.
    Required,
}

impl SecondFactorMode {
    /// The word of the configuration and of answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Offered => "offered",
            Self::Required => "required",
        }
    }
}

/// What follows after a face was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterFace {
    /// Tokens.
    SignIn,
    /// The person shows a passkey, or a recovery code.
    AskPasskey,
    /// The person registers their first passkey.
    RegisterPasskey,
    /// The request asks for a second factor, and the account has none.
    Missing,
}

/// What follows after a face was recognised. `asked` is whether the request itself asks for a
/// second factor, and `has_passkey` whether the account has one.
#[must_use]
pub fn after_face(mode: SecondFactorMode, asked: bool, has_passkey: bool) -> AfterFace {
    match (mode, has_passkey) {
        (SecondFactorMode::Off, _) if asked => AfterFace::Missing,
        (SecondFactorMode::Off, _) => AfterFace::SignIn,
        (_, true) => AfterFace::AskPasskey,
        (SecondFactorMode::Required, false) => AfterFace::RegisterPasskey,
        (SecondFactorMode::Offered, false) if asked => AfterFace::Missing,
        (SecondFactorMode::Offered, false) => AfterFace::SignIn,
    }
}

/// What a transaction waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaited {
    /// A passkey or a recovery code of the person whose face was recognised.
    Show,
    /// A passkey of anybody, alone.
    ShowAlone,
    /// The first passkey of the person whose face was recognised.
    RegisterFirst,
    /// Another passkey of somebody who is signed in.
    RegisterAnother,
}

impl Awaited {
    /// Everything that is waited for.
    pub const ALL: [Self; 4] =
        [Self::Show, Self::ShowAlone, Self::RegisterFirst, Self::RegisterAnother];

    /// The stored word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Show => "show",
            Self::ShowAlone => "show_alone",
            Self::RegisterFirst => "register_first",
            Self::RegisterAnother => "register_another",
        }
    }
}

/// How long a person has for the second factor: long enough to fetch a key from a bag, and short
/// enough that a transaction found later is worth nothing.
pub const TRANSACTION_TTL: TimeDelta = TimeDelta::minutes(2);

/// Answers that one transaction takes: a person mistypes a code or touches the wrong key.
pub const TRANSACTION_TRIES: NonZeroU8 = NonZeroU8::new(3).unwrap();

/// Most passkeys of an account: each is a way in that its owner has to keep in mind.
pub const MAX_PASSKEYS: usize = 10;

/// Recovery codes that are made at once.
pub const RECOVERY_CODES: usize = 10;

/// Longest name of a passkey in characters, and the shortest is one.
pub const MAX_PASSKEY_NAME_CHARS: usize = 64;

/// What the owner calls a passkey: one line of 1 to [`MAX_PASSKEY_NAME_CHARS`] characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyName(String);

impl PasskeyName {
    /// A name without blanks around it. `None` when nothing is left, it is too long, or it holds
    /// characters that control a terminal or a page.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        visible_line(text, MAX_PASSKEY_NAME_CHARS).map(|name| Self(name.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_a_passkey_is_asked_for_it_unless_there_are_none_here() {
        use SecondFactorMode::{Off, Offered, Required};
        for asked in [false, true] {
            for mode in [Offered, Required] {
                assert_eq!(after_face(mode, asked, true), AfterFace::AskPasskey);
            }
            assert_eq!(after_face(Required, asked, false), AfterFace::RegisterPasskey);
        }
        assert_eq!(after_face(Offered, false, false), AfterFace::SignIn);
        assert_eq!(after_face(Offered, true, false), AfterFace::Missing);
        for has_passkey in [false, true] {
            assert_eq!(after_face(Off, false, has_passkey), AfterFace::SignIn);
            assert_eq!(after_face(Off, true, has_passkey), AfterFace::Missing);
        }
    }

    #[test]
    fn names_are_one_visible_line() {
        assert_eq!(PasskeyName::parse("  my key ").unwrap().as_str(), "my key");
        assert!(PasskeyName::parse(&"ü".repeat(MAX_PASSKEY_NAME_CHARS)).is_some());
        for bad in ["", "  ", "a\nb", "a\u{202E}b", "a\0", &"x".repeat(MAX_PASSKEY_NAME_CHARS + 1)]
        {
            assert!(PasskeyName::parse(bad).is_none(), "{bad:?}");
        }
    }
}
