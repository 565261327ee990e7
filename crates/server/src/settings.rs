//! Configuration resolved to values that cannot be wrong, before anything is bound.
//!
//! What is not set follows the mode, and what would be unsafe in production stops here
//! with the setting's name. Each subject has a file of its own, named like its section.

use anyhow::ensure;
use faceauth_api::settings::ApiSettings;
use faceauth_domain::policy::Policy;
use secrecy::SecretBox;

mod attestation;
mod database;
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

pub use database::{startup, store};
pub use models::models;
pub use page::page_url;
pub use policy::policy;
pub use server::{drain, metrics_bind};
pub use telemetry::{log, traces};
pub use webhooks::webhooks;

use crate::config::{Config, Mode};

/// HTTP, tokens and limits.
///
/// # Errors
/// When an origin, a network or the issuer is malformed or missing.
pub fn api(
    config: &Config,
    policy: Policy,
    client_hash_key: SecretBox<[u8; 32]>,
) -> anyhow::Result<ApiSettings> {
    let server = &config.server;
    let (cors_origins, trusted_proxies) = server::doors(config)?;
    let frontend_dir = server::frontend_dir(config)?;
    ensure!(server.max_in_flight >= 1, "server.max_in_flight is at least 1");
    let tokens = tokens::tokens(config)?;
    Ok(ApiSettings {
        bind: server.bind,
        http_workers: server.http_workers.max(1),
        cors_origins,
        trusted_proxies,
        limits: limits::limits(&config.limits)?,
        registration: policy::registration(config),
        page_url: page_url(config)?,
        page_look: page::look(&config.page)?,
        policy,
        attestation: attestation::rules(config)?,
        second_factor: second_factor::rules(config)?,
        oidc: oidc::rules(config, &tokens)?,
        tokens,
        retention: retention::retention(config)?,
        frontend_dir,
        docs: server.docs.unwrap_or(config.mode == Mode::Development),
        security_txt: config.security_txt.as_ref().map(security_txt::security_txt).transpose()?,
        max_in_flight: server.max_in_flight,
        client_hash_key,
    })
}
