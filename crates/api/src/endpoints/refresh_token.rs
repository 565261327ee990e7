//! `POST /token/refresh`.

use actix_web::web;
use faceauth_usecases::Context;
use faceauth_usecases::events::Actor;
use faceauth_usecases::session::{self, RetryKey};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::extract::SmallJson;
use crate::problems::problems;
use crate::source::Source;
use crate::wire::tokens::SignedInBody;

/// A refresh token to renew.
#[derive(Deserialize, ToSchema)]
pub(crate) struct RefreshRequest {
    /// As it was issued.
    #[schema(example = "fr_Zm9yIGV4YW1wbGUgb25seSwgbm90IGEgdG9rZW4uLi4")]
    refresh_token: String,
    /// A random secret of the client, chosen anew for each refresh token, and kept until the answer
    /// has arrived. When the answer was lost, the same token with the same key gets it again within
    /// 30 seconds.
    #[schema(min_length = 43, max_length = 128, pattern = "^[A-Za-z0-9._~-]+$")]
    retry_key: Option<String>,
}

problems!(RefreshProblems: body, caller; MissingField, TokenInvalid, DatabaseUnavailable);

/// Renew tokens
///
/// Uses up the refresh token and answers the next pair. Presenting a used one ends the session,
/// because somebody has a copy. A client that sent a `retry_key` may ask again with the same one
/// for 30 seconds, as long as the next token is not used.
#[utoipa::path(
    post,
    path = "/token/refresh",
    tag = "tokens",
    operation_id = "refresh_token",
    security(()),
    request_body = RefreshRequest,
    responses((status = 200, description = "The next pair.", body = SignedInBody), RefreshProblems),
)]
pub(crate) async fn refresh_token(
    context: web::Data<Context>,
    source: Source,
    body: SmallJson<RefreshRequest>,
) -> ApiResult<web::Json<SignedInBody>> {
    let RefreshRequest { refresh_token, retry_key } = body.0;
    let malformed = || {
        ApiError::at(ErrorCode::InvalidField, "/retry_key")
            .detail("A retry key has 43 to 128 letters, digits and `-._~`.")
    };
    let key = retry_key.map(|text| RetryKey::parse(text).ok_or_else(malformed)).transpose()?;
    // The sender has proved nothing until the token is found valid.
    let origin = source.by(Actor::Anonymous);
    let signed_in = session::refresh(&context, &refresh_token, key.as_ref(), &origin).await?;
    Ok(web::Json(signed_in.into()))
}
