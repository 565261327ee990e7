//! The caller of a request, and what they have proved.

use std::future::{Ready, ready};

use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, dev};
use faceauth_domain::user::UserId;
use faceauth_store::account::{Account, Enrolling, EnrolmentRight, TokenSession};
use faceauth_tokens::access::Bearer;
use faceauth_usecases::events::Actor;
use faceauth_usecases::{Context, enrolment_token};
use uuid::Uuid;

use crate::error::{ApiError, ApiResult};

mod bearer;
pub(crate) mod browser;
mod client;
mod service;

pub(crate) use client::client_credentials;
pub(crate) use service::{API_KEY_HEADER, ServiceCaller};

pub(crate) use bearer::bearer_token;

use bearer::{bearer, context, fresh_bearer};

/// A caller with a valid access token. Each operation of the account also checks that the session
/// is valid. The account is reached only through this type.
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

    /// What the token says.
    pub(crate) fn token_session(&self) -> TokenSession {
        self.session
    }

    /// The caller of a request that may come without a token. A token that is not good is refused.
    pub(crate) fn if_any(request: &HttpRequest) -> ApiResult<Option<Self>> {
        if !request.headers().contains_key(header::AUTHORIZATION) {
            return Ok(None);
        }
        bearer(request).map(|bearer| Some(Self { session: session(&bearer) }))
    }

    /// The actor in security events.
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

    /// The actor in security events.
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

/// A caller who may add a face: with a recent sign-in, or with an enrolment token of an account
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

    /// The actor in security events.
    pub(crate) fn actor(&self) -> Actor {
        actor(self.right)
    }
}

/// A caller who may agree to the processing: with an access token, or with an enrolment token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AgreeingCaller {
    right: EnrolmentRight,
}

impl AgreeingCaller {
    /// The account of the token.
    pub(crate) fn enrolling<'a>(&self, context: &'a Context) -> Enrolling<'a> {
        context.store.enrolling(self.right)
    }

    /// The actor in security events.
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
