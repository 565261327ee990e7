//! Access and refresh tokens.

use std::time::Duration;

use anyhow::{bail, ensure};
use faceauth_api::settings::TokenSettings;

use crate::config::{Config, Mode};

/// Resolves tokens.
///
/// # Errors
/// When the issuer is missing in production, or a lifetime is out of range.
pub(super) fn tokens(config: &Config) -> anyhow::Result<TokenSettings> {
    let tokens = &config.tokens;
    let issuer = match (&tokens.issuer, config.mode) {
        (Some(issuer), Mode::Development) => issuer.clone(),
        (Some(issuer), Mode::Production) => {
            ensure!(issuer.starts_with("https://"), "tokens.issuer is an https:// address");
            issuer.clone()
        }
        (None, Mode::Development) => format!("http://{}", config.server.bind),
        (None, Mode::Production) => bail!("set tokens.issuer to the address clients know"),
    };
    ensure!(!tokens.audience.is_empty(), "tokens.audience is not empty");
    ensure!(
        (1..=60).contains(&tokens.access_minutes),
        "tokens.access_minutes lies between 1 and 60: access tokens cannot be taken back"
    );
    ensure!((1..=365).contains(&tokens.refresh_days), "tokens.refresh_days lies between 1 and 365");
    ensure!(
        (tokens.refresh_days..=3650).contains(&tokens.session_days),
        "tokens.session_days lies between refresh_days and 3650"
    );
    Ok(TokenSettings {
        issuer,
        audience: tokens.audience.clone(),
        access_ttl: Duration::from_secs(60 * u64::from(tokens.access_minutes)),
        refresh_ttl: Duration::from_secs(24 * 3600 * u64::from(tokens.refresh_days)),
        session_ttl: Duration::from_secs(24 * 3600 * u64::from(tokens.session_days)),
    })
}
