//! Devices that have signed in before.
//!
//! A sign-in answers a device token. Sent with the next one, it sets the failures of that
//! device apart from everybody's, so that no stranger can lock the account holder out. It
//! proves nothing about who is at the camera, and nobody is let in for having it.

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::user::UserId;
use faceauth_store::failures::Device;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::state::AppState;

/// Header `typ`, so that no other JWT passes for one.
const TOKEN_TYPE: &str = "device+jwt";

/// `aud`: this service itself.
const AUDIENCE: &str = "urn:faceauth:device";

/// Lifetime; every sign-in begins it anew.
const TTL: TimeDelta = TimeDelta::days(180);

/// Claims of a device token.
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    iat: i64,
    exp: i64,
    /// The account.
    sub: Uuid,
    /// The device.
    device: Uuid,
}

/// The token of a device on which `user` has just signed in; `known` when it had one.
pub(crate) fn token(state: &AppState, user: UserId, known: Option<Uuid>) -> ApiResult<String> {
    let now = state.now();
    let claims = Claims {
        iss: state.tokens.issuer().to_owned(),
        aud: AUDIENCE.to_owned(),
        iat: now.timestamp(),
        exp: (now + TTL).timestamp(),
        sub: user.0,
        device: known.unwrap_or_else(Uuid::new_v4),
    };
    state.tokens.sign(TOKEN_TYPE, &claims)
}

/// The device of a token. One that is not ours or too old is as good as none: its owner signs
/// in like anybody, and is given the next.
pub(crate) fn of_token(state: &AppState, token: &str) -> Option<Device> {
    let claims: Claims = state.tokens.open(token, TOKEN_TYPE, AUDIENCE)?;
    let expires_at = DateTime::<Utc>::from_timestamp(claims.exp, 0)?;
    (expires_at > state.now() && !claims.device.is_nil())
        .then_some(Device { user: UserId(claims.sub), id: claims.device })
}
