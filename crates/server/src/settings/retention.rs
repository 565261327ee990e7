//! How long things are kept.

use anyhow::ensure;
use chrono::TimeDelta;
use faceauth_store::retire::Retention;

use crate::config::{self, Config};

/// Resolves how long things are kept.
///
/// # Errors
/// When a time is too long, or none where there must be one.
pub(super) fn retention(config: &Config) -> anyhow::Result<Retention> {
    let config::Retention {
        inactive_account_days,
        attempt_days,
        old_template_days,
        enrolment_image_days,
    } = config.retention;
    ensure!((1..=3650).contains(&attempt_days), "retention.attempt_days lies between 1 and 3650");
    ensure!(inactive_account_days <= 36_500, "retention.inactive_account_days is at most 36500");
    ensure!(enrolment_image_days <= 3650, "retention.enrolment_image_days is at most 3650");
    let days = |days: u32| TimeDelta::days(i64::from(days));
    Ok(Retention {
        inactive_account: (inactive_account_days > 0).then(|| days(inactive_account_days)),
        attempt: days(attempt_days),
        old_template: days(old_template_days),
        enrolment_image: (enrolment_image_days > 0).then(|| days(enrolment_image_days)),
    })
}
