//! `POST /register/passkey`.

use actix_web::{HttpResponse, web};
use faceauth_usecases::Context;
use faceauth_usecases::second_factor::{self, FirstPasskey};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::auth::ServiceCaller;
use crate::error::ApiResult;
use crate::extract::SmallJson;
use crate::problems::problems;
use crate::source::Source;
use crate::wire::second_factor::{RegisterPasskeyRequest, passkey_name};
use crate::wire::tokens::SignedInBody;

/// Somebody who is signed in and has a passkey now.
#[derive(Serialize, ToSchema)]
pub(crate) struct RegisterPasskeyResponse {
    #[serde(flatten)]
    signed_in: SignedInBody,
    /// Ten codes, each good once in place of a passkey. They are shown this once.
    #[schema(example = json!(["0123-4567-89AB-CDEF-GHJK-MNPQ"]))]
    recovery_codes: Vec<String>,
}

problems!(RegisterPasskeyProblems:
    body, caller; MissingField, AuthenticationFailed, PasskeyRefused, TokenInvalid,
    SecondFactorUnavailable, PasskeyConflict, TransactionExpired, DatabaseUnavailable);

/// Register the first passkey
///
/// Where everybody needs a passkey: completes the sign-in, or the enrolment, of a person who has
/// none yet.
#[utoipa::path(
    post,
    path = "/register/passkey",
    tag = "sign-in",
    operation_id = "register_passkey",
    security((), ("api_key" = [])),
    request_body = RegisterPasskeyRequest,
    responses(
        (status = 201, description = "Registered and signed in.", body = RegisterPasskeyResponse),
        RegisterPasskeyProblems,
    ),
)]
pub(crate) async fn register_passkey(
    context: web::Data<Context>,
    service: ServiceCaller,
    source: Source,
    body: SmallJson<RegisterPasskeyRequest>,
) -> ApiResult<HttpResponse> {
    let RegisterPasskeyRequest { transaction, name, credential } = body.0;
    let (name, answer) = (passkey_name(&name)?, Value::Object(credential).to_string());
    let origin = source.by(service.actor());
    let FirstPasskey { signed_in, recovery_codes } =
        second_factor::register_first(&context, &transaction, name, answer, &origin).await?;
    let signed_in = signed_in.into();
    Ok(HttpResponse::Created().json(RegisterPasskeyResponse { signed_in, recovery_codes }))
}
