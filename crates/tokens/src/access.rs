//! Access tokens of the service's own page and programs (RFC 9068).

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::assurance::Assurance;
use faceauth_domain::attestation::Attested;
use faceauth_domain::authentication::{Authentication, PasskeyKind};
use faceauth_domain::user::UserId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::issuer::{TokenError, TokenIssuer};
use crate::settings::seconds;

/// Header `typ` of access tokens (RFC 9068, 2.1), so that no other JWT passes for one.
pub(crate) const TOKEN_TYPE: &str = "at+jwt";

/// `client_id` of tokens: one value for all of the service's own clients.
const CLIENT_ID: &str = "faceauth";

/// How far clocks of replicas may differ.
pub(crate) const LEEWAY: TimeDelta = TimeDelta::seconds(5);

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
    /// What the device of the capture proved; a word of [`Attested`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device_attestation: Option<String>,
}

/// A session about to begin or to go on.
#[derive(Debug, Clone)]
pub struct Session {
    /// Whose it is.
    pub user: UserId,
    /// `sid` of its tokens.
    pub id: Uuid,
    /// When the face was shown.
    pub auth_time: DateTime<Utc>,
    /// What was shown; see [`acr`].
    pub acr: String,
    /// What the device proved on which it was shown.
    pub attested: Option<Attested>,
}

/// The account and session of a valid access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The account.
    pub user: UserId,
    /// The session.
    pub session: Uuid,
    /// When the face was shown.
    pub auth_time: DateTime<Utc>,
}

/// Why an access token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessTokenError {
    /// The service did not make it, or it is not valid yet.
    #[error("the access token is not valid")]
    Invalid,
    /// It was good, and is too old.
    #[error("the access token is too old")]
    Expired {
        /// Whose it was.
        user: UserId,
        /// The session it was of.
        session: Uuid,
    },
}

/// Authentication context class of what was shown (RFC 9068 `acr`). Refresh tokens keep it, so
/// the words are permanent.
#[must_use]
pub fn acr(shown: Authentication) -> String {
    shown.acr()
}

/// What a face showed that was shown alone: the inverse of [`acr`].
#[must_use]
pub fn assurance(acr: &str) -> Option<Assurance> {
    match Authentication::parse_acr(acr)? {
        Authentication::Face(assurance) => Some(assurance),
        _ => None,
    }
}

/// Authentication methods of a context class (RFC 8176), sorted.
///
/// `face`: a face was recognised. `user`: a test showed that the person is present and acts.
/// `hwk`: a key signed that says that it never leaves its device. `swk`: a key signed that may be
/// copied to other devices of its owner. `otp`: a recovery code, good once. `mfa`: a face and a
/// key, which are factors of two kinds. A recovery code is no second device, so it gives no `mfa`.
pub(crate) fn amr(acr: &str) -> Vec<String> {
    // Nothing unknown is ever stored; were it, a face is what every session began with.
    let shown = Authentication::parse_acr(acr).unwrap_or(Authentication::Face(Assurance::Face));
    let present = match shown.face() {
        Some(Assurance::FaceLiveness | Assurance::FaceLivenessReduced) => true,
        Some(Assurance::Face) | None => shown.passkey().is_some(),
    };
    let key = shown.passkey().map(|kind| match kind {
        PasskeyKind::DeviceBound => "hwk",
        PasskeyKind::Synced => "swk",
    });
    let code = matches!(shown, Authentication::FaceAndRecoveryCode(_));
    let both = shown.face().is_some() && key.is_some();
    let methods = [
        shown.face().map(|_| "face"),
        key.filter(|key| *key == "hwk"),
        both.then_some("mfa"),
        code.then_some("otp"),
        key.filter(|key| *key == "swk"),
        present.then_some("user"),
    ];
    methods.into_iter().flatten().map(str::to_owned).collect()
}

impl TokenIssuer {
    /// Signs an access token for `session`.
    ///
    /// # Errors
    /// [`TokenError`] when the key does not sign.
    pub fn access_token(
        &self,
        session: &Session,
        now: DateTime<Utc>,
    ) -> Result<String, TokenError> {
        let settings = self.settings();
        let claims = Claims {
            iss: settings.issuer.clone(),
            sub: session.user.0,
            aud: settings.audience.clone(),
            client_id: CLIENT_ID.to_owned(),
            iat: now.timestamp(),
            // A verifier whose clock is a second behind would refuse a fresh token.
            nbf: None,
            exp: (now + seconds(settings.access_ttl)).timestamp(),
            jti: Uuid::new_v4(),
            auth_time: session.auth_time.timestamp(),
            sid: session.id,
            amr: amr(&session.acr),
            acr: session.acr.clone(),
            device_attestation: session.attested.map(|proved| proved.as_str().to_owned()),
        };
        self.sign(TOKEN_TYPE, &claims)
    }

    /// Checks an access token.
    ///
    /// # Errors
    /// [`AccessTokenError`] when it is not valid or too old.
    pub fn check_access_token(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Bearer, AccessTokenError> {
        let invalid = || AccessTokenError::Invalid;
        let claims: Claims =
            self.open(token, TOKEN_TYPE, &self.settings().audience).ok_or_else(invalid)?;
        // A client may have named this audience as that of its own API.
        if claims.client_id != CLIENT_ID {
            return Err(invalid());
        }
        let time = |seconds| DateTime::from_timestamp(seconds, 0).ok_or_else(invalid);
        if let Some(nbf) = claims.nbf
            && time(nbf)? > now + LEEWAY
        {
            return Err(invalid());
        }
        if time(claims.exp)? + LEEWAY <= now {
            return Err(AccessTokenError::Expired {
                user: UserId(claims.sub),
                session: claims.sid,
            });
        }
        let auth_time = time(claims.auth_time)?;
        Ok(Bearer { user: UserId(claims.sub), session: claims.sid, auth_time })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The guide for clients.
    const GUIDE: &str =
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/passkeys.md"));

    /// The Authenticator Assurance Level of NIST SP 800-63B-4 that a deployment can support with
    /// it, as the guide says. A biometric counts only beside a physical authenticator.
    fn level(shown: Authentication) -> &'static str {
        match (shown.passkey(), shown) {
            (Some(_), _) => "AAL2",
            (None, Authentication::FaceAndRecoveryCode(_)) => "AAL1",
            (None, _) => "none",
        }
    }

    #[test]
    fn the_guide_lists_every_class() {
        let lines: String = Authentication::ALL
            .iter()
            .map(|shown| {
                let methods = amr(&acr(*shown));
                let methods: Vec<_> = methods.iter().map(|method| format!("`{method}`")).collect();
                let (methods, level) = (methods.join(" "), level(*shown));
                format!("| `{}` | {methods} | {level} |\n", shown.as_str())
            })
            .collect();
        let table =
            format!("| `acr` ends with | `amr` | can support |\n| --- | --- | --- |\n{lines}\n");
        assert!(GUIDE.contains(&table), "docs/passkeys.md must have this table:\n\n{table}");
    }

    #[test]
    fn mfa_is_said_of_a_face_and_a_key_and_of_nothing_else() {
        for shown in Authentication::ALL {
            let said = amr(&acr(*shown)).contains(&"mfa".to_owned());
            assert_eq!(said, matches!(shown, Authentication::FaceAndPasskey(..)), "{shown:?}");
        }
    }

    #[test]
    fn a_class_is_read_as_it_was_written() {
        for written in Authentication::ALL {
            assert_eq!(Authentication::parse_acr(&acr(*written)), Some(*written));
        }
        for assurance in Assurance::ALL {
            assert_eq!(super::assurance(&acr(assurance.into())), Some(assurance));
        }
        // A liveness token carries a face alone.
        let both = Authentication::FaceAndPasskey(Assurance::FaceLiveness, PasskeyKind::Synced);
        assert_eq!(super::assurance(&acr(both)), None);
        assert_eq!(Authentication::parse_acr("urn:example:acr:face"), None);
    }
}
