//! Requests a minute.

use std::num::NonZeroU32;

use anyhow::Context;
use faceauth_api::settings::LimitSettings;

use crate::config;

/// Resolves requests a minute.
///
/// # Errors
/// When there are to be none.
pub(super) fn limits(limits: &config::Limits) -> anyhow::Result<LimitSettings> {
    Ok(LimitSettings {
        sign_in_per_minute: positive("sign_in_per_minute", limits.sign_in_per_minute)?,
        detect_per_minute: positive("detect_per_minute", limits.detect_per_minute)?,
        account_per_minute: positive("account_per_minute", limits.account_per_minute)?,
        service_per_minute: positive("service_per_minute", limits.service_per_minute)?,
        other_per_minute: positive("other_per_minute", limits.other_per_minute)?,
    })
}

fn positive(name: &str, value: u32) -> anyhow::Result<NonZeroU32> {
    NonZeroU32::new(value).with_context(|| format!("limits.{name} is at least 1"))
}
