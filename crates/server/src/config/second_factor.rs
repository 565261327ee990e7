//! What is asked for beside a face.

use serde::Deserialize;

use super::lenient;

/// What is asked for beside a face. Values that are not set follow the mode.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecondFactor {
    pub mode: Option<SecondFactorMode>,
    pub passkey_alone: Option<bool>,
    /// The domain that passkeys are made for; that of `tokens.issuer` when not set.
    #[serde(deserialize_with = "lenient::optional_text")]
    pub domain: Option<String>,
    /// Pages and apps that may ask for passkeys; `tokens.issuer` when not set.
    #[serde(deserialize_with = "lenient::list")]
    pub origins: Vec<String>,
}

/// When a face is not enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecondFactorMode {
    /// There are no passkeys.
    Off,
    /// Whoever has a passkey is asked for it.
    Offered,
    /// Everybody needs a passkey.
    Required,
}
