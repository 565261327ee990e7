//! Logout tokens: what the page asks the person about, kept by the page until the answer.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::issuer::{TokenError, TokenIssuer};
use crate::own::OwnToken;

/// How long a person may take to answer.
const TTL: TimeDelta = TimeDelta::minutes(10);

const TOKEN: OwnToken = OwnToken { typ: "logout+jwt", audience: "urn:faceauth:logout", ttl: TTL };

/// A logout that a client asks for, and the person has to confirm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logout {
    /// Where the browser goes afterwards: a registered address with its `state`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_to: Option<String>,
}

/// Signs a token.
///
/// # Errors
/// [`TokenError`] when the key does not sign.
pub fn sign(
    issuer: &TokenIssuer,
    logout: &Logout,
    now: DateTime<Utc>,
) -> Result<String, TokenError> {
    TOKEN.sign(issuer, logout, now)
}

/// What a token says that is ours and not too old.
#[must_use]
pub fn open(issuer: &TokenIssuer, token: &str, now: DateTime<Utc>) -> Option<Logout> {
    TOKEN.open(issuer, token, now)
}
