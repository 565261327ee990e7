//! Whose attestations of captures count.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use faceauth_api::settings::AttestationRules;
use faceauth_attestation::android::{Android, App};
use faceauth_attestation::apple::{Apple, Environment};
use faceauth_attestation::revocation::Revocations;
use faceauth_attestation::roots::Roots;
use faceauth_domain::attestation::AttestationMode;

use crate::config::{AndroidApps, AppleApps, AppleEnvironment, Attestation, Config, Mode};

/// Reads the files that the configuration names.
///
/// # Errors
/// When a file is missing or malformed, or attestations are asked for and no app is named.
pub(super) fn rules(config: &Config) -> anyhow::Result<AttestationRules> {
    let policy = &config.policy;
    let by_service: HashMap<String, AttestationMode> =
        policy.attestation_by_key.iter().map(|(key, mode)| (key.clone(), (*mode).into())).collect();
    let rules = AttestationRules {
        mode: policy.attestation.into(),
        by_service,
        android: config.apps.android.as_ref().map(android).transpose()?,
        apple: config.apps.apple.as_ref().map(apple).transpose()?,
    };
    let off = rules.mode == AttestationMode::Off
        && rules.by_service.values().all(|mode| *mode == AttestationMode::Off);
    ensure!(
        off || rules.android.is_some() || rules.apple.is_some(),
        "policy.attestation asks for attestations, and nobody can give one: name the apps in \
         apps.android or apps.apple"
    );
    let development = |apps: &AppleApps| apps.environment == AppleEnvironment::Development;
    if config.mode == Mode::Production && config.apps.apple.as_ref().is_some_and(development) {
        bail!("apps.apple.environment = \"development\" takes builds of any developer's machine");
    }
    Ok(rules)
}

impl From<Attestation> for AttestationMode {
    fn from(mode: Attestation) -> Self {
        match mode {
            Attestation::Off => Self::Off,
            Attestation::Record => Self::Record,
            Attestation::Require => Self::Require,
        }
    }
}

fn android(apps: &AndroidApps) -> anyhow::Result<Android> {
    let revoked = read(&apps.revoked).and_then(|file| Ok(Revocations::from_status_list(&file)?));
    let revoked =
        revoked.with_context(|| format!("apps.android.revoked: {}", apps.revoked.display()))?;
    let signers = |(package, digests): (&String, &Vec<String>)| {
        let signers =
            digests.iter().map(|text| digest(text)).collect::<anyhow::Result<Vec<_>>>()?;
        ensure!(!signers.is_empty(), "{package} has no signer");
        Ok(App { package: package.clone(), signers })
    };
    let named: Vec<App> = apps
        .signers
        .iter()
        .map(signers)
        .collect::<anyhow::Result<_>>()
        .context("apps.android.signers")?;
    ensure!(!named.is_empty(), "apps.android.signers names no app");
    Ok(Android { roots: roots("apps.android.roots", &apps.roots)?, revoked, apps: named })
}

fn apple(apps: &AppleApps) -> anyhow::Result<Apple> {
    ensure!(!apps.app_ids.is_empty(), "apps.apple.app_ids names no app");
    for id in &apps.app_ids {
        let team = id.split_once('.').map_or(0, |(team, _)| team.len());
        ensure!(
            team == TEAM_CHARS,
            "apps.apple.app_ids: {id} does not begin with the ten characters of a team and a dot"
        );
    }
    Ok(Apple {
        roots: roots("apps.apple.roots", &apps.roots)?,
        apps: apps.app_ids.clone(),
        environment: match apps.environment {
            AppleEnvironment::Production => Environment::Production,
            AppleEnvironment::Development => Environment::Development,
        },
    })
}

/// Characters of a team's identifier.
const TEAM_CHARS: usize = 10;

fn roots(setting: &'static str, path: &Path) -> anyhow::Result<Roots> {
    read(path)
        .and_then(|file| Ok(Roots::from_pem(&file)?))
        .with_context(|| format!("{setting}: {}", path.display()))
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    Ok(std::fs::read(path)?)
}

/// A SHA-256 in hexadecimal, with or without colons, as `keytool` and `apksigner` print it.
fn digest(text: &str) -> anyhow::Result<[u8; 32]> {
    let hex: Vec<u8> = text.bytes().filter(|letter| *letter != b':').collect();
    let byte = |pair: &[u8]| {
        let digits = pair.len() == 2 && pair.iter().all(u8::is_ascii_hexdigit);
        let pair = str::from_utf8(pair).ok().filter(|_| digits)?;
        u8::from_str_radix(pair, 16).ok()
    };
    let bytes: Option<Vec<u8>> = hex.chunks(2).map(byte).collect();
    bytes
        .and_then(|bytes| bytes.try_into().ok())
        .with_context(|| format!("{text}: no SHA-256 in hexadecimal"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_read_as_the_tools_print_them() {
        assert_eq!(digest(&"0f".repeat(32)).unwrap(), [0x0f; 32]);
        let colons = ["AB"; 32].join(":");
        assert_eq!(digest(&colons).unwrap(), [0xab; 32]);
        for odd in
            ["", "0f", &"0f".repeat(33), &"0g".repeat(32), &"0f".repeat(31), &"+f".repeat(32)]
        {
            assert!(digest(odd).is_err(), "{odd}");
        }
    }
}
