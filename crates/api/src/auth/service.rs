//! Services that call with an API key.

use std::future::Future;
use std::pin::Pin;

use actix_web::{FromRequest, HttpRequest, dev};
use faceauth_domain::scope::Scope;
use faceauth_store::api_keys::{ApiKey, KeyUse};
use faceauth_usecases::events::{Actor, Denied, EventKind, Subject};

use super::bearer;
use crate::api_key;
use crate::error::{ApiError, ApiResult, ErrorCode};

/// The header an API key is sent in. Not `Authorization`: a service may send a person's token
/// beside its own key.
pub(crate) const API_KEY_HEADER: &str = "x-api-key";

/// A service that calls with an API key, or no service.
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

    /// The prefix of the key; `None` when no service calls.
    pub(crate) fn prefix(&self) -> Option<&str> {
        self.key.as_ref().map(|key| key.prefix.as_str())
    }

    /// The actor in security events.
    pub(crate) fn actor(&self) -> Actor {
        self.key.as_ref().map_or(Actor::Anonymous, |key| Actor::ApiKey(key.prefix.clone()))
    }

    /// Refuses a caller without the scope.
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
        let context = bearer::context(request).cloned();
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
