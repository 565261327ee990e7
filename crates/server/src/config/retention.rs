//! How long things are kept.

use serde::Deserialize;

/// How long things are kept.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// 0 means for ever.
    pub inactive_account_days: u32,
    pub attempt_days: u32,
    pub old_template_days: u32,
    /// 0 keeps none.
    pub enrolment_image_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            inactive_account_days: 3 * 365,
            attempt_days: 365,
            old_template_days: 90,
            enrolment_image_days: 0,
        }
    }
}
