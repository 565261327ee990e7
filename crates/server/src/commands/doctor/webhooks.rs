//! Webhooks: whether anybody is told, and whether on the way nobody reads along.

use super::finding::Finding;
use crate::config::Config;
use crate::settings;
use crate::webhooks::Webhooks;

/// What to say of the receiver. Its path is not shown: it may hold a secret.
pub(super) fn check(config: &Config) -> Finding {
    let settings = match settings::webhooks(config) {
        Ok(None) => return Finding::good("webhooks", "none: nobody is told of account events"),
        Ok(Some(settings)) => settings,
        Err(error) => return Finding::bad("webhooks", &error, Some(FIX)),
    };
    let host = settings.url.authority().map(ToString::to_string).unwrap_or_default();
    let https = settings.url.scheme() == Some(&http::uri::Scheme::HTTPS);
    let detail = format!("{host}, {} signatures", settings.signers.len());
    match Webhooks::new(settings) {
        Err(error) => Finding::bad("webhooks", &error, Some(FIX)),
        Ok(_) if https => Finding::good("webhooks", detail),
        Ok(_) => Finding::poor(
            "webhooks",
            detail,
            "use an https:// address: events name people, and on the way anybody reads along.",
        ),
    }
}

/// What to do when webhooks are not usable.
const FIX: &str = "see [webhooks] in deploy/config.example.toml, and docs/webhooks.md for secrets.";
