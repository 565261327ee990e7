//! `GET /me`.

use actix_web::web;
use chrono::{DateTime, Utc};
use faceauth_usecases::Context;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::Caller;
use crate::error::ApiResult;
use crate::problems::problems;
use crate::wire::consent::RecordedConsentBody;

/// The caller's account.
#[derive(Serialize, ToSchema)]
pub(crate) struct MeResponse {
    /// Identifier, `sub` of tokens.
    id: Uuid,
    /// The name as first written.
    #[schema(example = "ada")]
    username: String,
    /// When the account was made.
    created_at: DateTime<Utc>,
    /// What the person agreed to.
    consent: RecordedConsentBody,
}

problems!(MeProblems: account_holder, caller; DatabaseUnavailable);

/// The account
///
/// The account of the access token, and what its owner agreed to.
#[utoipa::path(
    get,
    path = "/me",
    tag = "account",
    operation_id = "me",
    security(("access_token" = [])),
    responses((status = 200, description = "The account.", body = MeResponse), MeProblems),
)]
pub(crate) async fn me(
    context: web::Data<Context>,
    caller: Caller,
) -> ApiResult<web::Json<MeResponse>> {
    let (user, consent) = caller.account(&context).user().await?;
    Ok(web::Json(MeResponse {
        id: user.id.0,
        username: user.username.as_str().to_owned(),
        created_at: user.created_at,
        consent: consent.into(),
    }))
}
