//! Devices that have signed in before.
//!
//! A sign-in answers a device token. Sent with the next one, it sets the failures of that
//! device apart from everybody's, so that no stranger can lock the account holder out. It
//! proves nothing about who is at the camera, and nobody is let in for having it.

use chrono::TimeDelta;
use faceauth_domain::user::UserId;
use faceauth_store::failures::Device;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::state::AppState;
use crate::tokens::OwnToken;

/// Lives half a year; every sign-in begins it anew.
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

/// The token of a device on which `user` has just signed in; `known` when it had one.
pub(crate) fn token(state: &AppState, user: UserId, known: Option<Uuid>) -> ApiResult<String> {
    let claims = Claims { sub: user.0, device: known.unwrap_or_else(Uuid::new_v4) };
    TOKEN.sign(&state.tokens, claims, state.now())
}

/// The device of a token. One that is not ours or too old is as good as none: its owner signs
/// in like anybody, and is given the next.
pub(crate) fn of_token(state: &AppState, token: &str) -> Option<Device> {
    let claims: Claims = TOKEN.open(&state.tokens, token, state.now())?;
    let device = Device { user: UserId(claims.sub), id: claims.device };
    (!device.id.is_nil()).then_some(device)
}
