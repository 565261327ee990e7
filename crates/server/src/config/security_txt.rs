//! Where to report a weakness.

use serde::Deserialize;

use super::lenient;

/// Where to report a weakness (RFC 9116).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityTxt {
    #[serde(deserialize_with = "lenient::list")]
    pub contact: Vec<String>,
    pub expires: String,
    #[serde(default, deserialize_with = "lenient::list")]
    pub encryption: Vec<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub acknowledgments: Vec<String>,
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub preferred_languages: Option<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub canonical: Vec<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub policy: Vec<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub hiring: Vec<String>,
}
