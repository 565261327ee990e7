//! Raw configuration: defaults, then a TOML file, then the environment.
//!
//! Each section has a file of its own. Nothing here is checked beyond its type; `settings` resolves
//! it. The example that documents every key is `deploy/config.example.toml`, and a test parses it.

use std::path::{Path, PathBuf};

use anyhow::Context;
use figment::Figment;
use figment::providers::{Env, Format, Toml};
use secrecy::SecretString;
use serde::Deserialize;

mod apps;
mod database;
mod keys;
mod lenient;
mod limits;
mod models;
mod oidc;
mod page;
mod policy;
mod retention;
mod second_factor;
mod security_txt;
mod server;
mod telemetry;
mod tokens;
mod webhooks;

pub use apps::{AndroidApps, AppleApps, AppleEnvironment, Apps};
pub use database::{Database, Pooler};
pub use keys::Keys;
pub use limits::Limits;
pub use models::Models;
pub use oidc::{Oidc, OidcClient};
pub use page::Page;
pub use policy::{Attestation, PassivePad, Policy, Registration};
pub use retention::Retention;
pub use second_factor::{SecondFactor, SecondFactorMode};
pub use security_txt::SecurityTxt;
pub use server::Server;
pub use telemetry::{Log, LogFormat, Tracing};
pub use tokens::Tokens;
pub use webhooks::Webhooks;

/// Everything an operator can set.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How strict the defaults are.
    #[serde(default)]
    pub mode: Mode,
    /// HTTP.
    #[serde(default)]
    pub server: Server,
    /// How the page looks.
    #[serde(default)]
    pub page: Page,
    /// Postgres.
    #[serde(default)]
    pub database: Database,
    /// Weights and workers.
    #[serde(default)]
    pub models: Models,
    /// Key files.
    #[serde(default)]
    pub keys: Keys,
    /// Access and refresh tokens.
    #[serde(default)]
    pub tokens: Tokens,
    /// Who may sign in.
    #[serde(default)]
    pub policy: Policy,
    /// What is asked for beside a face.
    #[serde(default)]
    pub second_factor: SecondFactor,
    /// Clients that sign people in.
    #[serde(default)]
    pub oidc: Oidc,
    /// Apps whose captures count.
    #[serde(default)]
    pub apps: Apps,
    /// Requests a minute.
    #[serde(default)]
    pub limits: Limits,
    /// Where to report a weakness.
    pub security_txt: Option<SecurityTxt>,
    /// Who is told what happens to accounts.
    #[serde(default)]
    pub webhooks: Webhooks,
    /// How long things are kept.
    #[serde(default)]
    pub retention: Retention,
    /// Logs.
    #[serde(default)]
    pub log: Log,
    /// Traces.
    #[serde(default)]
    pub tracing: Tracing,
}

/// How strict the defaults are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Safe defaults; unsafe combinations refuse to start.
    #[default]
    Production,
    /// Portraits sign in and anybody registers. For a developer's own machine.
    Development,
}

impl Config {
    /// Merges defaults, `file` and the environment.
    ///
    /// # Errors
    /// When the file is missing or a value has the wrong type or an unknown name.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let mut figment = Figment::new();
        if let Some(file) = file {
            anyhow::ensure!(file.is_file(), "there is no configuration file {}", file.display());
            figment = figment.merge(Toml::file_exact(file));
        }
        let mut config: Self = figment
            .merge(Env::prefixed("FACEAUTH__").split("__"))
            .extract()
            .context("the configuration is not valid")?;
        if config.database.url.is_none() {
            config.database.url = std::env::var("DATABASE_URL").ok().map(SecretString::from);
        }
        if config.models.onnx_runtime.is_none() {
            config.models.onnx_runtime = std::env::var_os("ORT_DYLIB_PATH").map(PathBuf::from);
        }
        Ok(config)
    }
}
