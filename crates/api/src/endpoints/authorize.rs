//! `GET /authorize`.

use actix_web::{HttpRequest, HttpResponse, web};
use faceauth_domain::oauth::parameters::Parameters;
use faceauth_domain::oauth::request::NoAnswer;
use faceauth_usecases::Context;
use faceauth_usecases::events::Actor;
use faceauth_usecases::oauth::authorize::{self, Authorization, BrowserSecrets};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::auth::browser::{Browser, Provider, request_cookie};
use crate::error::ApiResult;
use crate::problems::problems;
use crate::source::Source;
use crate::wire::oidc::{login_page, query, see_other};

/// An authorization request (OpenID Connect Core, 3.1.2.1).
#[derive(Deserialize, IntoParams, ToSchema)]
#[schema(example = json!({
    "client_id": "timesheets",
    "response_type": "code",
    "redirect_uri": "https://timesheets.example.org/callback",
    "scope": "openid profile",
    "state": "af0ifjsldkj",
    "nonce": "n-0S6_WzA2Mj",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}))]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what the domain reads")]
pub(crate) struct AuthorizationParameters {
    /// The client.
    client_id: String,
    /// `code`. Not needed with `request_uri`.
    response_type: Option<String>,
    /// Where the answer goes: an address that the client has registered, character by character.
    redirect_uri: Option<String>,
    /// `openid`, and `profile` and `offline_access` where wanted.
    scope: Option<String>,
    /// Comes back as it was sent.
    state: Option<String>,
    /// Stands in the ID token as it was sent.
    nonce: Option<String>,
    /// SHA-256 of the code verifier, in base64url.
    code_challenge: Option<String>,
    /// `S256`.
    code_challenge_method: Option<String>,
    /// `none`, `login`, `consent`, `select_account`, `create`.
    prompt: Option<String>,
    /// How many seconds ago the sign-in may be.
    max_age: Option<u32>,
    /// How strong the sign-in has to be: one of these classes, or more.
    acr_values: Option<String>,
    /// Who will sign in.
    login_hint: Option<String>,
    /// Languages of the page.
    ui_locales: Option<String>,
    /// The address of a pushed request; then only `client_id` stands beside it.
    request_uri: Option<String>,
}

problems!(AuthorizeProblems: caller; NotFound, DatabaseUnavailable);

/// Begin a sign-in for an app
///
/// Sends the browser to the login page, and the page later back to the app. What is wrong with the
/// request goes back to the app. When the app or its address is unknown, the browser stays here.
#[utoipa::path(
    get,
    path = "/authorize",
    tag = "oidc",
    operation_id = "authorize",
    security(()),
    params(AuthorizationParameters),
    responses(
        (status = 303, description = "To the login page, or back to the app."),
        AuthorizeProblems,
    ),
)]
pub(crate) async fn authorize(
    context: web::Data<Context>,
    _: Provider,
    source: Source,
    browser: Browser,
    request: HttpRequest,
) -> ApiResult<HttpResponse> {
    match query(&request) {
        Some(parameters) => answer(&context, source, browser, parameters).await,
        None => Ok(nowhere(NoAnswer::Unreadable)),
    }
}

/// The page says that the request has no address that an answer may go to.
pub(super) fn nowhere(reason: NoAnswer) -> HttpResponse {
    see_other(&login_page("error", reason.as_str()))
}

/// Where the browser goes.
pub(super) async fn answer(
    context: &Context,
    source: Source,
    browser: Browser,
    parameters: Parameters,
) -> ApiResult<HttpResponse> {
    let secrets =
        BrowserSecrets { request: browser.request.as_deref(), login: browser.login.as_deref() };
    let origin = source.by(Actor::Anonymous);
    Ok(match authorize::authorize(context, parameters, secrets, &origin).await? {
        Authorization::Ask { request, browser } => {
            let mut answer = see_other(&login_page("request", &request));
            // Only a name or value that no header can hold is refused; ours are base64url.
            let _ = answer.add_cookie(&request_cookie(browser));
            answer
        }
        Authorization::Answer { redirect_to } => see_other(&redirect_to),
        Authorization::Nowhere(reason) => nowhere(reason),
    })
}
