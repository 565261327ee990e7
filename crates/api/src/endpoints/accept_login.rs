//! `POST /login/accept`.

use actix_web::{HttpRequest, HttpResponse, web};
use faceauth_usecases::Context;
use faceauth_usecases::events::Actor;
use faceauth_usecases::oauth::login::{self, AcceptWith, PresentedRequest};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::auth::browser::{Browser, OwnPage, Provider, login_cookie};
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::extract::SmallJson;
use crate::problems::problems;
use crate::source::Source;
use crate::wire::oidc::RedirectBody;

/// The person lets the app sign them in.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AcceptRequest {
    /// `request` of the page's address.
    #[schema(example = "tGzv3JOkF0XG5Qx2TlKWIAtGzv3JOkF0XG5Qx2TlKWI")]
    request: String,
    /// Whether the person agrees to what the app is given. Needed when `needs_consent` says so.
    #[serde(default)]
    #[schema(example = true)]
    consent: bool,
}

problems!(AcceptProblems: body, account_holder, caller;
    MissingField, NotFound, ForeignOrigin, StepUpRequired, ClientConsentRequired,
    AuthorizationExpired, DatabaseUnavailable);

/// Let an app sign a person in
///
/// For the login page. With the access token of a sign-in that the page has just made, the session
/// of that token ends and becomes the login session of the browser, a cookie. Without a token, the
/// login session that `signed_in` offered is used. Its cookie gets a new secret in both cases.
#[utoipa::path(
    post,
    path = "/login/accept",
    tag = "oidc",
    operation_id = "accept_login",
    security((), ("access_token" = [])),
    request_body = AcceptRequest,
    responses(
        (status = 200, description = "Where the browser goes.", body = RedirectBody),
        AcceptProblems,
    ),
)]
pub(crate) async fn accept_login(
    context: web::Data<Context>,
    _: Provider,
    _: OwnPage,
    source: Source,
    browser: Browser,
    request: HttpRequest,
    body: SmallJson<AcceptRequest>,
) -> ApiResult<HttpResponse> {
    let caller = Caller::if_any(&request)?;
    let (with, actor) = match (&caller, &browser.login) {
        (Some(caller), _) => (AcceptWith::Session(caller.token_session()), caller.actor()),
        (None, Some(cookie)) => (AcceptWith::Login(cookie), Actor::Anonymous),
        (None, None) => {
            return Err(ApiError::new(ErrorCode::TokenInvalid).detail(
                "Nobody is signed in in this browser: send the access token of a sign-in.",
            ));
        }
    };
    let AcceptRequest { request, consent } = body.0;
    let presented = PresentedRequest { request: &request, browser: browser.request.as_deref() };
    let replaced = browser.login.as_deref();
    let origin = source.by(actor);
    let accepted = login::accept(&context, &presented, with, replaced, consent, &origin).await?;
    Ok(HttpResponse::Ok()
        .cookie(login_cookie(accepted.login))
        .json(RedirectBody { redirect_to: accepted.redirect_to }))
}
