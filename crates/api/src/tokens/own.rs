//! Tokens the service issues to itself: what one request has found out, kept by the client
//! for the next one.

use chrono::{DateTime, TimeDelta, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::TokenIssuer;
use crate::error::ApiResult;

/// A kind of such tokens.
pub(crate) struct OwnToken {
    /// Header `typ`, so that no other JWT passes for one.
    pub typ: &'static str,
    /// `aud`: this service itself, and what for.
    pub audience: &'static str,
    /// Lifetime.
    pub ttl: TimeDelta,
}

/// The claims every one of them has, around those of its kind.
#[derive(Serialize, Deserialize)]
struct Claims<C> {
    iss: String,
    aud: String,
    iat: i64,
    exp: i64,
    #[serde(flatten)]
    own: C,
}

impl OwnToken {
    /// Signs a token with these claims.
    pub(crate) fn sign<C: Serialize>(
        &self,
        issuer: &TokenIssuer,
        own: C,
        now: DateTime<Utc>,
    ) -> ApiResult<String> {
        let claims = Claims {
            iss: issuer.issuer().to_owned(),
            aud: self.audience.to_owned(),
            iat: now.timestamp(),
            exp: (now + self.ttl).timestamp(),
            own,
        };
        issuer.sign(self.typ, &claims)
    }

    /// The claims of a token of this kind that is ours and not too old.
    pub(crate) fn open<C: DeserializeOwned>(
        &self,
        issuer: &TokenIssuer,
        token: &str,
        now: DateTime<Utc>,
    ) -> Option<C> {
        let claims: Claims<C> = issuer.open(token, self.typ, self.audience)?;
        let expires_at = DateTime::<Utc>::from_timestamp(claims.exp, 0)?;
        (expires_at > now).then_some(claims.own)
    }
}
