//! What is kept between the halves of a ceremony.

use std::fmt;

use serde::{Deserialize, Serialize};
use webauthn_rs::prelude::{
    DiscoverableAuthentication, PasskeyAuthentication, PasskeyRegistration,
};

use crate::flaw::Flaw;

/// The state of a ceremony, as it is stored. It stays with the service: whoever could choose it
/// could replay an answer.
#[derive(Clone, PartialEq, Eq)]
pub struct CeremonyState(String);

impl CeremonyState {
    /// A state that was stored.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// What is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn of(ceremony: &Ceremony) -> Result<Self, Flaw> {
        serde_json::to_string(ceremony).map(Self).map_err(|_| Flaw::Malformed)
    }

    pub(crate) fn open(&self) -> Result<Ceremony, Flaw> {
        serde_json::from_str(&self.0).map_err(|_| Flaw::Malformed)
    }
}

impl fmt::Debug for CeremonyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CeremonyState")
    }
}

/// A running ceremony. The kind is stored with it, so that the state of one is never taken for
/// another.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ceremony {
    /// A new passkey.
    Register(PasskeyRegistration),
    /// One of the passkeys of an account.
    Named(PasskeyAuthentication),
    /// A passkey of anybody.
    Anybody(DiscoverableAuthentication),
}
