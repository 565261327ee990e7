//! `POST /verify/recovery-code`.

use actix_web::web;
use faceauth_usecases::{Context, second_factor};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::auth::ServiceCaller;
use crate::error::ApiResult;
use crate::extract::SmallJson;
use crate::problems::problems;
use crate::source::Source;
use crate::wire::tokens::SignedInBody;

/// A recovery code in place of a passkey.
#[derive(Deserialize, ToSchema)]
pub(crate) struct VerifyRecoveryCodeRequest {
    /// Of `/verify`.
    #[schema(example = "VGhpcyBpcyBub3QgYSByZWFsIHRyYW5zYWN0aW9uLi4")]
    transaction: String,
    /// One of the codes. Case, blanks and dashes do not count.
    #[schema(example = "0123-4567-89AB-CDEF-GHJK-MNPQ")]
    code: String,
}

problems!(RecoveryProblems:
    body, caller; MissingField, AuthenticationFailed, RecoveryCodeRefused, TokenInvalid,
    SecondFactorUnavailable, TransactionExpired, DatabaseUnavailable);

/// Sign in with a recovery code
///
/// For a person who has lost every passkey. It completes a sign-in after the face, and the code is
/// good no more. `amr` of the token has no `mfa`.
#[utoipa::path(
    post,
    path = "/verify/recovery-code",
    tag = "sign-in",
    operation_id = "verify_recovery_code",
    security((), ("api_key" = [])),
    request_body = VerifyRecoveryCodeRequest,
    responses((status = 200, description = "Signed in.", body = SignedInBody), RecoveryProblems),
)]
pub(crate) async fn verify_recovery_code(
    context: web::Data<Context>,
    service: ServiceCaller,
    source: Source,
    body: SmallJson<VerifyRecoveryCodeRequest>,
) -> ApiResult<web::Json<SignedInBody>> {
    let VerifyRecoveryCodeRequest { transaction, code } = body.0;
    let origin = source.by(service.actor());
    let signed_in = second_factor::by_recovery_code(&context, &transaction, &code, &origin).await?;
    Ok(web::Json(signed_in.into()))
}
