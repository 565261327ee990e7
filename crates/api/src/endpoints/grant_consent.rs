//! `POST /me/consent`.

use actix_web::web;
use faceauth_usecases::Context;
use faceauth_usecases::events::{EventKind, Subject};

use crate::auth::AgreeingCaller;
use crate::error::ApiResult;
use crate::extract::SmallJson;
use crate::problems::problems;
use crate::source::Source;
use crate::wire::consent::{ConsentBody, RecordedConsentBody};

problems!(GrantProblems:
    body, account_holder, caller; MissingField, ConsentRequired, DatabaseUnavailable);

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
