//! Devices that have signed in before.
//!
//! A sign-in answers a device token. Sent with the next sign-in, it counts the failures of that
//! device apart from those of all others. So no stranger can lock the account holder out. It proves
//! nothing about the person at the camera, and it signs nobody in.

use chrono::{DateTime, Utc};
use faceauth_domain::user::UserId;
use faceauth_store::failures::Device;
use faceauth_tokens::device;
use uuid::Uuid;

use crate::context::Context;
use crate::error::Result;

/// The token of a device on which `user` has just signed in; `known` when it had one.
pub(crate) fn token(
    context: &Context,
    user: UserId,
    known: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<String> {
    Ok(device::sign(&context.tokens, user, known.unwrap_or_else(Uuid::new_v4), now)?)
}

/// The device of a token. One that is not ours or too old is as good as none: its owner signs
/// in like anybody, and is given the next.
pub(crate) fn of_token(context: &Context, token: &str) -> Option<Device> {
    let (user, id) = device::open(&context.tokens, token, context.now())?;
    (!id.is_nil()).then_some(Device { user, id })
}
