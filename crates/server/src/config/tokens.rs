//! Access and refresh tokens.

use serde::Deserialize;

use super::lenient;

/// Access and refresh tokens.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tokens {
    /// The address clients know the service by; required in production.
    #[serde(deserialize_with = "lenient::optional_text")]
    pub issuer: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub audience: String,
    pub access_minutes: u32,
    pub refresh_days: u32,
    pub session_days: u32,
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            issuer: None,
            audience: "faceauth".to_owned(),
            access_minutes: 15,
            refresh_days: 30,
            session_days: 90,
        }
    }
}
