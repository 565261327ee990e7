//! `POST /verify/passkey`.

use actix_web::web;
use faceauth_usecases::{Context, second_factor};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::auth::ServiceCaller;
use crate::error::ApiResult;
use crate::extract::SmallJson;
use crate::problems::problems;
use crate::source::Source;
use crate::wire::tokens::SignedInBody;
use crate::wire::webauthn::CredentialJson;

/// A passkey that was shown.
#[derive(Deserialize, ToSchema)]
pub(crate) struct VerifyPasskeyRequest {
    /// Of `/verify` or `/verify/passkey/challenge`.
    #[schema(example = "VGhpcyBpcyBub3QgYSByZWFsIHRyYW5zYWN0aW9uLi4")]
    transaction: String,
    /// What the browser answered to the options.
    #[schema(value_type = CredentialJson)]
    credential: Map<String, Value>,
}

problems!(PasskeyProblems:
    body, caller; MissingField, AuthenticationFailed, PasskeyRefused, TokenInvalid,
    SecondFactorUnavailable, TransactionExpired, DatabaseUnavailable);

/// Sign in with a passkey
///
/// Completes a sign-in: after the face, or alone when the transaction is of
/// `/verify/passkey/challenge`. The device has to verify its user. `acr` of the token says what was
/// shown, and `amr` has `mfa` when a face and a passkey were.
#[utoipa::path(
    post,
    path = "/verify/passkey",
    tag = "sign-in",
    operation_id = "verify_passkey",
    security((), ("api_key" = [])),
    request_body = VerifyPasskeyRequest,
    responses((status = 200, description = "Signed in.", body = SignedInBody), PasskeyProblems),
)]
pub(crate) async fn verify_passkey(
    context: web::Data<Context>,
    service: ServiceCaller,
    source: Source,
    body: SmallJson<VerifyPasskeyRequest>,
) -> ApiResult<web::Json<SignedInBody>> {
    let VerifyPasskeyRequest { transaction, credential } = body.0;
    let origin = source.by(service.actor());
    let answer = Value::Object(credential).to_string();
    let signed_in = second_factor::by_passkey(&context, &transaction, answer, &origin).await?;
    Ok(web::Json(signed_in.into()))
}
