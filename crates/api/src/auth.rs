//! Who is calling.

use std::future::{Ready, ready};

use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, dev, web};
use chrono::TimeDelta;
use faceauth_domain::user::UserId;

use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::state::AppState;

/// How long ago the person may have shown their face for an action that changes how
/// they are recognised, or erases them.
const FRESH_WITHIN: TimeDelta = TimeDelta::minutes(5);

/// The answer to a token that is valid but too old (RFC 9470).
const STEP_UP: &str = "Bearer error=\"insufficient_user_authentication\", \
                       error_description=\"Sign in again\", max_age=300";

/// A caller with a valid access token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller {
    pub user: UserId,
}

/// A caller who has signed in within the last five minutes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FreshCaller {
    pub user: UserId,
}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(verified(request).map(|verified| Self { user: verified.user }))
    }
}

impl FromRequest for FreshCaller {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(fresh(request))
    }
}

fn fresh(request: &HttpRequest) -> ApiResult<FreshCaller> {
    let verified = verified(request)?;
    if state(request)?.now() - verified.auth_time > FRESH_WITHIN {
        return Err(ApiError::new(ErrorCode::TokenExpired)
            .detail("Sign in again: this needs a sign-in within the last five minutes.")
            .challenge(STEP_UP));
    }
    Ok(FreshCaller { user: verified.user })
}

fn verified(request: &HttpRequest) -> ApiResult<crate::tokens::Verified> {
    let state = state(request)?;
    let missing = || {
        ApiError::new(ErrorCode::TokenInvalid)
            .detail("Send an access token: `Authorization: Bearer ...`.")
            .challenge("Bearer")
    };
    let value = request.headers().get(header::AUTHORIZATION).ok_or_else(missing)?;
    let (scheme, token) =
        value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(missing)?;
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(missing());
    }
    state.tokens.verify(token.trim(), state.now())
}

fn state(request: &HttpRequest) -> ApiResult<&web::Data<AppState>> {
    request.app_data::<web::Data<AppState>>().ok_or_else(|| ApiError::new(ErrorCode::InternalError))
}
