//! Requests a minute, and the longest wait.

use faceauth_vision::worker::WorkerSettings;
use serde::Deserialize;

/// Requests a minute from one client address.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    pub sign_in_per_minute: u32,
    pub detect_per_minute: u32,
    pub account_per_minute: u32,
    pub service_per_minute: u32,
    pub other_per_minute: u32,
    /// Longest wait for a worker.
    pub max_wait_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sign_in_per_minute: 5,
            detect_per_minute: 60,
            account_per_minute: 120,
            service_per_minute: 600,
            // Files of the page: 20 a second for everybody behind one address.
            other_per_minute: 1200,
            max_wait_ms: WorkerSettings::MAX_WAIT.as_millis().try_into().unwrap_or(u64::MAX),
        }
    }
}
