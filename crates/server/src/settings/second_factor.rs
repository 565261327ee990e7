//! What is asked for beside a face.

use anyhow::{Context, ensure};
use faceauth_api::settings::SecondFactorRules;
use faceauth_domain::second_factor::SecondFactorMode;
use faceauth_passkeys::RelyingParty;
use url::Url;

use crate::config::{self, Config, Mode};

/// What devices show beside the name of an account, unless the page has a name.
const SERVICE_NAME: &str = "FaceAuth";

/// Resolves the second factor.
///
/// # Errors
/// When browsers would refuse the domain or an origin, or production would be unsafe.
pub(super) fn rules(config: &Config) -> anyhow::Result<SecondFactorRules> {
    let config::SecondFactor { mode, passkey_alone, domain, origins } = &config.second_factor;
    let development = config.mode == Mode::Development;
    let mode = match mode {
        Some(config::SecondFactorMode::Off) => SecondFactorMode::Off,
        Some(config::SecondFactorMode::Offered) => SecondFactorMode::Offered,
        Some(config::SecondFactorMode::Required) => SecondFactorMode::Required,
        None if development => SecondFactorMode::Offered,
        None => SecondFactorMode::Off,
    };
    if mode == SecondFactorMode::Off {
        ensure!(
            passkey_alone != &Some(true),
            "second_factor.passkey_alone lets passkeys sign in, and second_factor.mode = \"off\" \
             has none"
        );
        return Ok(SecondFactorRules::default());
    }
    let relying_party = if development && domain.is_none() && origins.is_empty() {
        RelyingParty::on_localhost(service_name(config))?
    } else {
        named(config, domain.as_deref(), origins)?
    };
    Ok(SecondFactorRules {
        mode,
        passkey_alone: passkey_alone.unwrap_or(development),
        relying_party: Some(relying_party),
    })
}

fn service_name(config: &Config) -> &str {
    config.page.name.as_deref().unwrap_or(SERVICE_NAME)
}

/// The service at the domain and origins that are named, or at those of the issuer.
fn named(
    config: &Config,
    domain: Option<&str>,
    origins: &[String],
) -> anyhow::Result<RelyingParty> {
    let issuer = config.tokens.issuer.as_deref();
    let issuer = issuer.and_then(|issuer| Url::parse(issuer).ok());
    let host = issuer.as_ref().and_then(Url::domain);
    let domain = domain.or(host).context(
        "second_factor.domain: name the domain that passkeys are made for, or set tokens.issuer",
    )?;
    let own = issuer.as_ref().map(|issuer| issuer.origin().ascii_serialization());
    let origins = match origins {
        [] => own.into_iter().collect(),
        origins => origins.to_vec(),
    };
    let plain = |origin: &&String| origin.starts_with("http://");
    if config.mode == Mode::Production
        && let Some(plain) = origins.iter().find(plain)
    {
        anyhow::bail!("second_factor.origins: {plain} is not encrypted; browsers make no passkeys");
    }
    RelyingParty::new(domain, service_name(config), &origins).context("second_factor.origins")
}
