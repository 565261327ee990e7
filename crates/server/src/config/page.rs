//! How the page looks.

use std::path::PathBuf;

use serde::Deserialize;

use super::lenient;

/// How the page looks; what is not set keeps its default.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Page {
    #[serde(deserialize_with = "lenient::optional_text")]
    pub name: Option<String>,
    /// A picture file.
    pub logo: Option<PathBuf>,
    /// `#rrggbb`, on light surfaces.
    #[serde(deserialize_with = "lenient::optional_text")]
    pub accent_light: Option<String>,
    /// `#rrggbb`, on dark surfaces.
    #[serde(deserialize_with = "lenient::optional_text")]
    pub accent_dark: Option<String>,
}
