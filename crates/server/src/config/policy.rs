//! Who may register and sign in.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::lenient;

/// Who may sign in. Values that are not set follow the mode.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    #[serde(deserialize_with = "lenient::number")]
    pub target_fmr: f64,
    pub registration: Option<Registration>,
    pub passive_pad: Option<PassivePad>,
    pub require_liveness: Option<bool>,
    pub attestation: Attestation,
    /// By the prefix of an API key.
    pub attestation_by_key: BTreeMap<String, Attestation>,
}

impl Default for Policy {
    fn default() -> Self {
        // NIST SP 800-63B-4: a false match rate of at most 1 in 10,000.
        Self {
            target_fmr: 1e-4,
            registration: None,
            passive_pad: None,
            require_liveness: None,
            attestation: Attestation::Off,
            attestation_by_key: BTreeMap::new(),
        }
    }
}

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Registration {
    /// Anybody.
    Open,
    /// Whoever has an invitation, and services with an API key.
    Invite,
    /// Services with an API key.
    Service,
    /// Nobody.
    Closed,
}

/// What a failing passive PAD score does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PassivePad {
    /// It is written down.
    Record,
    /// It refuses.
    Enforce,
}

/// What happens with the attestation of a capture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Attestation {
    /// Nothing.
    #[default]
    Off,
    /// It is checked and written down.
    Record,
    /// A capture without a good one is refused.
    Require,
}
