//! `DELETE /me/consent`.

use actix_web::{HttpResponse, web};
use faceauth_usecases::Context;
use faceauth_usecases::events::{EventKind, Subject};

use crate::auth::FreshCaller;
use crate::error::ApiResult;
use crate::problems::problems;
use crate::source::Source;

problems!(WithdrawProblems: account_holder, caller; DatabaseUnavailable);

/// Withdraw consent
///
/// Deletes every face of the account and ends every session at once. The name stays taken. The way
/// back is `POST /accounts/reset`: with its token the person grants consent anew and adds a face.
/// To delete everything, send `DELETE /me` instead. Needs a sign-in within the last five minutes.
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
