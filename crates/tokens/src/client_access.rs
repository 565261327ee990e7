//! Access tokens of clients (RFC 9068). They open `/userinfo`, and the client's own API if it has
//! named one. They open no account here: audience and client differ from those of the service's own
//! access tokens, and each of both is checked.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::{AccessTokenError, LEEWAY, TOKEN_TYPE, amr};
use crate::issuer::{TokenError, TokenIssuer};
use crate::settings::seconds;

/// The path behind the issuer that these tokens are for.
const USERINFO: &str = "/userinfo";

/// What a client is told of a session.
#[derive(Debug, Clone)]
pub struct ClientSession {
    /// The client.
    pub client_id: String,
    /// The person, as this client knows them.
    pub subject: String,
    /// `sid` of its tokens.
    pub id: Uuid,
    /// When the person was authenticated.
    pub auth_time: DateTime<Utc>,
    /// How.
    pub acr: String,
    /// What the client was given, with blanks between.
    pub scope: String,
    /// Another `aud`: the client's own API.
    pub audience: Option<String>,
}

/// Claims of an access token of a client.
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Vec<String>,
    client_id: String,
    iat: i64,
    exp: i64,
    jti: Uuid,
    auth_time: i64,
    sid: Uuid,
    acr: String,
    amr: Vec<String>,
    scope: String,
}

/// What a valid access token of a client says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientBearer {
    /// The client it was issued to.
    pub client_id: String,
    /// The person, as this client knows them.
    pub subject: String,
    /// The token itself, `jti`.
    pub id: Uuid,
    /// The session.
    pub session: Uuid,
    /// When the person was authenticated, in seconds since 1970.
    pub auth_time: i64,
    /// How.
    pub acr: String,
    /// What the client was given, with blanks between.
    pub scope: String,
    /// For whom it is.
    pub audience: Vec<String>,
    /// When it was issued, in seconds since 1970.
    pub issued_at: i64,
    /// When it is too old, in seconds since 1970.
    pub expires_at: i64,
}

impl TokenIssuer {
    /// The audience of the access tokens of clients: where they are taken here.
    #[must_use]
    pub fn userinfo_audience(&self) -> String {
        format!("{}{USERINFO}", self.issuer().trim_end_matches('/'))
    }

    /// Signs an access token for a session of a client.
    ///
    /// # Errors
    /// [`TokenError`] when the key does not sign.
    pub fn client_access_token(
        &self,
        session: &ClientSession,
        now: DateTime<Utc>,
    ) -> Result<String, TokenError> {
        let settings = self.settings();
        let own = std::iter::once(self.userinfo_audience());
        let claims = Claims {
            iss: settings.issuer.clone(),
            sub: session.subject.clone(),
            aud: own.chain(session.audience.clone()).collect(),
            client_id: session.client_id.clone(),
            iat: now.timestamp(),
            exp: (now + seconds(settings.access_ttl)).timestamp(),
            jti: Uuid::new_v4(),
            auth_time: session.auth_time.timestamp(),
            sid: session.id,
            acr: session.acr.clone(),
            amr: amr(&session.acr),
            scope: session.scope.clone(),
        };
        self.sign(TOKEN_TYPE, &claims)
    }

    /// Checks an access token of a client.
    ///
    /// # Errors
    /// [`AccessTokenError::Invalid`] when it is not valid or too old.
    pub fn check_client_access_token(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<ClientBearer, AccessTokenError> {
        let invalid = || AccessTokenError::Invalid;
        let claims: Claims =
            self.open(token, TOKEN_TYPE, &self.userinfo_audience()).ok_or_else(invalid)?;
        let expires_at = DateTime::from_timestamp(claims.exp, 0).ok_or_else(invalid)?;
        if expires_at + LEEWAY <= now {
            return Err(invalid());
        }
        let Claims { sub, aud, client_id, iat, exp, jti, auth_time, sid, acr, scope, .. } = claims;
        Ok(ClientBearer {
            client_id,
            subject: sub,
            id: jti,
            session: sid,
            auth_time,
            acr,
            scope,
            audience: aud,
            issued_at: iat,
            expires_at: exp,
        })
    }
}
