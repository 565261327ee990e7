//! `GET /me` and `DELETE /me`.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use faceauth_domain::user::Consent;
use faceauth_usecases::Context;
use faceauth_usecases::events::{EventKind, Subject};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{Caller, FreshCaller};
use crate::error::ApiResult;
use crate::problems::problems;
use crate::source::Source;

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

/// A recorded agreement.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecordedConsentBody {
    /// Version of the text.
    #[schema(example = "2026-11")]
    pub policy_version: String,
    /// When it was granted.
    pub granted_at: DateTime<Utc>,
    /// When it was withdrawn; then the account has no faces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<DateTime<Utc>>,
}

impl From<Consent> for RecordedConsentBody {
    fn from(consent: Consent) -> Self {
        Self {
            policy_version: consent.policy_version,
            granted_at: consent.granted_at,
            withdrawn_at: consent.withdrawn_at,
        }
    }
}

problems!(MeProblems:
    TokenInvalid, TokenExpired, RateLimited, InternalError, DatabaseUnavailable);

/// The account
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

/// Erase the account
///
/// Removes the account with every template, attempt and token, at once. Needs a sign-in within
/// the last five minutes; an older token is refused with `token_expired` and a
/// `WWW-Authenticate` challenge (RFC 9470).
#[utoipa::path(
    delete,
    path = "/me",
    tag = "account",
    operation_id = "erase_me",
    security(("access_token" = [])),
    responses((status = 204, description = "Nothing is left."), MeProblems),
)]
pub(crate) async fn erase_me(
    context: web::Data<Context>,
    caller: FreshCaller,
    source: Source,
) -> ApiResult<HttpResponse> {
    caller.account(&context).erase().await?;
    source.by(caller.actor()).log(EventKind::Erased, Subject::Account(caller.user()));
    Ok(HttpResponse::NoContent().finish())
}
