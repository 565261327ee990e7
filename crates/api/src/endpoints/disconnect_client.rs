//! `DELETE /me/clients/{client_id}`.

use actix_web::{HttpResponse, web};
use faceauth_domain::oauth::client::ClientId;
use faceauth_usecases::Context;
use faceauth_usecases::oauth::connected;

use crate::auth::FreshCaller;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::problems::problems;
use crate::source::Source;

problems!(DisconnectProblems: account_holder, caller; NotFound, DatabaseUnavailable);

/// Disconnect an app
///
/// Takes back what the account holder gave a client: its sessions end, and the person is asked before
/// the next sign-in to it. Needs a sign-in within the last five minutes.
#[utoipa::path(
    delete,
    path = "/me/clients/{client_id}",
    tag = "account",
    operation_id = "disconnect_client",
    security(("access_token" = [])),
    params(("client_id" = String, Path, description = "The client.", example = "shop")),
    responses((status = 204, description = "Disconnected."), DisconnectProblems),
)]
pub(crate) async fn disconnect_client(
    context: web::Data<Context>,
    caller: FreshCaller,
    source: Source,
    id: web::Path<String>,
) -> ApiResult<HttpResponse> {
    let not_found = || ApiError::new(ErrorCode::NotFound).detail("The account has no such client.");
    let account = caller.account(&context);
    let Ok(id) = id.parse::<ClientId>() else {
        // A text that is no id names no client. The caller's session is still checked.
        account.user().await?;
        return Err(not_found());
    };
    let origin = source.by(caller.actor());
    if connected::disconnect(&context, account, &id, &origin).await? {
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(not_found())
    }
}
