//! `GET /me/passkeys`.

use actix_web::web;
use faceauth_store::passkeys::Passkeys;
use faceauth_usecases::{Context, passkeys};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::error::ApiResult;
use crate::problems::problems;
use crate::wire::second_factor::PasskeyBody;

/// The second factors of an account.
#[derive(Serialize, ToSchema)]
pub(crate) struct PasskeysResponse {
    /// Oldest first.
    passkeys: Vec<PasskeyBody>,
    /// Recovery codes that nobody has used.
    #[schema(example = 10)]
    recovery_codes_left: i64,
}

problems!(ListProblems: account_holder, caller; DatabaseUnavailable);

/// Passkeys
///
/// The passkeys of the account, and how many recovery codes are left. Never a key or a code.
#[utoipa::path(
    get,
    path = "/me/passkeys",
    tag = "account",
    operation_id = "list_passkeys",
    security(("access_token" = [])),
    responses(
        (status = 200, description = "Never their keys.", body = PasskeysResponse),
        ListProblems,
    ),
)]
pub(crate) async fn list_passkeys(
    context: web::Data<Context>,
    caller: Caller,
) -> ApiResult<web::Json<PasskeysResponse>> {
    let Passkeys { passkeys, recovery_codes_left } =
        passkeys::list(caller.account(&context)).await?;
    let passkeys = passkeys.into_iter().map(Into::into).collect();
    Ok(web::Json(PasskeysResponse { passkeys, recovery_codes_left }))
}
