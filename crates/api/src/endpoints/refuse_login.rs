//! `POST /login/refuse`.

use actix_web::web;
use faceauth_usecases::Context;
use faceauth_usecases::events::Actor;
use faceauth_usecases::oauth::login::{self, PresentedRequest};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::auth::browser::{Browser, OwnPage, Provider};
use crate::error::ApiResult;
use crate::extract::SmallJson;
use crate::problems::problems;
use crate::source::Source;
use crate::wire::oidc::RedirectBody;

/// The person does not let the app sign them in.
#[derive(Deserialize, ToSchema)]
pub(crate) struct RefuseRequest {
    /// `request` of the page's address.
    #[schema(example = "tGzv3JOkF0XG5Qx2TlKWIAtGzv3JOkF0XG5Qx2TlKWI")]
    request: String,
}

problems!(RefuseProblems: body, caller;
    MissingField, NotFound, ForeignOrigin, AuthorizationExpired, DatabaseUnavailable);

/// Refuse an app
///
/// For the login page. The app is told `access_denied`.
#[utoipa::path(
    post,
    path = "/login/refuse",
    tag = "oidc",
    operation_id = "refuse_login",
    security(()),
    request_body = RefuseRequest,
    responses(
        (status = 200, description = "Where the browser goes.", body = RedirectBody),
        RefuseProblems,
    ),
)]
pub(crate) async fn refuse_login(
    context: web::Data<Context>,
    _: Provider,
    _: OwnPage,
    source: Source,
    browser: Browser,
    body: SmallJson<RefuseRequest>,
) -> ApiResult<web::Json<RedirectBody>> {
    let request = &body.0.request;
    let presented = PresentedRequest { request, browser: browser.request.as_deref() };
    let origin = source.by(Actor::Anonymous);
    let redirect_to = login::refuse(&context, &presented, &origin).await?;
    Ok(web::Json(RedirectBody { redirect_to }))
}
