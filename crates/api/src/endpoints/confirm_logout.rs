//! `POST /login/logout`.

use actix_web::{HttpResponse, web};
use faceauth_usecases::Context;
use faceauth_usecases::events::Actor;
use faceauth_usecases::oauth::logout;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::browser::{Browser, OwnPage, Provider, no_login_cookie};
use crate::error::ApiResult;
use crate::extract::SmallJson;
use crate::problems::problems;
use crate::source::Source;

/// The person wants to be logged out.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ConfirmLogoutRequest {
    /// `logout` of the page's address.
    #[schema(example = "eyJ0eXAiOiJsb2dvdXQrand0Ii...")]
    logout: String,
}

/// A browser that is logged out.
#[derive(Serialize, ToSchema)]
pub(crate) struct LoggedOutBody {
    /// Where it goes, if the app has said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://timesheets.example.org/")]
    redirect_to: Option<String>,
}

problems!(ConfirmProblems: body, caller;
    MissingField, NotFound, ForeignOrigin, AuthorizationExpired, DatabaseUnavailable);

/// Confirm a logout
///
/// For the login page, when it has asked the person.
#[utoipa::path(
    post,
    path = "/login/logout",
    tag = "oidc",
    operation_id = "confirm_logout",
    security(()),
    request_body = ConfirmLogoutRequest,
    responses(
        (status = 200, description = "The browser is logged out.", body = LoggedOutBody),
        ConfirmProblems,
    ),
)]
pub(crate) async fn confirm_logout(
    context: web::Data<Context>,
    _: Provider,
    _: OwnPage,
    source: Source,
    browser: Browser,
    body: SmallJson<ConfirmLogoutRequest>,
) -> ApiResult<HttpResponse> {
    let origin = source.by(Actor::Anonymous);
    let cookie = browser.login.as_deref();
    let redirect_to = logout::confirm(&context, &body.0.logout, cookie, &origin).await?;
    Ok(HttpResponse::Ok().cookie(no_login_cookie()).json(LoggedOutBody { redirect_to }))
}
