//! Enrolment tokens: what the owner of an account that was reset enrols a new face with.
//!
//! A service that has made sure of the person in another way hands it to them. It is good for
//! consent, and once for one face of an account that has none. What was used or replaced is known
//! by its `jti`, which waits in the database.

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::user::UserId;
use faceauth_store::account::EnrolmentRight;
use faceauth_store::enrolment_tokens::NewEnrolmentToken;
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
    /// The token.
    jti: Uuid,
}

/// A token that is yet to be stored and signed.
pub(crate) fn begin(now: DateTime<Utc>) -> NewEnrolmentToken {
    NewEnrolmentToken { id: Uuid::new_v4(), expires_at: now + TOKEN.ttl }
}

/// Signs a token that is stored for the account `user`.
pub(crate) fn issue(
    state: &AppState,
    user: UserId,
    token: &NewEnrolmentToken,
    now: DateTime<Utc>,
) -> ApiResult<String> {
    TOKEN.sign(&state.tokens, Claims { sub: user.0, jti: token.id }, now)
}

/// What a token gives that is ours and not too old.
pub(crate) fn open(state: &AppState, token: &str) -> Option<EnrolmentRight> {
    let Claims { sub, jti } = TOKEN.open(&state.tokens, token, state.now())?;
    Some(EnrolmentRight::Token { user: UserId(sub), id: jti })
}
