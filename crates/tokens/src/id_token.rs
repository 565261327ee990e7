//! ID tokens (OpenID Connect Core, 2): what a client learns of a sign-in.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use chrono::{DateTime, Utc};
use jsonwebtoken::Algorithm;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256, Sha512};
use uuid::Uuid;

use crate::access::amr;
use crate::client_access::ClientSession;
use crate::issuer::{TokenError, TokenIssuer};
use crate::settings::seconds;

/// Header `typ` of ID tokens. Access tokens have another, so that neither passes for the other.
const TOKEN_TYPE: &str = "JWT";

/// Claims of an ID token.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    acr: &'a str,
    amr: Vec<String>,
    sid: Uuid,
    at_hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    preferred_username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
}

/// What stands in an ID token beside the session.
#[derive(Debug, Clone, Copy, Default)]
pub struct IdTokenDetails<'a> {
    /// As the client sent it.
    pub nonce: Option<&'a str>,
    /// The name of the account, when the client was given it.
    pub username: Option<&'a str>,
}

/// The claims of an ID token that came back as a hint.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct IdTokenHint {
    /// The client that it was issued to.
    #[serde(rename = "aud")]
    pub client_id: String,
    /// The person, as this client knows them.
    #[serde(rename = "sub")]
    pub subject: String,
    /// The session.
    #[serde(rename = "sid")]
    pub session: Uuid,
}

impl TokenIssuer {
    /// Signs an ID token that goes along with `access_token`.
    ///
    /// # Errors
    /// [`TokenError`] when the key does not sign.
    pub fn id_token(
        &self,
        session: &ClientSession,
        details: IdTokenDetails<'_>,
        access_token: &str,
        now: DateTime<Utc>,
    ) -> Result<String, TokenError> {
        let IdTokenDetails { nonce, username } = details;
        let claims = Claims {
            iss: self.issuer(),
            sub: &session.subject,
            aud: &session.client_id,
            iat: now.timestamp(),
            exp: (now + seconds(self.settings().access_ttl)).timestamp(),
            auth_time: session.auth_time.timestamp(),
            nonce,
            acr: &session.acr,
            amr: amr(&session.acr),
            sid: session.id,
            at_hash: half_hash(self.signing_algorithm(), access_token),
            preferred_username: username,
            name: username,
        };
        self.sign(TOKEN_TYPE, &claims)
    }

    /// The claims of an ID token that this service has issued to `client_id`, or to any client when
    /// that is not said. Its age does not matter: a hint says who was meant, and opens nothing
    /// (OpenID Connect RP-Initiated Logout, 2).
    #[must_use]
    pub fn open_id_token_hint(&self, token: &str, client_id: Option<&str>) -> Option<IdTokenHint> {
        let hint: IdTokenHint = self.open_for_any(token, TOKEN_TYPE)?;
        client_id.is_none_or(|client| client == hint.client_id).then_some(hint)
    }

    /// How tokens are signed, as metadata and headers say it.
    #[must_use]
    pub fn signing_algorithm_name(&self) -> &'static str {
        match self.signing_algorithm() {
            Algorithm::ES256 => "ES256",
            _ => "EdDSA",
        }
    }
}

/// The left half of a hash of a token, by the hash of the signing algorithm (OpenID Connect Core,
/// 3.1.3.6). That of Ed25519 is SHA-512 (RFC 8032, 5.1).
fn half_hash(algorithm: Algorithm, token: &str) -> String {
    let half = |hash: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2]);
    match algorithm {
        Algorithm::EdDSA => half(&Sha512::digest(token.as_bytes())),
        _ => half(&Sha256::digest(token.as_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_hash_is_that_of_the_standard() {
        // OpenID Connect Core, A.3: the access token and its `at_hash`, with SHA-256.
        let hash = half_hash(Algorithm::ES256, "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
        assert_eq!(hash, "77QmUPtjPfzWtF2AnpK9RQ");
        assert_eq!(half_hash(Algorithm::EdDSA, "token").len(), 43);
    }
}
