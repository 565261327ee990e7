//! What a client may be given: the scopes of OpenID Connect that this service knows.

/// A scope that a client can ask for. The scopes of API keys are another list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OauthScope {
    /// That it is OpenID Connect at all. Every request has it.
    Openid,
    /// The name of the account.
    Profile,
    /// Refresh tokens, so that access goes on while the person is away.
    OfflineAccess,
}

impl OauthScope {
    /// Every scope, in the order in which they are written.
    pub const ALL: [Self; 3] = [Self::Openid, Self::Profile, Self::OfflineAccess];

    /// The registered word (OpenID Connect Core, 5.4 and 11).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Openid => "openid",
            Self::Profile => "profile",
            Self::OfflineAccess => "offline_access",
        }
    }

    /// The inverse of [`Self::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }
}

/// Scopes that stand together, each once and in the order of [`OauthScope::ALL`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OauthScopes(Vec<OauthScope>);

impl OauthScopes {
    /// The known scopes among these words. Unknown ones are left out (OpenID Connect Core, 3.1.2.1).
    pub fn known<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let asked: Vec<OauthScope> = words.into_iter().filter_map(OauthScope::parse).collect();
        Self(OauthScope::ALL.into_iter().filter(|scope| asked.contains(scope)).collect())
    }

    /// The scopes of a stored or issued text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self::known(text.split(' '))
    }

    /// Whether a scope is among them.
    #[must_use]
    pub fn contains(&self, scope: OauthScope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether each of `others` is among them.
    #[must_use]
    pub fn cover(&self, others: &Self) -> bool {
        others.0.iter().all(|scope| self.contains(*scope))
    }

    /// The same without one scope.
    #[must_use]
    pub fn without(mut self, scope: OauthScope) -> Self {
        self.0.retain(|known| *known != scope);
        self
    }

    /// The words.
    pub fn words(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|scope| scope.as_str())
    }

    /// The words with a blank between them, as tokens and rows have them.
    #[must_use]
    pub fn text(&self) -> String {
        self.words().collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_have_one_spelling() {
        let scopes = OauthScopes::of("offline_access email openid openid");
        assert_eq!(scopes.text(), "openid offline_access");
        assert_eq!(OauthScopes::of(&scopes.text()), scopes);
        assert!(scopes.cover(&OauthScopes::of("openid")));
        assert!(!scopes.cover(&OauthScopes::of("openid profile")));
        assert_eq!(scopes.without(OauthScope::OfflineAccess).text(), "openid");
    }
}
