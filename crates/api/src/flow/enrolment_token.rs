//! Enrolment tokens: what the owner of an account that was reset enrols a new face with.
//!
//! A service that has made sure of the person in another way hands it to them. It is good for
//! one face of an account that has none, and for nothing else.

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::user::UserId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::state::AppState;

/// Header `typ`, so that no other JWT passes for one.
const TOKEN_TYPE: &str = "enrolment+jwt";

/// `aud`: this service itself.
const AUDIENCE: &str = "urn:faceauth:enrolment";

/// Lifetime: the person is on the telephone, or opens a message.
pub(crate) const TTL: TimeDelta = TimeDelta::hours(1);

/// Claims of an enrolment token.
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    iat: i64,
    exp: i64,
    /// The account.
    sub: Uuid,
}

/// A token for the account `user`.
pub(crate) fn issue(state: &AppState, user: UserId) -> ApiResult<String> {
    let now = state.now();
    let claims = Claims {
        iss: state.tokens.issuer().to_owned(),
        aud: AUDIENCE.to_owned(),
        iat: now.timestamp(),
        exp: (now + TTL).timestamp(),
        sub: user.0,
    };
    state.tokens.sign(TOKEN_TYPE, &claims)
}

/// The account of a token that is ours and not too old.
pub(crate) fn open(state: &AppState, token: &str) -> Option<UserId> {
    let claims: Claims = state.tokens.open(token, TOKEN_TYPE, AUDIENCE)?;
    let expires_at = DateTime::<Utc>::from_timestamp(claims.exp, 0)?;
    (expires_at > state.now()).then_some(UserId(claims.sub))
}
