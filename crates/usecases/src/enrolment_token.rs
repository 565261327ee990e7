//! Enrolment tokens: what the owner of an account that was reset enrols a new face with.
//!
//! A service that has made sure who the person is hands it to them. It is valid for consent, and
//! once for one face of an account without faces. The database keeps its `jti`, so used and
//! replaced tokens are recognised.

use chrono::{DateTime, Utc};
use faceauth_domain::user::UserId;
use faceauth_store::account::EnrolmentRight;
use faceauth_store::reset::NewEnrolmentToken;
use faceauth_tokens::enrolment;
use uuid::Uuid;

use crate::context::Context;
use crate::error::Result;

pub use faceauth_tokens::enrolment::TTL;

/// A token that is yet to be stored and signed.
#[must_use]
pub fn begin(now: DateTime<Utc>) -> NewEnrolmentToken {
    NewEnrolmentToken { id: Uuid::new_v4(), expires_at: now + TTL }
}

/// Signs a token that is stored for the account `user`.
///
/// # Errors
/// [`Error::Token`](crate::Error::Token) when the key does not sign.
pub fn issue(
    context: &Context,
    user: UserId,
    token: &NewEnrolmentToken,
    now: DateTime<Utc>,
) -> Result<String> {
    Ok(enrolment::sign(&context.tokens, user, token.id, now)?)
}

/// What a token gives that is ours and not too old.
#[must_use]
pub fn open(context: &Context, token: &str) -> Option<EnrolmentRight> {
    let (user, id) = enrolment::open(&context.tokens, token, context.now())?;
    Some(EnrolmentRight::Token { user, id })
}
