//! `GET /login/request`.

use actix_web::http::header::HeaderName;
use actix_web::{HttpRequest, web};
use faceauth_usecases::Context;
use faceauth_usecases::oauth::login::{self, PresentedRequest};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::browser::{Browser, OwnPage, Provider};
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::problems::problems;

/// Carries what the address of the page says, so that it stands in no log of addresses.
const REQUEST: HeaderName = HeaderName::from_static("authorization-request");

/// Who asks.
#[derive(Serialize, ToSchema)]
pub(crate) struct AskingClientBody {
    /// What the app is called.
    #[schema(example = "Timesheets")]
    name: String,
    /// Whether it belongs to the deployment itself.
    #[schema(example = false)]
    first_party: bool,
}

/// Who is signed in in this browser.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedInHereBody {
    /// The name of the account.
    #[schema(example = "ada")]
    username: String,
}

/// What the login page shows.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "client": {"name": "Timesheets", "first_party": false},
    "scopes": ["openid", "profile"],
    "login_hint": "ada",
    "ui_locales": ["en"],
    "prompt_create": false,
    "second_factor": false,
    "fresh_face": false,
    "signed_in": {"username": "ada"},
    "needs_consent": true,
    "expires_in": 600,
}))]
pub(crate) struct LoginRequestBody {
    /// Who asks.
    client: AskingClientBody,
    /// What the app is given.
    scopes: Vec<&'static str>,
    /// Who will sign in, as the app believes.
    #[serde(skip_serializing_if = "Option::is_none")]
    login_hint: Option<String>,
    /// Languages of the page, the first preferred.
    ui_locales: Vec<String>,
    /// Whether the person wants to enrol.
    prompt_create: bool,
    /// Whether a face alone is not enough: sign in with `second_factor`.
    second_factor: bool,
    /// Whether the app wants a new sign-in.
    fresh_face: bool,
    /// Who is signed in here, well enough to go on without another sign-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_in: Option<SignedInHereBody>,
    /// Whether the person has to agree to what the app is given.
    needs_consent: bool,
    /// Seconds until nobody can answer it.
    expires_in: u64,
}

problems!(ReadLoginProblems: caller;
    NotFound, InvalidField, ForeignOrigin, AuthorizationExpired, DatabaseUnavailable);

/// What an app asks for
///
/// For the login page. The header `Authorization-Request` carries what the address of the page
/// says, and a cookie shows that it is the browser that the app sent here.
#[utoipa::path(
    get,
    path = "/login/request",
    tag = "oidc",
    operation_id = "read_login",
    security(()),
    params(("Authorization-Request" = String, Header, description = "`request` of the page's address.")),
    responses(
        (status = 200, description = "What the page shows.", body = LoginRequestBody),
        ReadLoginProblems,
    ),
)]
pub(crate) async fn read_login(
    context: web::Data<Context>,
    _: Provider,
    _: OwnPage,
    browser: Browser,
    request: HttpRequest,
) -> ApiResult<web::Json<LoginRequestBody>> {
    let secret = request.headers().get(REQUEST).and_then(|value| value.to_str().ok());
    let secret = secret.ok_or_else(|| {
        ApiError::new(ErrorCode::InvalidField).detail("Send the header Authorization-Request.")
    })?;
    let presented = PresentedRequest { request: secret, browser: browser.request.as_deref() };
    let shown = login::show(&context, &presented, browser.login.as_deref()).await?;
    Ok(web::Json(LoginRequestBody {
        client: AskingClientBody { name: shown.client_name, first_party: shown.first_party },
        scopes: shown.scopes,
        login_hint: shown.login_hint,
        ui_locales: shown.ui_locales,
        prompt_create: shown.prompt_create,
        second_factor: shown.second_factor,
        fresh_face: shown.new_sign_in,
        signed_in: shown.signed_in.map(|username| SignedInHereBody { username }),
        needs_consent: shown.needs_consent,
        expires_in: shown.expires_in,
    }))
}
