//! `POST /me/passkeys`.

use actix_web::{HttpResponse, web};
use faceauth_usecases::Context;
use faceauth_usecases::passkeys::{self, Added};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::auth::FreshCaller;
use crate::error::ApiResult;
use crate::extract::SmallJson;
use crate::problems::problems;
use crate::source::Source;
use crate::wire::second_factor::{PasskeyBody, RegisterPasskeyRequest, passkey_name};

/// A passkey that was added.
#[derive(Serialize, ToSchema)]
pub(crate) struct AddPasskeyResponse {
    /// The passkey.
    passkey: PasskeyBody,
    /// Only when the account had none: ten codes, each good once in place of a passkey. They are
    /// shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["0123-4567-89AB-CDEF-GHJK-MNPQ"]))]
    recovery_codes: Option<Vec<String>>,
}

problems!(AddPasskeyProblems:
    body, account_holder, caller; MissingField, PasskeyRefused, SecondFactorUnavailable,
    PasskeyConflict, TransactionExpired, DatabaseUnavailable);

/// Add a passkey
///
/// Needs a sign-in within the last five minutes. From then on every sign-in asks for a passkey. An
/// account has at most ten.
#[utoipa::path(
    post,
    path = "/me/passkeys",
    tag = "account",
    operation_id = "add_passkey",
    security(("access_token" = [])),
    request_body = RegisterPasskeyRequest,
    responses(
        (status = 201, description = "Registered.", body = AddPasskeyResponse),
        AddPasskeyProblems,
    ),
)]
pub(crate) async fn add_passkey(
    context: web::Data<Context>,
    caller: FreshCaller,
    source: Source,
    body: SmallJson<RegisterPasskeyRequest>,
) -> ApiResult<HttpResponse> {
    let RegisterPasskeyRequest { transaction, name, credential } = body.0;
    let (name, answer) = (passkey_name(&name)?, Value::Object(credential).to_string());
    let origin = source.by(caller.actor());
    let account = caller.account(&context);
    let Added { passkey, recovery_codes } =
        passkeys::add(&context, account, &transaction, name, answer, &origin).await?;
    let passkey = passkey.into();
    Ok(HttpResponse::Created().json(AddPasskeyResponse { passkey, recovery_codes }))
}
