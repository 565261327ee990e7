//! The token of a request.

use actix_web::http::header;
use actix_web::{HttpRequest, web};
use chrono::TimeDelta;
use faceauth_tokens::access::{AccessTokenError, Bearer};
use faceauth_usecases::Context;
use faceauth_usecases::events::{Actor, Denied, Subject};

use crate::error::{ApiError, ApiResult, ErrorCode};

/// How long ago the person may have shown their face for an action that changes how
/// they are recognised, or erases them.
const FRESH_WITHIN: TimeDelta = TimeDelta::minutes(5);

/// The answer to a token that is valid but too old (RFC 9470).
const STEP_UP: &str = "Bearer error=\"insufficient_user_authentication\", \
                       error_description=\"Sign in again\", max_age=300";

/// The account of the token of a request, whose owner signed in within the last five minutes.
pub(super) fn fresh_bearer(request: &HttpRequest) -> ApiResult<Bearer> {
    let bearer = bearer(request)?;
    if context(request)?.now() - bearer.auth_time > FRESH_WITHIN {
        return Err(ApiError::new(ErrorCode::TokenExpired)
            .detail("Sign in again: this needs a sign-in within the last five minutes.")
            .challenge(STEP_UP)
            .denied(Denied {
                actor: Actor::Session(bearer.session),
                subject: Subject::Account(bearer.user),
                ..Denied::credentials("sign_in_too_old")
            }));
    }
    Ok(bearer)
}

/// Whom the token of a request speaks for.
pub(super) fn bearer(request: &HttpRequest) -> ApiResult<Bearer> {
    let context = context(request)?;
    Ok(context.tokens.check_access_token(bearer_token(request)?, context.now())?)
}

/// The token of an `Authorization` header.
pub(crate) fn bearer_token(request: &HttpRequest) -> ApiResult<&str> {
    let missing = || {
        ApiError::new(ErrorCode::TokenInvalid)
            .detail("Send an access token: `Authorization: Bearer ...`.")
            .challenge("Bearer")
            .denied(Denied::credentials("access_token_missing"))
    };
    let value = request.headers().get(header::AUTHORIZATION).ok_or_else(missing)?;
    let (scheme, token) =
        value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(missing)?;
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(missing());
    }
    Ok(token.trim())
}

impl From<AccessTokenError> for ApiError {
    fn from(error: AccessTokenError) -> Self {
        match error {
            AccessTokenError::Invalid => Self::new(ErrorCode::TokenInvalid)
                .denied(Denied::credentials("access_token_invalid")),
            AccessTokenError::Expired { user, session } => Self::new(ErrorCode::TokenExpired)
                .denied(Denied {
                    actor: Actor::Session(session),
                    subject: Subject::Account(user),
                    ..Denied::credentials("access_token_expired")
                }),
        }
    }
}

pub(super) fn context(request: &HttpRequest) -> ApiResult<&web::Data<Context>> {
    request.app_data::<web::Data<Context>>().ok_or_else(|| ApiError::new(ErrorCode::InternalError))
}
