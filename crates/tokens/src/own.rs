//! Tokens the service issues to itself: what one request has found out, kept by the client
//! for the next one.

use chrono::{DateTime, TimeDelta, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::issuer::{TokenError, TokenIssuer};

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
    ) -> Result<String, TokenError> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{TokenKeys, TokenSigner};
    use crate::settings::TokenSettings;
    use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
    use ed25519_dalek::pkcs8::{EncodePrivateKey, KeypairBytes};
    use jsonwebtoken::Header;
    use secrecy::SecretString;
    use serde_json::{Value, json};
    use std::time::Duration;

    const TOKEN: OwnToken =
        OwnToken { typ: "test+jwt", audience: "urn:faceauth:test", ttl: TimeDelta::seconds(60) };

    fn issuer() -> TokenIssuer {
        let key = KeypairBytes { secret_key: [1; 32], public_key: None };
        let pem = key.to_pkcs8_pem(LineEnding::LF).unwrap();
        let signer = TokenSigner::from_pem(&SecretString::from(pem.to_string())).unwrap();
        let settings = TokenSettings {
            issuer: "https://faceauth.test".to_owned(),
            audience: "faceauth-test".to_owned(),
            access_ttl: Duration::from_secs(900),
            refresh_ttl: Duration::from_secs(900),
            session_ttl: Duration::from_secs(900),
        };
        TokenIssuer::new(TokenKeys::new(signer, Vec::new()), settings)
    }

    #[test]
    fn a_token_with_an_extension_that_must_be_understood_is_not_opened() {
        let (issuer, now) = (issuer(), DateTime::UNIX_EPOCH);
        let claims = json!({
            "iss": issuer.issuer(), "aud": TOKEN.audience, "iat": 0, "exp": 60, "name": "ada",
        });
        let signed = |crit: Option<&[&str]>| {
            let key = issuer.signing_key();
            let header = Header {
                typ: Some(TOKEN.typ.to_owned()),
                kid: Some(key.key_id.clone()),
                crit: crit.map(|names| names.iter().map(ToString::to_string).collect()),
                ..Header::new(key.algorithm)
            };
            jsonwebtoken::encode(&header, &claims, &key.encoding).unwrap()
        };
        let opened = |token: &str| TOKEN.open::<Value>(&issuer, token, now);
        assert_eq!(opened(&signed(None)), Some(json!({"name": "ada"})));
        for crit in [&["exp"][..], &["b64"], &["https://example.org/extension"], &[]] {
            assert_eq!(opened(&signed(Some(crit))), None, "{crit:?}");
        }
    }
}
