//! Assertions by which clients authenticate: JWTs that they sign with keys of their own (RFC 7523,
//! `OpenID` Connect Core section 9, `private_key_jwt`).

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Longest lifetime that is left to an assertion: used ones are remembered until their end.
pub const MAX_ASSERTION_TTL: TimeDelta = TimeDelta::minutes(5);

/// How far the clock of a client may be from ours.
pub const CLOCK_LEEWAY: TimeDelta = TimeDelta::seconds(30);

/// Most keys of a client: the one that signs, the one before, the one after, on a few platforms.
const MAX_KEYS: usize = 10;

/// Longest JWK set in bytes, as the database has it.
const MAX_JWKS_BYTES: usize = 16 * 1024;

/// Longest `jti` in bytes.
const MAX_JTI_BYTES: usize = 256;

/// Shortest RSA modulus in bytes: 2048 bits (RFC 7518 section 3.3).
const MIN_RSA_MODULUS_BYTES: usize = 256;

/// Members of a JWK that only its owner may know (RFC 7518 section 6).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Signature algorithms that an assertion may have, as metadata names them.
pub const ASSERTION_ALGORITHMS: [&str; 4] = ["ES256", "EdDSA", "RS256", "PS256"];

/// Why a JWK set cannot be the keys of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClientKeysFlaw {
    /// No JWK set.
    #[error("the keys of a client are a JWK set of at most {MAX_JWKS_BYTES} bytes")]
    Unreadable,
    /// None, or too many.
    #[error("a client has 1 to {MAX_KEYS} keys, each with another kid")]
    Count,
    /// A secret or private key.
    #[error("a key of the set is private: register public keys alone, and replace that key")]
    Private,
    /// A key that cannot sign, or not well enough.
    #[error("a key is P-256, Ed25519 or RSA of at least 2048 bits, and is used for signatures")]
    Unsuitable,
}

/// Why an assertion does not count. The words are those of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssertionFlaw {
    /// No JWT, or one with an extension.
    #[error("assertion_malformed")]
    Malformed,
    /// No key of the client signed it.
    #[error("assertion_signature")]
    Signature,
    /// It speaks for somebody else.
    #[error("assertion_foreign")]
    Foreign,
    /// It is for somebody else.
    #[error("assertion_audience")]
    Audience,
    /// It is too old, not good yet, or good for too long.
    #[error("assertion_time")]
    Time,
}

/// An assertion that counts if it was not used before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assertion {
    /// SHA-256 of its identifier.
    pub jti_hash: [u8; 32],
    /// Until when it has to be remembered.
    pub expires_at: DateTime<Utc>,
}

/// The public keys of a client.
#[derive(Debug, Clone)]
pub struct ClientKeys(Vec<ClientKey>);

#[derive(Debug, Clone)]
struct ClientKey {
    jwk: Jwk,
    algorithms: Vec<Algorithm>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    nbf: Option<i64>,
    iat: Option<i64>,
    jti: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl ClientKeys {
    /// Reads a JWK set.
    ///
    /// # Errors
    /// [`ClientKeysFlaw`].
    pub fn parse(json: &str) -> Result<Self, ClientKeysFlaw> {
        if json.len() > MAX_JWKS_BYTES {
            return Err(ClientKeysFlaw::Unreadable);
        }
        let value: Value = serde_json::from_str(json).map_err(|_| ClientKeysFlaw::Unreadable)?;
        let members = value.get("keys").and_then(Value::as_array);
        let members = members.ok_or(ClientKeysFlaw::Unreadable)?;
        let is_private = |key: &Value| PRIVATE_MEMBERS.iter().any(|name| key.get(name).is_some());
        if members.iter().any(is_private) {
            return Err(ClientKeysFlaw::Private);
        }
        let set: JwkSet = serde_json::from_value(value).map_err(|_| ClientKeysFlaw::Unsuitable)?;
        let mut ids: Vec<_> = set.keys.iter().map(|key| key.common.key_id.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        if !(1..=MAX_KEYS).contains(&set.keys.len()) || ids.len() != set.keys.len() {
            return Err(ClientKeysFlaw::Count);
        }
        set.keys.into_iter().map(ClientKey::new).collect::<Result<_, _>>().map(Self)
    }

    /// Whether `assertion` was made by the client with these keys and this id, for one of
    /// `audiences`, and counts at `now`. The caller uses it up.
    ///
    /// # Errors
    /// [`AssertionFlaw`].
    pub fn check(
        &self,
        assertion: &str,
        client_id: &str,
        audiences: &[&str],
        now: DateTime<Utc>,
    ) -> Result<Assertion, AssertionFlaw> {
        let claims = self.verify(assertion)?;
        if claims.iss != client_id || claims.sub != client_id {
            return Err(AssertionFlaw::Foreign);
        }
        // Each of several: an assertion that others take as well could come from one of them.
        let ours = |audience: &String| audiences.contains(&audience.as_str());
        let meant = match &claims.aud {
            Audience::One(one) => ours(one),
            Audience::Several(all) => !all.is_empty() && all.iter().all(ours),
        };
        if !meant {
            return Err(AssertionFlaw::Audience);
        }
        let time = |seconds: i64| {
            DateTime::<Utc>::from_timestamp(seconds, 0).ok_or(AssertionFlaw::Malformed)
        };
        let expires_at = time(claims.exp)?;
        let begun = [claims.nbf, claims.iat].into_iter().flatten().map(time);
        let begins = begun.collect::<Result<Vec<_>, _>>()?;
        let good = now < expires_at
            && expires_at <= now + MAX_ASSERTION_TTL + CLOCK_LEEWAY
            && begins.into_iter().all(|begin| begin <= now + CLOCK_LEEWAY);
        if !good {
            return Err(AssertionFlaw::Time);
        }
        if !(1..=MAX_JTI_BYTES).contains(&claims.jti.len()) {
            return Err(AssertionFlaw::Malformed);
        }
        Ok(Assertion { jti_hash: Sha256::digest(claims.jti.as_bytes()).into(), expires_at })
    }

    /// The claims of a JWT that one of the keys signed, with an algorithm of that key. Key hints in
    /// the header (`jku`, `x5u`, `jwk`) are never followed.
    fn verify(&self, assertion: &str) -> Result<Claims, AssertionFlaw> {
        let header =
            jsonwebtoken::decode_header(assertion).map_err(|_| AssertionFlaw::Malformed)?;
        if header.crit.is_some() {
            return Err(AssertionFlaw::Malformed);
        }
        let named = |key: &&ClientKey| match &header.kid {
            Some(id) => key.jwk.common.key_id.as_ref() == Some(id),
            None => true,
        };
        let fits = |key: &&ClientKey| key.algorithms.contains(&header.alg);
        let mut validation = Validation::new(header.alg);
        validation.set_required_spec_claims::<&str>(&[]);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        for key in self.0.iter().filter(named).filter(fits) {
            let Ok(decoding) = DecodingKey::from_jwk(&key.jwk) else { continue };
            match jsonwebtoken::decode::<Claims>(assertion, &decoding, &validation) {
                Ok(token) => return Ok(token.claims),
                Err(error) if matches!(error.kind(), jsonwebtoken::errors::ErrorKind::Json(_)) => {
                    return Err(AssertionFlaw::Malformed);
                }
                Err(_) => {}
            }
        }
        Err(AssertionFlaw::Signature)
    }
}

impl ClientKey {
    fn new(jwk: Jwk) -> Result<Self, ClientKeysFlaw> {
        let suited: &[Algorithm] = match &jwk.algorithm {
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
                &[Algorithm::ES256]
            }
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
                &[Algorithm::EdDSA]
            }
            AlgorithmParameters::RSA(key) if modulus_bytes(&key.n) >= MIN_RSA_MODULUS_BYTES => {
                &[Algorithm::RS256, Algorithm::PS256]
            }
            _ => return Err(ClientKeysFlaw::Unsuitable),
        };
        let signs =
            jwk.common.public_key_use.as_ref().is_none_or(|it| *it == PublicKeyUse::Signature);
        let named = jwk.common.key_algorithm;
        let algorithms: Vec<_> = suited
            .iter()
            .copied()
            .filter(|suited| named.is_none_or(|named| named.to_string() == format!("{suited:?}")))
            .collect();
        let readable = DecodingKey::from_jwk(&jwk).is_ok();
        if signs && readable && !algorithms.is_empty() {
            Ok(Self { jwk, algorithms })
        } else {
            Err(ClientKeysFlaw::Unsuitable)
        }
    }
}

/// Bytes of a number in base64url.
fn modulus_bytes(text: &str) -> usize {
    text.len() * 3 / 4
}

/// The client that an assertion speaks for, before anything of it is checked: for finding its keys.
#[must_use]
pub fn claimed_client(assertion: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Subject {
        sub: String,
    }
    let token = jsonwebtoken::dangerous::insecure_decode::<Subject>(assertion).ok()?;
    Some(token.claims.sub)
}

#[cfg(test)]
mod tests;
