//! Device tokens: a device that has signed in before.
//!
//! It proves nothing about the person at the camera, and it signs nobody in.

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::user::UserId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::issuer::{TokenError, TokenIssuer};
use crate::own::OwnToken;

/// Lives half a year. Every sign-in issues a new one.
const TOKEN: OwnToken =
    OwnToken { typ: "device+jwt", audience: "urn:faceauth:device", ttl: TimeDelta::days(180) };

/// Claims of a device token.
#[derive(Serialize, Deserialize)]
struct Claims {
    /// The account.
    sub: Uuid,
    /// The device.
    device: Uuid,
}

/// Signs the token of `device`, on which `user` has signed in.
///
/// # Errors
/// [`TokenError`] when the key does not sign.
pub fn sign(
    issuer: &TokenIssuer,
    user: UserId,
    device: Uuid,
    now: DateTime<Utc>,
) -> Result<String, TokenError> {
    TOKEN.sign(issuer, Claims { sub: user.0, device }, now)
}

/// The account and the device of a token that is ours and not too old.
#[must_use]
pub fn open(issuer: &TokenIssuer, token: &str, now: DateTime<Utc>) -> Option<(UserId, Uuid)> {
    let Claims { sub, device } = TOKEN.open(issuer, token, now)?;
    Some((UserId(sub), device))
}
