//! `POST /end-session`.

use actix_web::{HttpResponse, web};
use faceauth_domain::oauth::request::NoAnswer;
use faceauth_usecases::Context;

use super::authorize::nowhere;
use super::log_out::{LogoutParameters, answer};
use crate::auth::browser::{Browser, Provider};
use crate::error::{ApiResult, OauthProblemResult};
use crate::extract::OauthForm;
use crate::problems::problems;
use crate::source::Source;

problems!(LogoutProblems: caller; NotFound, DatabaseUnavailable);

/// Log a browser out, by a form
///
/// The same as with GET.
#[utoipa::path(
    post,
    path = "/end-session",
    tag = "oidc",
    operation_id = "log_out_by_form",
    security(()),
    request_body(content = LogoutParameters, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 303, description = "To the app, or to the page."),
        LogoutProblems,
    ),
)]
pub(crate) async fn log_out_by_form(
    context: web::Data<Context>,
    _: Provider,
    source: Source,
    browser: Browser,
    form: OauthProblemResult<OauthForm>,
) -> ApiResult<HttpResponse> {
    match form {
        Ok(OauthForm(parameters)) => answer(&context, source, browser, &parameters).await,
        Err(_) => Ok(nowhere(NoAnswer::Unreadable)),
    }
}
