//! Enrolment tokens: what the owner of an account that was reset enrols a new face with.
//!
//! A service that has made sure of the person in another way hands it to them. It is good for
//! one face of an account that has none, and for nothing else.

use chrono::TimeDelta;
use faceauth_domain::user::UserId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::state::AppState;
use crate::tokens::OwnToken;

/// Lives for an hour: the person is on the telephone, or opens a message.
pub(crate) const TOKEN: OwnToken =
    OwnToken { typ: "enrolment+jwt", audience: "urn:faceauth:enrolment", ttl: TimeDelta::hours(1) };

/// Claims of an enrolment token.
#[derive(Serialize, Deserialize)]
struct Claims {
    /// The account.
    sub: Uuid,
}

/// A token for the account `user`.
pub(crate) fn issue(state: &AppState, user: UserId) -> ApiResult<String> {
    TOKEN.sign(&state.tokens, Claims { sub: user.0 }, state.now())
}

/// The account of a token that is ours and not too old.
pub(crate) fn open(state: &AppState, token: &str) -> Option<UserId> {
    let claims: Claims = TOKEN.open(&state.tokens, token, state.now())?;
    Some(UserId(claims.sub))
}
