//! `GET /end-session`.

use actix_web::{HttpRequest, HttpResponse, web};
use faceauth_domain::oauth::parameters::Parameters;
use faceauth_domain::oauth::request::NoAnswer;
use faceauth_usecases::Context;
use faceauth_usecases::events::Actor;
use faceauth_usecases::oauth::logout::{self, LogoutAnswer};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::authorize::nowhere;
use crate::auth::browser::{Browser, Provider, no_login_cookie};
use crate::error::ApiResult;
use crate::problems::problems;
use crate::source::Source;
use crate::wire::oidc::{login_page, query, see_other};

/// A logout (OpenID Connect RP-Initiated Logout 1.0, 2).
#[derive(Deserialize, IntoParams, ToSchema)]
#[schema(example = json!({
    "id_token_hint": "eyJ0eXAiOiJKV1Qi...",
    "post_logout_redirect_uri": "https://timesheets.example.org/",
    "state": "af0ifjsldkj",
}))]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what the use case reads")]
pub(crate) struct LogoutParameters {
    /// The ID token of the session, however old. Without it the person is asked.
    id_token_hint: Option<String>,
    /// The client.
    client_id: Option<String>,
    /// Where the browser goes afterwards: an address that the client has registered.
    post_logout_redirect_uri: Option<String>,
    /// Comes back as it was sent.
    state: Option<String>,
    /// Languages of the page.
    ui_locales: Option<String>,
}

problems!(LogoutProblems: caller; NotFound, DatabaseUnavailable);

/// Log a browser out
///
/// Ends the login session of the browser and the session of the app. Without an ID token of that
/// session, the page asks the person first.
#[utoipa::path(
    get,
    path = "/end-session",
    tag = "oidc",
    operation_id = "log_out",
    security(()),
    params(LogoutParameters),
    responses(
        (status = 303, description = "To the app, or to the page."),
        LogoutProblems,
    ),
)]
pub(crate) async fn log_out(
    context: web::Data<Context>,
    _: Provider,
    source: Source,
    browser: Browser,
    request: HttpRequest,
) -> ApiResult<HttpResponse> {
    match query(&request) {
        Some(parameters) => answer(&context, source, browser, &parameters).await,
        None => Ok(nowhere(NoAnswer::Unreadable)),
    }
}

/// Where the browser goes.
pub(super) async fn answer(
    context: &Context,
    source: Source,
    browser: Browser,
    parameters: &Parameters,
) -> ApiResult<HttpResponse> {
    let origin = source.by(Actor::Anonymous);
    let cookie = browser.login.as_deref();
    Ok(match logout::log_out(context, parameters, cookie, &origin).await? {
        LogoutAnswer::Done { redirect_to } => {
            let page = || login_page("logout", "done");
            let mut answer = see_other(&redirect_to.unwrap_or_else(page));
            // Only a name or value that no header can hold is refused.
            let _ = answer.add_cookie(&no_login_cookie());
            answer
        }
        LogoutAnswer::Ask { logout } => see_other(&login_page("logout", &logout)),
        LogoutAnswer::Nowhere => nowhere(NoAnswer::RedirectUri),
    })
}
