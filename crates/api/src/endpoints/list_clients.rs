//! `GET /me/clients`.

use actix_web::web;
use faceauth_usecases::Context;
use faceauth_usecases::oauth::connected;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::error::ApiResult;
use crate::problems::problems;
use crate::wire::client::ConnectedClientBody;

/// The clients that the account holder has signed in to.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConnectedClientsResponse {
    /// The last used first.
    clients: Vec<ConnectedClientBody>,
}

problems!(ListProblems: account_holder, caller; DatabaseUnavailable);

/// Connected apps
///
/// The clients that the account holder has signed in to by OpenID Connect, and what each was given.
#[utoipa::path(
    get,
    path = "/me/clients",
    tag = "account",
    operation_id = "list_clients",
    security(("access_token" = [])),
    responses(
        (status = 200, description = "The clients.", body = ConnectedClientsResponse),
        ListProblems,
    ),
)]
pub(crate) async fn list_clients(
    context: web::Data<Context>,
    caller: Caller,
) -> ApiResult<web::Json<ConnectedClientsResponse>> {
    let clients = connected::list(&context, caller.account(&context)).await?;
    let clients = clients.into_iter().map(Into::into).collect();
    Ok(web::Json(ConnectedClientsResponse { clients }))
}
