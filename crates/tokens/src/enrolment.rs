//! Enrolment tokens: the owner of an account that was reset enrols a new face with one.

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::user::UserId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::issuer::{TokenError, TokenIssuer};
use crate::own::OwnToken;

/// Lives for an hour: the person is on the telephone, or opens a message.
pub const TTL: TimeDelta = TimeDelta::hours(1);

const TOKEN: OwnToken =
    OwnToken { typ: "enrolment+jwt", audience: "urn:faceauth:enrolment", ttl: TTL };

/// Claims of an enrolment token.
#[derive(Serialize, Deserialize)]
struct Claims {
    /// The account.
    sub: Uuid,
    /// The token.
    jti: Uuid,
}

/// Signs the token `id` for `user`.
///
/// # Errors
/// [`TokenError`] when the key does not sign.
pub fn sign(
    issuer: &TokenIssuer,
    user: UserId,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<String, TokenError> {
    TOKEN.sign(issuer, Claims { sub: user.0, jti: id }, now)
}

/// The account and the id of a token that is ours and not too old.
#[must_use]
pub fn open(issuer: &TokenIssuer, token: &str, now: DateTime<Utc>) -> Option<(UserId, Uuid)> {
    let Claims { sub, jti } = TOKEN.open(issuer, token, now)?;
    Some((UserId(sub), jti))
}
