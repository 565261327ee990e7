//! `GET /me/sessions`.

use actix_web::web;
use chrono::{DateTime, Utc};
use faceauth_usecases::Context;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::Caller;
use crate::error::ApiResult;
use crate::problems::problems;

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
    /// The app that it was begun for. Absent: this service's own page, or a program.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "timesheets")]
    client_id: Option<String>,
}

problems!(ListProblems: account_holder, caller; DatabaseUnavailable);

/// Sessions
///
/// Where the account is signed in, and until when. Never a token.
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
            client_id: session.client_id,
        })
        .collect();
    Ok(web::Json(SessionsResponse { sessions }))
}
