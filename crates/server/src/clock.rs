//! The system clock.

use chrono::{DateTime, Utc};
use faceauth_domain::clock::Clock;

/// Reads the operating system's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where real time enters")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}
