//! `POST /invitations/read`.

use actix_web::web;
use chrono::{DateTime, Utc};
use faceauth_usecases::{Context, invitation};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::ApiResult;
use crate::extract::SmallJson;
use crate::problems::problems;
use crate::wire::invitation::parse_invitation;

/// An invitation. In the body and not in the path, which is logged.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ReadInvitationRequest {
    /// Its secret.
    #[schema(example = "fi_...", max_length = 128)]
    invitation: String,
}

/// What an invitation is good for.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReadInvitationResponse {
    /// The name that its holder may register.
    #[schema(example = "ada")]
    username: String,
    /// The time at which it becomes invalid.
    expires_at: DateTime<Utc>,
}

problems!(ReadInvitationProblems:
    body, caller; MissingField, EnrolmentNotAllowed, InvitationInvalid, InvitationExpired,
    DatabaseUnavailable);

/// Read an invitation
///
/// For pages and apps that open a link: whom the invitation is for, and whether it is good. Uses
/// nothing up. An invitation that was used, replaced or taken back is answered like one that never
/// was.
#[utoipa::path(
    post,
    path = "/invitations/read",
    tag = "sign-in",
    operation_id = "read_invitation",
    security(()),
    request_body = ReadInvitationRequest,
    responses(
        (status = 200, description = "It is good.", body = ReadInvitationResponse),
        ReadInvitationProblems,
    ),
)]
pub(crate) async fn read_invitation(
    context: web::Data<Context>,
    body: SmallJson<ReadInvitationRequest>,
) -> ApiResult<web::Json<ReadInvitationResponse>> {
    let secret = parse_invitation(body.0.invitation)?;
    let invitation = invitation::read(&context, &secret).await?;
    Ok(web::Json(ReadInvitationResponse {
        username: invitation.username.as_str().to_owned(),
        expires_at: invitation.expires_at,
    }))
}
