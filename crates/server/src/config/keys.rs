//! Key files.

use std::path::PathBuf;

use serde::Deserialize;

use super::lenient;

/// Key files.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    pub dir: PathBuf,
    /// Environment variable that holds the seal keys, instead of the file.
    #[serde(deserialize_with = "lenient::optional_text")]
    pub template_seal_env: Option<String>,
    /// Command that prints the seal keys, instead of the file.
    pub template_seal_command: Option<Vec<String>>,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            dir: "/run/secrets/faceauth".into(),
            template_seal_env: None,
            template_seal_command: None,
        }
    }
}
