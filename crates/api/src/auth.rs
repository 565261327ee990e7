//! Who is calling.

use std::future::{Future, Ready, ready};
use std::pin::Pin;

use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, dev, web};
use chrono::TimeDelta;
use faceauth_domain::scope::Scope;
use faceauth_domain::user::UserId;
use faceauth_store::account::{Account, Enrolling, EnrolmentRight, TokenSession};
use faceauth_store::api_keys::{ApiKey, KeyUse};
use faceauth_tokens::access::{AccessTokenError, Bearer};
use faceauth_usecases::events::{Actor, Denied, EventKind, Subject};
use faceauth_usecases::{Context, enrolment_token};
use uuid::Uuid;

use crate::api_key;
use crate::error::{ApiError, ApiResult, ErrorCode};

/// The header an API key is sent in. Not `Authorization`: a service may send a person's token
/// beside its own key.
pub(crate) const API_KEY_HEADER: &str = "x-api-key";

/// How long ago the person may have shown their face for an action that changes how
/// they are recognised, or erases them.
const FRESH_WITHIN: TimeDelta = TimeDelta::minutes(5);

/// The answer to a token that is valid but too old (RFC 9470).
const STEP_UP: &str = "Bearer error=\"insufficient_user_authentication\", \
                       error_description=\"Sign in again\", max_age=300";

/// A caller with a valid access token. Whether its session lives is checked with whatever is
/// asked of the account, which is reached through here alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller {
    session: TokenSession,
}

impl Caller {
    /// The account of the token.
    pub(crate) fn account<'a>(&self, context: &'a Context) -> Account<'a> {
        context.store.account(self.session)
    }

    /// Whom the token names, for the log.
    pub(crate) fn user(&self) -> UserId {
        self.session.user
    }

    /// The session the token is of.
    pub(crate) fn session(&self) -> Uuid {
        self.session.id
    }

    /// Who that is, in security events.
    pub(crate) fn actor(&self) -> Actor {
        Actor::Session(self.session.id)
    }
}

/// A caller who has signed in within the last five minutes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FreshCaller {
    caller: Caller,
}

impl FreshCaller {
    /// The account of the token.
    pub(crate) fn account<'a>(&self, context: &'a Context) -> Account<'a> {
        self.caller.account(context)
    }

    /// Whom the token names, for the log.
    pub(crate) fn user(&self) -> UserId {
        self.caller.user()
    }

    /// Who that is, in security events.
    pub(crate) fn actor(&self) -> Actor {
        self.caller.actor()
    }
}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(bearer(request).map(|bearer| Self { session: session(&bearer) }))
    }
}

impl FromRequest for FreshCaller {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(
            fresh_bearer(request)
                .map(|bearer| Self { caller: Caller { session: session(&bearer) } }),
        )
    }
}

/// Somebody who may add a face: a fresh caller, or who has an enrolment token of an account
/// that was reset.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EnrollingCaller {
    right: EnrolmentRight,
}

impl EnrollingCaller {
    /// The account of the token.
    pub(crate) fn enrolling<'a>(&self, context: &'a Context) -> Enrolling<'a> {
        context.store.enrolling(self.right)
    }

    /// Who that is, in security events.
    pub(crate) fn actor(&self) -> Actor {
        actor(self.right)
    }
}

/// Somebody who may agree to the processing: a caller, or who has an enrolment token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AgreeingCaller {
    right: EnrolmentRight,
}

impl AgreeingCaller {
    /// The account of the token.
    pub(crate) fn enrolling<'a>(&self, context: &'a Context) -> Enrolling<'a> {
        context.store.enrolling(self.right)
    }

    /// Who that is, in security events.
    pub(crate) fn actor(&self) -> Actor {
        actor(self.right)
    }
}

impl FromRequest for AgreeingCaller {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(right(request, bearer).map(|right| Self { right }))
    }
}

impl FromRequest for EnrollingCaller {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(right(request, fresh_bearer).map(|right| Self { right }))
    }
}

/// A service that calls with an API key, or nobody.
#[derive(Debug, Clone, Default)]
pub(crate) struct ServiceCaller {
    key: Option<ServiceKey>,
}

/// A good key.
#[derive(Debug, Clone)]
struct ServiceKey {
    /// Names it.
    prefix: String,
    scopes: Vec<Scope>,
}

impl ServiceCaller {
    /// Whether it is a service that may do this.
    pub(crate) fn may(&self, scope: Scope) -> bool {
        self.key.as_ref().is_some_and(|key| key.scopes.contains(&scope))
    }

    /// Who that is, in security events.
    pub(crate) fn actor(&self) -> Actor {
        self.key.as_ref().map_or(Actor::Anonymous, |key| Actor::ApiKey(key.prefix.clone()))
    }

    /// Refuses whoever may not do this.
    pub(crate) fn require(&self, scope: Scope) -> ApiResult<()> {
        match &self.key {
            Some(key) if key.scopes.contains(&scope) => Ok(()),
            Some(key) => Err(ApiError::new(ErrorCode::InsufficientScope).denied(Denied {
                kind: EventKind::AccessRefused,
                actor: self.actor(),
                subject: Subject::ApiKey(key.prefix.clone()),
                reason: "insufficient_scope",
                session: None,
            })),
            None => Err(ApiError::new(ErrorCode::TokenInvalid)
                .detail("Send an API key: `X-Api-Key: fa_...`.")
                .denied(Denied::credentials("api_key_missing"))),
        }
    }
}

impl FromRequest for ServiceCaller {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = ApiResult<Self>>>>;

    /// A key that is not good is refused also where none is needed: its owner should know.
    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let presented = request.headers().get(API_KEY_HEADER).map(|value| {
            let key = String::from_utf8_lossy(value.as_bytes());
            (api_key::hash(&key), api_key::prefix(&key).map(str::to_owned))
        });
        let context = self::context(request).cloned();
        Box::pin(async move {
            let Some((hash, prefix)) = presented else { return Ok(Self::default()) };
            let context = context?;
            let reason = match context.store.use_api_key(hash, context.now()).await? {
                KeyUse::Good(ApiKey { prefix, scopes, .. }) => {
                    return Ok(Self { key: Some(ServiceKey { prefix, scopes }) });
                }
                KeyUse::Unknown => "api_key_unknown",
                KeyUse::Expired => "api_key_expired",
                KeyUse::Revoked => "api_key_revoked",
            };
            Err(ApiError::new(ErrorCode::TokenInvalid)
                .detail("The API key is unknown, expired or taken back.")
                .denied(Denied {
                    subject: prefix.map_or(Subject::Unknown, Subject::ApiKey),
                    ..Denied::credentials(reason)
                }))
        })
    }
}

/// What an enrolment token gives, or an access token that `verify` takes.
fn right(
    request: &HttpRequest,
    verify: impl FnOnce(&HttpRequest) -> ApiResult<Bearer>,
) -> ApiResult<EnrolmentRight> {
    match enrolment_token::open(context(request)?, bearer_token(request)?) {
        Some(right) => Ok(right),
        None => verify(request).map(|bearer| EnrolmentRight::Session(session(&bearer))),
    }
}

fn actor(right: EnrolmentRight) -> Actor {
    match right {
        EnrolmentRight::Session(session) => Actor::Session(session.id),
        EnrolmentRight::Token { .. } => Actor::EnrolmentToken,
    }
}

fn session(bearer: &Bearer) -> TokenSession {
    TokenSession { user: bearer.user, id: bearer.session }
}

fn fresh_bearer(request: &HttpRequest) -> ApiResult<Bearer> {
    let bearer = bearer(request)?;
    if context(request)?.now() - bearer.auth_time > FRESH_WITHIN {
        return Err(ApiError::new(ErrorCode::TokenExpired)
            .detail("Sign in again: this needs a sign-in within the last five minutes.")
            .challenge(STEP_UP)
            .denied(Denied {
                actor: Actor::Session(bearer.session),
                subject: Subject::Account(bearer.user),
                ..Denied::credentials("sign_in_too_old")
            }));
    }
    Ok(bearer)
}

fn bearer(request: &HttpRequest) -> ApiResult<Bearer> {
    let context = context(request)?;
    Ok(context.tokens.check_access_token(bearer_token(request)?, context.now())?)
}

/// The token of an `Authorization` header.
fn bearer_token(request: &HttpRequest) -> ApiResult<&str> {
    let missing = || {
        ApiError::new(ErrorCode::TokenInvalid)
            .detail("Send an access token: `Authorization: Bearer ...`.")
            .challenge("Bearer")
            .denied(Denied::credentials("access_token_missing"))
    };
    let value = request.headers().get(header::AUTHORIZATION).ok_or_else(missing)?;
    let (scheme, token) =
        value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(missing)?;
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(missing());
    }
    Ok(token.trim())
}

impl From<AccessTokenError> for ApiError {
    fn from(error: AccessTokenError) -> Self {
        match error {
            AccessTokenError::Invalid => Self::new(ErrorCode::TokenInvalid)
                .denied(Denied::credentials("access_token_invalid")),
            AccessTokenError::Expired { user, session } => Self::new(ErrorCode::TokenExpired)
                .denied(Denied {
                    actor: Actor::Session(session),
                    subject: Subject::Account(user),
                    ..Denied::credentials("access_token_expired")
                }),
        }
    }
}

fn context(request: &HttpRequest) -> ApiResult<&web::Data<Context>> {
    request.app_data::<web::Data<Context>>().ok_or_else(|| ApiError::new(ErrorCode::InternalError))
}
