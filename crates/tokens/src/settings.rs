//! What an operator decides about tokens.

use std::time::Duration;

use chrono::TimeDelta;

/// Names and lifetimes of tokens.
#[derive(Debug, Clone)]
pub struct TokenSettings {
    /// `iss`.
    pub issuer: String,
    /// `aud`.
    pub audience: String,
    /// Lifetime of an access token.
    pub access_ttl: Duration,
    /// Lifetime of a refresh token.
    pub refresh_ttl: Duration,
    /// Lifetime of a session, however often it is renewed.
    pub session_ttl: Duration,
}

/// The same in whole seconds, for arithmetic with times.
pub(crate) fn seconds(duration: Duration) -> TimeDelta {
    TimeDelta::seconds(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX / 1000))
}
