//! The port through which time enters.

use chrono::{DateTime, Utc};

/// Tells the time. The server passes the system clock, tests one they move by hand.
pub trait Clock: Send + Sync + 'static {
    /// The current instant, in UTC.
    fn now(&self) -> DateTime<Utc>;
}
