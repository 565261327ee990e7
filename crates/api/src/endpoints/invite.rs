//! `POST /invitations`.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::scope::Scope;
use faceauth_usecases::events::{EventKind, Subject};
use faceauth_usecases::{Context, Error, invitation};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::ServiceCaller;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::extract::SmallJson;
use crate::problems::problems;
use crate::source::Source;
use crate::wire::username::parse_username;

/// Whom to invite.
#[derive(Deserialize, ToSchema)]
pub(crate) struct InviteRequest {
    /// The name that the person will have. It has no account.
    #[schema(example = "ada", min_length = 1, max_length = 128, pattern = "^[A-Za-z0-9._@+-]+$")]
    username: String,
    /// Seconds until the invitation becomes invalid; a week when absent.
    #[schema(example = 604_800, minimum = 60, maximum = 2_592_000)]
    expires_in: Option<u32>,
}

/// An invitation.
#[derive(Serialize, ToSchema)]
pub(crate) struct InviteResponse {
    /// The name that it is for.
    #[schema(example = "ada")]
    username: String,
    /// The secret that `/register` takes, once. The next invitation for the name makes it invalid.
    /// Give it only to the person.
    #[schema(example = "fi_...")]
    invitation: String,
    /// The link to the page with the secret, where the service knows the address of the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://faceauth.example.org/#invite=fi_...")]
    link: Option<String>,
    /// The time at which it becomes invalid.
    expires_at: DateTime<Utc>,
}

problems!(InviteProblems:
    body, caller; MissingField, TokenInvalid, InsufficientScope, EnrolmentNotAllowed, UsernameTaken,
    DatabaseUnavailable);

/// Invite a person
///
/// Makes an invitation, with which the person enrols under this name, once. They show their face
/// themselves, with liveness where the service asks for it. Takes back an earlier invitation for
/// the name. Needs the scope `invite`, and a service where invitations count.
#[utoipa::path(
    post,
    path = "/invitations",
    tag = "services",
    operation_id = "invite",
    security(("api_key" = ["invite"])),
    request_body = InviteRequest,
    responses((status = 201, description = "Invited.", body = InviteResponse), InviteProblems),
)]
pub(crate) async fn invite(
    context: web::Data<Context>,
    service: ServiceCaller,
    source: Source,
    body: SmallJson<InviteRequest>,
) -> ApiResult<HttpResponse> {
    service.require(Scope::Invite)?;
    let username = parse_username(&body.0.username)?;
    let ttl = lifetime(body.0.expires_in)?;
    invitation::permit(&context)?;
    let made_by = service.prefix().map(str::to_owned);
    let (fresh, new) =
        invitation::begin(username, made_by, ttl, context.now()).map_err(Error::from)?;
    if !context.store.invite(&new).await? {
        return Err(ApiError::at(ErrorCode::UsernameTaken, "/username"));
    }
    let name = Subject::of(&context.hashes, None, Some(&new.invitation.username));
    source.by(service.actor()).log(EventKind::Invited, name);
    Ok(HttpResponse::Created().json(InviteResponse {
        username: new.invitation.username.as_str().to_owned(),
        link: context.page_url.as_deref().map(|page| invitation::link(page, &fresh.secret)),
        invitation: fresh.secret.to_string(),
        expires_at: new.invitation.expires_at,
    }))
}

fn lifetime(seconds: Option<u32>) -> ApiResult<TimeDelta> {
    let ttl = seconds.map_or(invitation::DEFAULT_TTL, |s| TimeDelta::seconds(s.into()));
    if invitation::is_ttl(ttl) {
        return Ok(ttl);
    }
    Err(ApiError::at(ErrorCode::InvalidField, "/expires_in")
        .detail("An invitation lasts a minute to thirty days."))
}
