//! `DELETE /me/sessions/{id}`.

use actix_web::{HttpResponse, web};
use faceauth_usecases::Context;
use faceauth_usecases::events::{EventKind, Subject};
use uuid::Uuid;

use crate::auth::FreshCaller;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::problems::problems;
use crate::source::Source;

problems!(EndProblems: account_holder, caller; NotFound, DatabaseUnavailable);

/// End a session
///
/// The session may be of any device. It can no longer be renewed, and `/me` refuses its access
/// tokens. Verifiers that check only the signature accept them until they expire. Needs a sign-in
/// within the last five minutes.
#[utoipa::path(
    delete,
    path = "/me/sessions/{id}",
    tag = "account",
    operation_id = "end_session",
    security(("access_token" = [])),
    params(("id" = Uuid, Path, description = "The session.")),
    responses((status = 204, description = "Ended."), EndProblems),
)]
pub(crate) async fn end_session(
    context: web::Data<Context>,
    caller: FreshCaller,
    source: Source,
    id: web::Path<String>,
) -> ApiResult<HttpResponse> {
    let not_found =
        || ApiError::new(ErrorCode::NotFound).detail("The account has no such session.");
    // A text that is not an id names no session. The caller's own session is still checked.
    let id: Uuid = id.parse().unwrap_or_default();
    if caller.account(&context).end_session(id, context.now()).await? {
        source.by(caller.actor()).log(EventKind::SessionEnded, Subject::Account(caller.user()));
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(not_found())
    }
}
