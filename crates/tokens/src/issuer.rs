//! Who signs tokens, and knows its own again.

use jsonwebtoken::{Algorithm, Header, Validation};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::keys::TokenKeys;
use crate::settings::TokenSettings;

/// Why a token could not be made. Neither is the fault of who asked.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The key did not sign.
    #[error("a token could not be signed: {0}")]
    Signing(jsonwebtoken::errors::Error),
    /// The operating system gave no random bytes.
    #[error("the system has no randomness: {0}")]
    Randomness(getrandom::Error),
}

/// Issues and checks tokens.
#[derive(Debug)]
pub struct TokenIssuer {
    keys: TokenKeys,
    settings: TokenSettings,
}

impl TokenIssuer {
    /// An issuer with these keys.
    #[must_use]
    pub fn new(keys: TokenKeys, settings: TokenSettings) -> Self {
        Self { keys, settings }
    }

    /// The public keys, as RFC 7517 has them.
    #[must_use]
    pub fn jwks(&self) -> serde_json::Value {
        self.keys.jwks()
    }

    /// `iss` of every token.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Names and lifetimes of tokens.
    #[must_use]
    pub fn settings(&self) -> &TokenSettings {
        &self.settings
    }

    /// Signs `claims` as a token of type `typ`.
    pub(crate) fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, TokenError> {
        let key = self.keys.signing();
        let header = Header {
            typ: Some(typ.to_owned()),
            kid: Some(key.key_id.clone()),
            ..Header::new(key.algorithm)
        };
        jsonwebtoken::encode(&header, claims, &key.encoding).map_err(TokenError::Signing)
    }

    /// The claims of a token of type `typ` for `audience`, if we signed it (RFC 8725): one of our
    /// keys with its own algorithm, our type, issuer and audience. Key hints in the header (`jku`,
    /// `x5u`, `jwk`) are never followed. The caller checks the times, because it has the clock.
    pub(crate) fn open<C: DeserializeOwned>(
        &self,
        token: &str,
        typ: &str,
        audience: &str,
    ) -> Option<C> {
        self.open_as(token, typ, Some(audience))
    }

    /// The same for whatever audience. The caller looks at it.
    pub(crate) fn open_for_any<C: DeserializeOwned>(&self, token: &str, typ: &str) -> Option<C> {
        self.open_as(token, typ, None)
    }

    fn open_as<C: DeserializeOwned>(
        &self,
        token: &str,
        typ: &str,
        audience: Option<&str>,
    ) -> Option<C> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        // Extensions that must be understood (RFC 7515, 4.1.11): none is.
        if header.typ.as_deref() != Some(typ) || header.crit.is_some() {
            return None;
        }
        let key = self.keys.by_id(header.kid.as_deref()?)?;
        let mut validation = Validation::new(key.algorithm);
        validation.set_issuer(&[&self.settings.issuer]);
        match audience {
            Some(audience) => validation.set_audience(&[audience]),
            None => validation.validate_aud = false,
        }
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let token = jsonwebtoken::decode::<C>(token, &key.decoding, &validation);
        token.ok().map(|token| token.claims)
    }

    /// How tokens are signed.
    pub(crate) fn signing_algorithm(&self) -> Algorithm {
        self.keys.signing().algorithm
    }

    #[cfg(test)]
    pub(crate) fn signing_key(&self) -> &crate::keys::TokenSigner {
        self.keys.signing()
    }
}
