//! `POST /token/refresh` and `POST /token/revoke`.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::SignedInBody;
use crate::error::ApiResult;
use crate::events::Source;
use crate::extract::SmallJson;
use crate::flow::session;
use crate::openapi::problems;
use crate::state::AppState;

/// A refresh token.
#[derive(Deserialize, ToSchema)]
pub(crate) struct RefreshTokenRequest {
    /// As it was issued.
    refresh_token: String,
}

problems!(RefreshProblems:
    MalformedJson, MissingField, InvalidField, TokenInvalid, RequestTimeout, PayloadTooLarge,
    UnsupportedMediaType, RateLimited, InternalError, DatabaseUnavailable);

/// Renew tokens
///
/// Uses up the refresh token and answers the next pair. Presenting a used one ends the session:
/// somebody has a copy.
#[utoipa::path(
    post,
    path = "/token/refresh",
    tag = "tokens",
    operation_id = "refresh_token",
    request_body = RefreshTokenRequest,
    responses((status = 200, description = "The next pair.", body = SignedInBody), RefreshProblems),
)]
pub(crate) async fn refresh_token(
    state: web::Data<AppState>,
    source: Source,
    body: SmallJson<RefreshTokenRequest>,
) -> ApiResult<web::Json<SignedInBody>> {
    let signed_in = session::refresh(&state, &body.0.refresh_token, source).await?;
    Ok(web::Json(signed_in.into()))
}

problems!(RevokeProblems:
    MalformedJson, MissingField, InvalidField, RequestTimeout, PayloadTooLarge,
    UnsupportedMediaType, RateLimited, InternalError, DatabaseUnavailable);

/// Sign out
///
/// Ends the session of the refresh token. A token that is unknown or used is no error.
/// Access tokens of the session open nothing under `/me` any more; who verifies them by signature
/// alone takes them until they expire.
#[utoipa::path(
    post,
    path = "/token/revoke",
    tag = "tokens",
    operation_id = "revoke_token",
    request_body = RefreshTokenRequest,
    responses((status = 204, description = "The session has ended."), RevokeProblems),
)]
pub(crate) async fn revoke_token(
    state: web::Data<AppState>,
    source: Source,
    body: SmallJson<RefreshTokenRequest>,
) -> ApiResult<HttpResponse> {
    session::revoke(&state, &body.0.refresh_token, source).await?;
    Ok(HttpResponse::NoContent().finish())
}
