//! `POST /authorize`.

use actix_web::{HttpResponse, web};
use faceauth_domain::oauth::request::NoAnswer;
use faceauth_usecases::Context;

use super::authorize::{AuthorizationParameters, answer, nowhere};
use crate::auth::browser::{Browser, Provider};
use crate::error::{ApiResult, OauthProblemResult};
use crate::extract::OauthForm;
use crate::problems::problems;
use crate::source::Source;

problems!(AuthorizeProblems: caller; NotFound, DatabaseUnavailable);

/// Begin a sign-in for an app, by a form
///
/// The same as with GET, for requests that are too long for an address.
#[utoipa::path(
    post,
    path = "/authorize",
    tag = "oidc",
    operation_id = "authorize_by_form",
    security(()),
    request_body(
        content = AuthorizationParameters,
        content_type = "application/x-www-form-urlencoded",
    ),
    responses(
        (status = 303, description = "To the login page, or back to the app."),
        AuthorizeProblems,
    ),
)]
pub(crate) async fn authorize_by_form(
    context: web::Data<Context>,
    _: Provider,
    source: Source,
    browser: Browser,
    form: OauthProblemResult<OauthForm>,
) -> ApiResult<HttpResponse> {
    match form {
        Ok(OauthForm(parameters)) => answer(&context, source, browser, parameters).await,
        Err(_) => Ok(nowhere(NoAnswer::Unreadable)),
    }
}
