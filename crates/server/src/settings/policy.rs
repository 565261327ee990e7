//! Who may register, and what sign-ins are decided by.

use anyhow::{Context, bail, ensure};
use faceauth_api::settings::Registration;
use faceauth_domain::failures::FailurePolicy;
use faceauth_domain::liveness::policy::LivenessPolicy;
use faceauth_domain::policy::{PadMode, PadPolicy, Policy, PreviousModel, STRONG_MATCH_FMR};
use faceauth_domain::quality::QualityPolicies;
use faceauth_vision::manifest::Manifest;

use crate::config::{self, Config, Mode};

/// Loosest false match rate a production deployment may ask for; NIST SP 800-63B-4 asks
/// for 1e-4, and a rate ten times that is the most one could defend.
const MAX_PRODUCTION_FMR: f64 = 1e-3;

/// What sign-ins are decided by.
///
/// # Errors
/// When the manifest has no threshold for the rate asked for, or production would be unsafe.
pub fn policy(config: &Config, manifest: &Manifest) -> anyhow::Result<Policy> {
    let production = config.mode == Mode::Production;
    let target_fmr = config.policy.target_fmr;
    if production {
        ensure!(
            target_fmr <= MAX_PRODUCTION_FMR,
            "policy.target_fmr = {target_fmr:e} lets too many strangers in: at most \
             {MAX_PRODUCTION_FMR:e} in production"
        );
    }
    let matching = manifest.match_policy(target_fmr).with_context(|| {
        let measured: Vec<String> =
            manifest.embedding.thresholds.iter().map(|t| format!("{:e}", t.fmr)).collect();
        format!(
            "policy.target_fmr = {target_fmr:e} has no measured threshold; the manifest has {}",
            measured.join(", ")
        )
    })?;
    let previous = match &manifest.previous_embedding {
        Some(model) => Some(PreviousModel {
            matching: model.match_policy(target_fmr).with_context(|| {
                format!(
                    "previous_embedding has no threshold for policy.target_fmr = {target_fmr:e}"
                )
            })?,
            strong: model
                .match_policy(STRONG_MATCH_FMR)
                .with_context(|| {
                    format!("previous_embedding has no threshold for {STRONG_MATCH_FMR:e}")
                })?
                .threshold,
        }),
        None => None,
    };
    let mode = match config.policy.passive_pad {
        Some(config::PassivePad::Record) if production => {
            bail!("policy.passive_pad = \"record\" accepts prints and screens: not in production")
        }
        Some(config::PassivePad::Record) => PadMode::Record,
        Some(config::PassivePad::Enforce) => PadMode::Enforce,
        None if production => PadMode::Enforce,
        None => PadMode::Record,
    };
    let require_liveness = config.policy.require_liveness.unwrap_or(production);
    if production && !require_liveness {
        tracing::warn!("policy.require_liveness = false: a picture alone signs in");
    }
    Ok(Policy {
        matching,
        previous,
        pad: PadPolicy { mode, threshold: manifest.pad.threshold },
        quality: QualityPolicies::DEFAULT,
        liveness: LivenessPolicy::DEFAULT,
        failures: FailurePolicy::DEFAULT,
        require_liveness,
    })
}

/// Who may register.
pub(super) fn registration(config: &Config) -> Registration {
    match config.policy.registration {
        Some(config::Registration::Open) => Registration::Open,
        Some(config::Registration::Invite) => Registration::Invite,
        Some(config::Registration::Service) => Registration::Service,
        Some(config::Registration::Closed) => Registration::Closed,
        None if config.mode == Mode::Production => Registration::Closed,
        None => Registration::Open,
    }
}
