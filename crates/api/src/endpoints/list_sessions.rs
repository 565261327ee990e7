//! `/me/sessions`.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use faceauth_usecases::Context;
use faceauth_usecases::events::{EventKind, Subject};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{Caller, FreshCaller};
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::problems::problems;
use crate::source::Source;

/// Where the account is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionsResponse {
    /// The newest first.
    sessions: Vec<LiveSessionBody>,
}

/// A session that can be renewed.
#[derive(Serialize, ToSchema)]
pub(crate) struct LiveSessionBody {
    /// The session, `sid` of tokens.
    id: Uuid,
    /// Whether it is the caller's own.
    current: bool,
    /// When the face was shown.
    auth_time: DateTime<Utc>,
    /// What was shown.
    #[schema(example = "urn:faceauth:acr:face-liveness")]
    acr: String,
    /// When it was last renewed.
    renewed_at: DateTime<Utc>,
    /// When it ends unless it is renewed.
    expires_at: DateTime<Utc>,
}

problems!(ListProblems:
    TokenInvalid, TokenExpired, RateLimited, InternalError, DatabaseUnavailable);

/// Sessions
#[utoipa::path(
    get,
    path = "/me/sessions",
    tag = "account",
    operation_id = "list_sessions",
    security(("access_token" = [])),
    responses(
        (status = 200, description = "Those that can be renewed.", body = SessionsResponse),
        ListProblems,
    ),
)]
pub(crate) async fn list_sessions(
    context: web::Data<Context>,
    caller: Caller,
) -> ApiResult<web::Json<SessionsResponse>> {
    let sessions = caller.account(&context).sessions(context.now()).await?;
    let sessions = sessions
        .into_iter()
        .map(|session| LiveSessionBody {
            id: session.session,
            current: session.session == caller.session(),
            auth_time: session.auth_time,
            acr: session.acr,
            renewed_at: session.issued_at,
            expires_at: session.expires_at,
        })
        .collect();
    Ok(web::Json(SessionsResponse { sessions }))
}

problems!(EndProblems:
    TokenInvalid, TokenExpired, NotFound, RateLimited, InternalError, DatabaseUnavailable);

/// End a session
///
/// Of whatever device. It cannot be renewed any more, and its access tokens open nothing under
/// `/me`. Who verifies them by signature alone takes them until they expire. Needs a sign-in within the last five minutes.
#[utoipa::path(
    delete,
    path = "/me/sessions/{id}",
    tag = "account",
    operation_id = "end_session",
    security(("access_token" = [])),
    params(("id" = Uuid, Path, description = "The session.")),
    responses((status = 204, description = "Ended."), EndProblems),
)]
pub(crate) async fn end_session(
    context: web::Data<Context>,
    caller: FreshCaller,
    source: Source,
    id: web::Path<String>,
) -> ApiResult<HttpResponse> {
    let not_found =
        || ApiError::new(ErrorCode::NotFound).detail("The account has no such session.");
    // What is no id names no session; the caller's own is checked all the same.
    let id: Uuid = id.parse().unwrap_or_default();
    if caller.account(&context).end_session(id, context.now()).await? {
        source.by(caller.actor()).log(EventKind::SessionEnded, Subject::Account(caller.user()));
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(not_found())
    }
}
