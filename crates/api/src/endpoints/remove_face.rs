//! `DELETE /me/faces/{id}`.

use actix_web::{HttpResponse, web};
use faceauth_domain::template::TemplateId;
use faceauth_usecases::Context;
use faceauth_usecases::events::{EventKind, Subject};
use uuid::Uuid;

use crate::auth::FreshCaller;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::problems::problems;
use crate::source::Source;

problems!(RemoveProblems: account_holder, caller; NotFound, DatabaseUnavailable);

/// Remove a face
///
/// Needs a sign-in within the last five minutes. Without any face nobody can sign in.
#[utoipa::path(
    delete,
    path = "/me/faces/{id}",
    tag = "account",
    operation_id = "remove_face",
    security(("access_token" = [])),
    params(("id" = Uuid, Path, description = "Identifier of the face.")),
    responses((status = 204, description = "Removed."), RemoveProblems),
)]
pub(crate) async fn remove_face(
    context: web::Data<Context>,
    caller: FreshCaller,
    source: Source,
    id: web::Path<String>,
) -> ApiResult<HttpResponse> {
    let not_found = || ApiError::new(ErrorCode::NotFound).detail("The account has no such face.");
    // A text that is not an id names no face. The caller's session is still checked.
    let id: Uuid = id.parse().unwrap_or_default();
    if caller.account(&context).remove_face(TemplateId(id), context.now()).await? {
        source.by(caller.actor()).log(EventKind::FaceRemoved, Subject::Account(caller.user()));
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(not_found())
    }
}
