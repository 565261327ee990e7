//! Access tokens (RFC 9068) and refresh tokens.

mod keys;
mod own;

use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::decision::Assurance;
use faceauth_domain::user::UserId;
use faceauth_store::tokens::NewRefreshToken;
use jsonwebtoken::{Header, Validation};
use secrecy::zeroize::Zeroizing;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::events::{Actor, Denied, Subject};
use crate::settings::TokenSettings;

pub use keys::{SignerError, TokenKeys, TokenSigner};
pub(crate) use own::OwnToken;

/// Header `typ` of access tokens (RFC 9068, 2.1), so that no other JWT passes for one.
const TOKEN_TYPE: &str = "at+jwt";

/// `client_id` of tokens: the service's own clients, which are not told apart.
const CLIENT_ID: &str = "faceauth";

/// How far clocks of replicas may differ.
const LEEWAY: TimeDelta = TimeDelta::seconds(5);

/// Begins every `acr`.
const ACR_PREFIX: &str = "urn:faceauth:acr:";

/// Random bytes of a refresh token.
const REFRESH_BYTES: usize = 32;

/// Claims of an access token.
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: Uuid,
    aud: String,
    client_id: String,
    iat: i64,
    /// Of releases that still issued it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    exp: i64,
    jti: Uuid,
    auth_time: i64,
    sid: Uuid,
    amr: Vec<String>,
    acr: String,
}

/// Whom a valid access token speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verified {
    pub user: UserId,
    pub session: Uuid,
    pub auth_time: DateTime<Utc>,
}

/// A session about to begin or to go on.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub user: UserId,
    pub id: Uuid,
    pub auth_time: DateTime<Utc>,
    pub acr: String,
}

/// What the client is given.
pub(crate) struct IssuedTokens {
    pub access_token: String,
    pub expires_in: u64,
    pub refresh_token: String,
    pub refresh_expires_in: u64,
    /// Only of a sign-in.
    pub device_token: Option<String>,
}

/// A refresh token before anybody has seen it.
pub(crate) struct FreshRefreshToken {
    pub token: Zeroizing<String>,
    pub hash: [u8; 32],
}

impl FreshRefreshToken {
    /// The token of these bits, which nobody can guess.
    pub(crate) fn of(bits: &[u8; REFRESH_BYTES]) -> Self {
        let token = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(bits));
        Self { hash: hash_refresh_token(&token), token }
    }
}

/// Authentication context class of an assurance (RFC 9068 `acr`). Refresh tokens keep it, so
/// the words are permanent.
pub(crate) fn acr(assurance: Assurance) -> String {
    format!("{ACR_PREFIX}{}", assurance.as_str())
}

/// The inverse of [`acr`].
pub(crate) fn assurance(acr: &str) -> Option<Assurance> {
    let word = acr.strip_prefix(ACR_PREFIX)?;
    Assurance::ALL.into_iter().find(|assurance| assurance.as_str() == word)
}

/// Authentication methods of a context class (RFC 8176). `face`: a face was recognised.
/// `user`: a test showed that the person is present and acts. `mfa` only if a second factor
/// was checked.
fn amr(acr: &str) -> Vec<String> {
    match assurance(acr) {
        Some(Assurance::FaceLiveness | Assurance::FaceLivenessReduced) => {
            vec!["face".to_owned(), "user".to_owned()]
        }
        Some(Assurance::Face) | None => vec!["face".to_owned()],
    }
}

/// Issues and checks tokens.
pub(crate) struct TokenIssuer {
    keys: TokenKeys,
    settings: TokenSettings,
}

impl TokenIssuer {
    pub(crate) fn new(keys: TokenKeys, settings: TokenSettings) -> Self {
        Self { keys, settings }
    }

    /// The public keys, as RFC 7517 has them.
    pub(crate) fn jwks(&self) -> serde_json::Value {
        self.keys.jwks()
    }

    /// 256 random bits and their hash.
    pub(crate) fn fresh_refresh_token() -> ApiResult<FreshRefreshToken> {
        let mut bytes = Zeroizing::new([0; REFRESH_BYTES]);
        getrandom::fill(bytes.as_mut()).map_err(|error| {
            tracing::error!(%error, "the system has no randomness");
            ApiError::new(ErrorCode::InternalError)
        })?;
        Ok(FreshRefreshToken::of(&bytes))
    }

    /// The row of a session's first refresh token.
    pub(crate) fn refresh_row(
        &self,
        session: &Session,
        hash: [u8; 32],
        now: DateTime<Utc>,
    ) -> NewRefreshToken {
        NewRefreshToken {
            user: session.user,
            session: session.id,
            token_hash: hash,
            auth_time: session.auth_time,
            acr: session.acr.clone(),
            issued_at: now,
            expires_at: self.refresh_expiry(now),
        }
    }

    pub(crate) fn refresh_expiry(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + seconds(self.settings.refresh_ttl)
    }

    /// How long a session lasts, however often it is renewed.
    pub(crate) fn longest_session(&self) -> TimeDelta {
        seconds(self.settings.session_ttl)
    }

    /// Signs an access token for `session` and puts `refresh` beside it.
    pub(crate) fn issue(
        &self,
        session: &Session,
        refresh: &FreshRefreshToken,
        now: DateTime<Utc>,
    ) -> ApiResult<IssuedTokens> {
        let claims = Claims {
            iss: self.settings.issuer.clone(),
            sub: session.user.0,
            aud: self.settings.audience.clone(),
            client_id: CLIENT_ID.to_owned(),
            iat: now.timestamp(),
            // A verifier whose clock is a second behind would refuse a fresh token.
            nbf: None,
            exp: (now + seconds(self.settings.access_ttl)).timestamp(),
            jti: Uuid::new_v4(),
            auth_time: session.auth_time.timestamp(),
            sid: session.id,
            amr: amr(&session.acr),
            acr: session.acr.clone(),
        };
        let access_token = self.sign(TOKEN_TYPE, &claims)?;
        Ok(IssuedTokens {
            access_token,
            expires_in: self.settings.access_ttl.as_secs(),
            refresh_token: refresh.token.to_string(),
            refresh_expires_in: self.settings.refresh_ttl.as_secs(),
            device_token: None,
        })
    }

    /// Signs `claims` as a token of type `typ`.
    pub(crate) fn sign(&self, typ: &str, claims: &impl Serialize) -> ApiResult<String> {
        let key = self.keys.signing();
        let header = Header {
            typ: Some(typ.to_owned()),
            kid: Some(key.key_id.clone()),
            ..Header::new(key.algorithm)
        };
        jsonwebtoken::encode(&header, claims, &key.encoding).map_err(|error| {
            tracing::error!(%error, "a token could not be signed");
            ApiError::new(ErrorCode::InternalError)
        })
    }

    /// The claims of a token of type `typ` for `audience`, if we signed it (RFC 8725): one of
    /// our keys with its own algorithm, our type, issuer and audience. Key hints in the header (`jku`,
    /// `x5u`, `jwk`) are never followed. Times are left to the caller, who has the clock.
    pub(crate) fn open<C: DeserializeOwned>(
        &self,
        token: &str,
        typ: &str,
        audience: &str,
    ) -> Option<C> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        // Extensions that must be understood (RFC 7515, 4.1.11): none is.
        if header.typ.as_deref() != Some(typ) || header.crit.is_some() {
            return None;
        }
        let key = self.keys.by_id(header.kid.as_deref()?)?;
        let mut validation = Validation::new(key.algorithm);
        validation.set_issuer(&[&self.settings.issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let token = jsonwebtoken::decode::<C>(token, &key.decoding, &validation);
        token.ok().map(|token| token.claims)
    }

    /// `iss` of every token.
    pub(crate) fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Checks an access token.
    pub(crate) fn verify(&self, token: &str, now: DateTime<Utc>) -> ApiResult<Verified> {
        let invalid = || {
            ApiError::new(ErrorCode::TokenInvalid)
                .denied(Denied::credentials("access_token_invalid"))
        };
        let claims: Claims =
            self.open(token, TOKEN_TYPE, &self.settings.audience).ok_or_else(invalid)?;
        let time = |seconds| DateTime::from_timestamp(seconds, 0).ok_or_else(invalid);
        if let Some(nbf) = claims.nbf
            && time(nbf)? > now + LEEWAY
        {
            return Err(invalid());
        }
        if time(claims.exp)? + LEEWAY <= now {
            return Err(ApiError::new(ErrorCode::TokenExpired).denied(Denied {
                actor: Actor::Session(claims.sid),
                subject: Subject::Account(UserId(claims.sub)),
                ..Denied::credentials("access_token_expired")
            }));
        }
        let auth_time = time(claims.auth_time)?;
        Ok(Verified { user: UserId(claims.sub), session: claims.sid, auth_time })
    }
}

/// SHA-256 of a refresh token. It has 256 random bits, so a slow hash adds nothing.
pub(crate) fn hash_refresh_token(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn seconds(duration: Duration) -> TimeDelta {
    TimeDelta::seconds(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX / 1000))
}
