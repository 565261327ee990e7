//! Liveness tokens: a verdict on its way to the endpoint that needs it.

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::attestation::Attested;
use faceauth_domain::challenge::Purpose;
use faceauth_domain::user::Username;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::issuer::{TokenError, TokenIssuer};
use crate::own::OwnToken;

/// Lives for a minute: the next request follows at once.
pub const TTL: TimeDelta = TimeDelta::seconds(60);

const TOKEN: OwnToken =
    OwnToken { typ: "liveness+jwt", audience: "urn:faceauth:liveness", ttl: TTL };

/// Claims of a liveness token.
#[derive(Serialize, Deserialize)]
pub struct Claims {
    jti: Uuid,
    /// The liveness session.
    sid: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    acr: String,
    /// Keyed digest of the embedding of the face that was seen.
    face: String,
    /// What the device of the capture proved; a word of [`Attested`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device_attestation: Option<String>,
}

impl Claims {
    /// What the verdict of `session` is good for, what it showed, and a digest of the face.
    #[must_use]
    pub fn new(
        session: Uuid,
        purpose: Option<Purpose>,
        username: Option<&Username>,
        acr: String,
        face: String,
    ) -> Self {
        Self {
            jti: Uuid::new_v4(),
            sid: session,
            purpose: purpose.map(|purpose| purpose.as_str().to_owned()),
            username: username.map(Username::key),
            acr,
            face,
            device_attestation: None,
        }
    }

    /// The same, with what the device of the capture proved.
    #[must_use]
    pub fn attested(self, attested: Option<Attested>) -> Self {
        let device_attestation = attested.map(|proved| proved.as_str().to_owned());
        Self { device_attestation, ..self }
    }

    /// What the device of the capture proved.
    #[must_use]
    pub fn device_attestation(&self) -> Option<Attested> {
        self.device_attestation.as_deref().and_then(Attested::parse)
    }

    /// The liveness session.
    #[must_use]
    pub fn session(&self) -> Uuid {
        self.sid
    }

    /// Authentication context class of what was shown.
    #[must_use]
    pub fn acr(&self) -> &str {
        &self.acr
    }

    /// Keyed digest of the embedding of the face that was seen.
    #[must_use]
    pub fn face(&self) -> &str {
        &self.face
    }
}

/// Signs a token with these claims.
///
/// # Errors
/// [`TokenError`] when the key does not sign.
pub fn sign(
    issuer: &TokenIssuer,
    claims: &Claims,
    now: DateTime<Utc>,
) -> Result<String, TokenError> {
    TOKEN.sign(issuer, claims, now)
}

/// The claims of a token that is ours and not too old.
#[must_use]
pub fn open(issuer: &TokenIssuer, token: &str, now: DateTime<Utc>) -> Option<Claims> {
    TOKEN.open(issuer, token, now)
}
