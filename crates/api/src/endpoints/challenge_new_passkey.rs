//! `POST /me/passkeys/challenge`.

use actix_web::web;
use faceauth_usecases::{Context, passkeys};

use crate::auth::FreshCaller;
use crate::error::ApiResult;
use crate::problems::problems;
use crate::wire::second_factor::SecondFactorBody;

problems!(NewPasskeyProblems:
    account_holder, caller; SecondFactorUnavailable, PasskeyConflict, DatabaseUnavailable);

/// Begin to add a passkey
///
/// Needs a sign-in within the last five minutes. Answer at `/me/passkeys`.
#[utoipa::path(
    post,
    path = "/me/passkeys/challenge",
    tag = "account",
    operation_id = "challenge_new_passkey",
    security(("access_token" = [])),
    responses(
        (status = 200, description = "What the browser is asked for.", body = SecondFactorBody),
        NewPasskeyProblems,
    ),
)]
pub(crate) async fn challenge_new_passkey(
    context: web::Data<Context>,
    caller: FreshCaller,
) -> ApiResult<web::Json<SecondFactorBody>> {
    let asked = passkeys::begin(&context, caller.account(&context)).await?;
    Ok(web::Json(SecondFactorBody::new(asked)?))
}
