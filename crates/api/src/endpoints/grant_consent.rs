//! `/me/consent`.

use actix_web::{HttpResponse, web};

use faceauth_usecases::Context;
use faceauth_usecases::events::{EventKind, Subject};
use serde::Deserialize;
use utoipa::ToSchema;

use super::me::RecordedConsentBody;
use crate::auth::{AgreeingCaller, FreshCaller};
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::extract::SmallJson;
use crate::problems::problems;
use crate::source::Source;

/// Longest policy version, in characters.
const POLICY_VERSION_MAX_CHARS: usize = 64;

/// The person's explicit agreement to biometric processing.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ConsentBody {
    /// The version of the text the person agreed to.
    #[schema(example = "2026-11", min_length = 1, max_length = 64)]
    policy_version: String,
    /// Must be `true`.
    granted: bool,
}

impl ConsentBody {
    /// The version that was agreed to. `pointer` is where this stands in the request.
    pub(crate) fn agreed(self, pointer: &str) -> ApiResult<String> {
        let version = self.policy_version;
        if version.is_empty() || version.chars().count() > POLICY_VERSION_MAX_CHARS {
            return Err(ApiError::at(ErrorCode::InvalidField, format!("{pointer}/policy_version")));
        }
        if !self.granted {
            return Err(ApiError::at(ErrorCode::ConsentRequired, format!("{pointer}/granted")));
        }
        Ok(version)
    }
}

problems!(GrantProblems:
    MalformedJson, MissingField, InvalidField, TokenInvalid, TokenExpired, ConsentRequired,
    RequestTimeout, PayloadTooLarge, UnsupportedMediaType, RateLimited, InternalError,
    DatabaseUnavailable);

/// Grant consent
///
/// Records that the account holder agrees to a version of the policy: a newer one, or, with the
/// `enrolment_token` of an account that was reset, again after a withdrawal.
#[utoipa::path(
    post,
    path = "/me/consent",
    tag = "account",
    operation_id = "grant_consent",
    security(("access_token" = [])),
    request_body = ConsentBody,
    responses((status = 200, description = "Recorded.", body = RecordedConsentBody), GrantProblems),
)]
pub(crate) async fn grant_consent(
    context: web::Data<Context>,
    caller: AgreeingCaller,
    source: Source,
    body: SmallJson<ConsentBody>,
) -> ApiResult<web::Json<RecordedConsentBody>> {
    let policy_version = body.0.agreed("")?;
    let granted_at = context.now();
    let account = caller.enrolling(&context);
    account.grant_consent(&policy_version, granted_at).await?;
    let subject = Subject::Account(account.user());
    source.by(caller.actor()).log(EventKind::ConsentGranted, subject);
    Ok(web::Json(RecordedConsentBody { policy_version, granted_at, withdrawn_at: None }))
}

problems!(WithdrawProblems:
    TokenInvalid, TokenExpired, RateLimited, InternalError, DatabaseUnavailable);

/// Withdraw consent
///
/// Deletes every face of the account and ends every session at once. The name stays taken. The way
/// back is `POST /accounts/reset`: with its token the person grants consent anew and adds a face.
/// Who wants nothing to be left sends `DELETE /me` instead. Needs a sign-in within the last five
/// minutes.
#[utoipa::path(
    delete,
    path = "/me/consent",
    tag = "account",
    operation_id = "withdraw_consent",
    security(("access_token" = [])),
    responses((status = 204, description = "No face is left."), WithdrawProblems),
)]
pub(crate) async fn withdraw_consent(
    context: web::Data<Context>,
    caller: FreshCaller,
    source: Source,
) -> ApiResult<HttpResponse> {
    caller.account(&context).withdraw_consent(context.now()).await?;
    let subject = Subject::Account(caller.user());
    source.by(caller.actor()).log(EventKind::ConsentWithdrawn, subject);
    Ok(HttpResponse::NoContent().finish())
}
