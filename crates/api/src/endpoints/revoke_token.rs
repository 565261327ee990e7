//! `POST /token/revoke`.

use actix_web::{HttpResponse, web};
use faceauth_usecases::Context;
use faceauth_usecases::events::Actor;
use faceauth_usecases::session;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::error::ApiResult;
use crate::extract::SmallJson;
use crate::problems::problems;
use crate::source::Source;

/// A refresh token.
#[derive(Deserialize, ToSchema)]
pub(crate) struct RevokeRequest {
    /// As it was issued.
    #[schema(example = "fr_Zm9yIGV4YW1wbGUgb25seSwgbm90IGEgdG9rZW4uLi4")]
    refresh_token: String,
}

problems!(RevokeProblems: body, caller; MissingField, DatabaseUnavailable);

/// Sign out
///
/// Ends the session of the refresh token. A token that is unknown or used is no error. `/me` then
/// refuses the access tokens of the session. Verifiers that check only the signature accept them
/// until they expire.
#[utoipa::path(
    post,
    path = "/token/revoke",
    tag = "tokens",
    operation_id = "revoke_token",
    security(()),
    request_body = RevokeRequest,
    responses((status = 204, description = "The session has ended."), RevokeProblems),
)]
pub(crate) async fn revoke_token(
    context: web::Data<Context>,
    source: Source,
    body: SmallJson<RevokeRequest>,
) -> ApiResult<HttpResponse> {
    let origin = source.by(Actor::Anonymous);
    session::revoke(&context, &body.0.refresh_token, &origin).await?;
    Ok(HttpResponse::NoContent().finish())
}
