//! `POST /accounts/reset`.

use actix_web::web;
use faceauth_domain::scope::Scope;
use faceauth_usecases::events::{EventKind, Subject};
use faceauth_usecases::{Context, enrolment_token};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::ServiceCaller;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::extract::SmallJson;
use crate::problems::problems;
use crate::source::Source;
use crate::wire::user::UserBody;
use crate::wire::username::parse_username;

/// The account to reset. In the body and not in the path, which is logged.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ResetRequest {
    /// Its name.
    #[schema(example = "ada", min_length = 1, max_length = 128, pattern = "^[A-Za-z0-9._@+-]+$")]
    username: String,
}

/// An account that was reset.
#[derive(Serialize, ToSchema)]
pub(crate) struct ResetResponse {
    /// The account.
    user: UserBody,
    /// Valid for one `POST /me/faces`, as its bearer token, and before that for `POST /me/consent`.
    /// The next reset makes it invalid. Give it only to the person.
    #[schema(example = "eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl")]
    enrolment_token: String,
    /// Lifetime of the token in seconds.
    #[schema(example = 3600)]
    expires_in: i64,
}

problems!(ResetProblems:
    body, caller; MissingField, TokenInvalid, InsufficientScope, NotFound, DatabaseUnavailable);

/// Reset an account
///
/// For a person who can no longer sign in, after the service has made sure in another way who they
/// are. Removes every face from the account, ends its sessions, unlocks it, and answers a token
/// with which the person enrols a new face. Needs the scope `accounts:reset`.
#[utoipa::path(
    post,
    path = "/accounts/reset",
    tag = "services",
    operation_id = "reset_account",
    security(("api_key" = ["accounts:reset"])),
    request_body = ResetRequest,
    responses((status = 200, description = "Reset.", body = ResetResponse), ResetProblems),
)]
pub(crate) async fn reset_account(
    context: web::Data<Context>,
    service: ServiceCaller,
    source: Source,
    body: SmallJson<ResetRequest>,
) -> ApiResult<web::Json<ResetResponse>> {
    service.require(Scope::AccountsReset)?;
    let unknown = || ApiError::new(ErrorCode::NotFound).detail("There is no such account.");
    let username = parse_username(&body.0.username)?;
    let now = context.now();
    let token = enrolment_token::begin(now);
    let user = context.store.reset_account(&username.key(), &token, now).await?;
    let user = user.ok_or_else(unknown)?;
    source.by(service.actor()).log(EventKind::Reset, Subject::Account(user.id));
    Ok(web::Json(ResetResponse {
        enrolment_token: enrolment_token::issue(&context, user.id, &token, now)?,
        expires_in: enrolment_token::TTL.num_seconds(),
        user: user.into(),
    }))
}
