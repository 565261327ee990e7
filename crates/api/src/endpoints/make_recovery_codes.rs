//! `POST /me/recovery-codes`.

use actix_web::{HttpResponse, web};
use faceauth_usecases::{Context, passkeys};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::FreshCaller;
use crate::error::ApiResult;
use crate::problems::problems;
use crate::source::Source;

/// New recovery codes.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodesResponse {
    /// Ten codes, each good once in place of a passkey. They are shown this once.
    #[schema(example = json!(["0123-4567-89AB-CDEF-GHJK-MNPQ"]))]
    recovery_codes: Vec<String>,
}

problems!(CodesProblems:
    account_holder, caller; SecondFactorUnavailable, SecondFactorMissing, DatabaseUnavailable);

/// Make new recovery codes
///
/// Needs a sign-in within the last five minutes, and a passkey. The old codes are good no more.
#[utoipa::path(
    post,
    path = "/me/recovery-codes",
    tag = "account",
    operation_id = "make_recovery_codes",
    security(("access_token" = [])),
    responses(
        (status = 201, description = "Made.", body = RecoveryCodesResponse),
        CodesProblems,
    ),
)]
pub(crate) async fn make_recovery_codes(
    context: web::Data<Context>,
    caller: FreshCaller,
    source: Source,
) -> ApiResult<HttpResponse> {
    let origin = source.by(caller.actor());
    let recovery_codes =
        passkeys::make_recovery_codes(&context, caller.account(&context), &origin).await?;
    Ok(HttpResponse::Created().json(RecoveryCodesResponse { recovery_codes }))
}
