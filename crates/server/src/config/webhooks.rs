//! Who is told what happens to accounts.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use super::lenient;

/// Who is told what happens to accounts.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Where events are posted; nowhere when not set.
    #[serde(deserialize_with = "lenient::optional_text")]
    pub url: Option<String>,
    /// File with a secret in each line; `webhook.secrets` beside the other keys when not set.
    pub secret_file: Option<PathBuf>,
    /// Secrets with commas between them, instead of the file.
    pub secrets: Option<SecretString>,
    /// Longest that a receiver may take for one event.
    pub timeout_seconds: u64,
}

impl Default for Webhooks {
    fn default() -> Self {
        // A receiver puts the event into a queue of its own and answers.
        Self { url: None, secret_file: None, secrets: None, timeout_seconds: 10 }
    }
}
