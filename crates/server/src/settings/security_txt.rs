//! Where to report a weakness.

use anyhow::Context;
use faceauth_api::settings::{SecurityTxt, SecurityTxtFields};
use faceauth_domain::clock::Clock;

use crate::clock::SystemClock;
use crate::config;

/// Resolves `security.txt`.
///
/// # Errors
/// When a field breaks RFC 9116.
pub(super) fn security_txt(config: &config::SecurityTxt) -> anyhow::Result<SecurityTxt> {
    let file = SecurityTxt::new(&SecurityTxtFields {
        contact: config.contact.clone(),
        expires: config.expires.clone(),
        encryption: config.encryption.clone(),
        acknowledgments: config.acknowledgments.clone(),
        preferred_languages: config.preferred_languages.clone(),
        canonical: config.canonical.clone(),
        policy: config.policy.clone(),
        hiring: config.hiring.clone(),
    })
    .context("security_txt")?;
    if file.expires() <= SystemClock.now() {
        tracing::warn!("security_txt.expires has passed: the file is not served");
    }
    Ok(file)
}
