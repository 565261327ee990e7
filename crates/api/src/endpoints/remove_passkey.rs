//! `DELETE /me/passkeys/{id}`.

use actix_web::{HttpResponse, web};
use faceauth_usecases::{Context, passkeys};
use uuid::Uuid;

use crate::auth::FreshCaller;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::problems::problems;
use crate::source::Source;

problems!(RemoveProblems:
    account_holder, caller; NotFound, PasskeyConflict, DatabaseUnavailable);

/// Remove a passkey
///
/// Needs a sign-in within the last five minutes. With the last one, the recovery codes go too. Where
/// everybody needs a passkey, the last one stays.
#[utoipa::path(
    delete,
    path = "/me/passkeys/{id}",
    tag = "account",
    operation_id = "remove_passkey",
    security(("access_token" = [])),
    params(("id" = Uuid, Path, description = "Identifier of the passkey.")),
    responses((status = 204, description = "Removed."), RemoveProblems),
)]
pub(crate) async fn remove_passkey(
    context: web::Data<Context>,
    caller: FreshCaller,
    source: Source,
    id: web::Path<String>,
) -> ApiResult<HttpResponse> {
    // A text that is not an id names no passkey. The caller's session is still checked.
    let id: Uuid = id.parse().unwrap_or_default();
    let origin = source.by(caller.actor());
    if passkeys::remove(&context, caller.account(&context), id, &origin).await? {
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(ApiError::new(ErrorCode::NotFound).detail("The account has no such passkey."))
    }
}
