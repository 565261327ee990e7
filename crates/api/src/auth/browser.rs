//! The cookies of the login, and whether a request comes from our own page.
//!
//! Cookies are read and set by the endpoints of the login alone. Both have the prefix `__Host-`, so
//! that only this host can have set them, and over a connection that nobody else writes to.

use std::future::{Ready, ready};

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, dev};
use faceauth_domain::oauth::request::REQUEST_TTL;
use faceauth_usecases::events::Denied;
use url::Url;

use super::bearer::context;
use crate::error::{ApiError, ApiResult, ErrorCode};

/// Binds authorization requests to the browser that brought them.
const REQUEST_COOKIE: &str = "__Host-faceauth-request";
/// The login session of the browser.
const LOGIN_COOKIE: &str = "__Host-faceauth-login";

/// What a browser presents of itself.
#[derive(Default)]
pub(crate) struct Browser {
    /// The secret that binds requests to it.
    pub request: Option<String>,
    /// The secret of its login session.
    pub login: Option<String>,
}

impl FromRequest for Browser {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let value = |name| request.cookie(name).map(|cookie| cookie.value().to_owned());
        ready(Ok(Self { request: value(REQUEST_COOKIE), login: value(LOGIN_COOKIE) }))
    }
}

fn cookie(name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build(name, value)
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .finish()
}

/// The cookie that binds requests to a browser.
pub(crate) fn request_cookie(secret: String) -> Cookie<'static> {
    let mut cookie = cookie(REQUEST_COOKIE, secret);
    cookie.set_max_age(Duration::seconds(REQUEST_TTL.num_seconds()));
    cookie
}

/// The cookie of a login session. It goes when the browser is closed, and the session at its time.
pub(crate) fn login_cookie(secret: String) -> Cookie<'static> {
    cookie(LOGIN_COOKIE, secret)
}

/// Takes the cookie of the login session away.
pub(crate) fn no_login_cookie() -> Cookie<'static> {
    let mut cookie = cookie(LOGIN_COOKIE, String::new());
    cookie.set_max_age(Duration::ZERO);
    cookie
}

/// A request that no foreign page has made. Browsers say where a request comes from; other programs
/// have no cookies of a person.
pub(crate) struct OwnPage;

impl FromRequest for OwnPage {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(own_page(request))
    }
}

fn own_page(request: &HttpRequest) -> ApiResult<OwnPage> {
    let foreign = || {
        ApiError::new(ErrorCode::ForeignOrigin).denied(Denied::access("request_of_foreign_page"))
    };
    let header =
        |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or("?"));
    if header("sec-fetch-site").is_some_and(|site| !["same-origin", "none"].contains(&site)) {
        return Err(foreign());
    }
    if let Some(origin) = header(header::ORIGIN.as_str()) {
        let issuer = Url::parse(context(request)?.tokens.issuer());
        let issuer = issuer.map(|url| url.origin().ascii_serialization()).unwrap_or_default();
        // The service may be reached by another name than that of its tokens, as in development.
        let host = header(header::HOST.as_str()).unwrap_or_default();
        let here = origin.split_once("://").is_some_and(|(_, authority)| authority == host);
        if origin != issuer && !here {
            return Err(foreign());
        }
    }
    Ok(OwnPage)
}

/// Lets a request through only where this service is an OpenID Connect provider.
pub(crate) struct Provider;

impl FromRequest for Provider {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(context(request).and_then(|context| match context.oidc.enabled {
            true => Ok(Self),
            false => Err(ApiError::new(ErrorCode::NotFound)),
        }))
    }
}
