//! `DELETE /me`.

use actix_web::{HttpResponse, web};
use faceauth_usecases::Context;
use faceauth_usecases::events::{EventKind, Subject};

use crate::auth::FreshCaller;
use crate::error::ApiResult;
use crate::problems::problems;
use crate::source::Source;

problems!(EraseProblems: account_holder, caller; DatabaseUnavailable);

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
    responses((status = 204, description = "Nothing is left."), EraseProblems),
)]
pub(crate) async fn erase_me(
    context: web::Data<Context>,
    caller: FreshCaller,
    source: Source,
) -> ApiResult<HttpResponse> {
    caller.account(&context).erase(context.now()).await?;
    source.by(caller.actor()).log(EventKind::Erased, Subject::Account(caller.user()));
    Ok(HttpResponse::NoContent().finish())
}
