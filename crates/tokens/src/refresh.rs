//! How long refresh tokens and their sessions last. The tokens are [opaque](crate::opaque).

use chrono::{DateTime, TimeDelta, Utc};

use crate::issuer::TokenIssuer;
use crate::settings::seconds;

impl TokenIssuer {
    /// Until when a refresh token is good that is issued `now`.
    #[must_use]
    pub fn refresh_expiry(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + seconds(self.settings().refresh_ttl)
    }

    /// How long a session lasts, however often it is renewed.
    #[must_use]
    pub fn longest_session(&self) -> TimeDelta {
        seconds(self.settings().session_ttl)
    }
}
