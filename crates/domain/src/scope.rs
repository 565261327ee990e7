//! What a service that calls us may do.

use std::fmt;
use std::str::FromStr;

/// One permission of an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Enrol people, one by one or many, and vouch for their pictures. Liveness and passive PAD do
    /// not apply, and registration may be closed to everybody else.
    Enrol,
    /// Invite people, who then enrol by themselves and show that they live.
    Invite,
    /// See the comparison score of an accepted sign-in.
    ScoresRead,
    /// Take the faces off an account whose owner cannot sign in, for new ones.
    AccountsReset,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [Self::Enrol, Self::Invite, Self::ScoresRead, Self::AccountsReset];

    /// The word that stands for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enrol => "enrol",
            Self::Invite => "invite",
            Self::ScoresRead => "scores:read",
            Self::AccountsReset => "accounts:reset",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a scope is one of enrol, invite, scores:read, accounts:reset")]
pub struct UnknownScope;

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(word: &str) -> Result<Self, UnknownScope> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word).ok_or(UnknownScope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_scopes() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(scope));
            assert!(UnknownScope.to_string().contains(scope.as_str()));
        }
        assert_eq!("everything".parse::<Scope>(), Err(UnknownScope));
    }
}
