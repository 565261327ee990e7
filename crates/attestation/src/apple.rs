//! Apple App Attest.
//!
//! The app makes a key once, and attests it with the first capture. Later captures carry an
//! assertion of that key, with a counter that must rise. So the service keeps the public key and
//! the counter.
//!
//! The formats are those of Apple's "Validating apps that connect to your server". The
//! `clientDataHash` of both is SHA-256 of the statement about the capture.

mod authenticator_data;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use ciborium::Value;
use faceauth_domain::attestation::AttestationFlaw as Flaw;
use sha2::{Digest, Sha256};

use crate::Result;
use crate::chain::{self, Chain, MAX_CERTIFICATES};
use crate::der::{self, Reader};
use crate::revocation::Revocations;
use crate::roots::Roots;
use crate::statement::Statement;
use authenticator_data::AuthenticatorData;

/// The extension that holds the nonce.
const NONCE: &str = "1.2.840.113635.100.8.2";
/// `fmt` of an attestation object.
const FORMAT: &str = "apple-appattest";
/// Bytes of a SHA-256, which key identifiers are.
const DIGEST_BYTES: usize = 32;

/// Where keys were made: builds for development get others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// Apps of the App Store, of `TestFlight` and of enterprises.
    Production,
    /// Apps that run from Xcode.
    Development,
}

impl Environment {
    fn aaguid(self) -> &'static [u8; 16] {
        match self {
            Self::Production => b"appattest\0\0\0\0\0\0\0",
            Self::Development => b"appattestdevelop",
        }
    }
}

/// What attestations and assertions of Apple's are checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apple {
    /// Apple's App Attest root.
    pub roots: Roots,
    /// App IDs whose captures count: the team, a dot, and the bundle.
    pub apps: Vec<String>,
    /// Where their keys are made.
    pub environment: Environment,
}

/// A key that is attested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Apple's `keyId`: SHA-256 of the public key.
    pub id: [u8; 32],
    /// The point on P-256, uncompressed.
    pub public_key: Vec<u8>,
    /// SHA-256 of the App ID.
    pub app: [u8; 32],
    /// The last counter.
    pub counter: u32,
}

impl Apple {
    /// The key of an attestation object that was made for `statement`.
    ///
    /// # Errors
    /// The first flaw.
    pub fn attest(
        &self,
        key_id: [u8; 32],
        object: &[u8],
        statement: &Statement,
        now: DateTime<Utc>,
    ) -> Result<Key> {
        let mut object = map(object)?;
        if text(object.remove("fmt"))? != FORMAT {
            return Err(Flaw::Malformed);
        }
        let authenticator = bytes(object.remove("authData"))?;
        let certificates = certificates(object.remove("attStmt"))?;
        // Apple publishes no list of revoked ones.
        let chain = Chain::check(&certificates, &self.roots, &Revocations::default(), now)?;
        let described = chain.leaf_extension(NONCE)?.ok_or(Flaw::Malformed)?;
        if nonce_of(described)? != nonce(&authenticator, statement) {
            return Err(Flaw::WrongChallenge);
        }
        let data = AuthenticatorData::parse(&authenticator)?;
        let credential = data.credential()?;
        let app = self.app(&data.app)?;
        if data.counter != 0 {
            return Err(Flaw::Malformed);
        }
        if credential.aaguid != self.environment.aaguid() {
            return Err(Flaw::WrongEnvironment);
        }
        let public_key = chain.key()?.to_vec();
        let id: [u8; DIGEST_BYTES] = Sha256::digest(&public_key).into();
        if id != key_id || credential.id != id {
            return Err(Flaw::WrongKey);
        }
        Ok(Key { id, public_key, app, counter: 0 })
    }

    /// The counter of an assertion by `key` about `statement`. It is higher than that of `key`.
    ///
    /// # Errors
    /// The first flaw.
    pub fn assert(&self, key: &Key, assertion: &[u8], statement: &Statement) -> Result<u32> {
        let mut assertion = map(assertion)?;
        let signature = bytes(assertion.remove("signature"))?;
        let authenticator = bytes(assertion.remove("authenticatorData"))?;
        let data = AuthenticatorData::parse(&authenticator)?;
        // The app of the key, if it still counts.
        if self.app(&data.app)? != key.app {
            return Err(Flaw::WrongApp);
        }
        chain::signed(&key.public_key, &nonce(&authenticator, statement), &signature)?;
        if data.counter <= key.counter {
            return Err(Flaw::CounterRepeated);
        }
        Ok(data.counter)
    }

    /// `digest`, when it is of one of the App IDs.
    fn app(&self, digest: &[u8; 32]) -> Result<[u8; 32]> {
        let of = |app: &String| <[u8; 32]>::from(Sha256::digest(app.as_bytes()));
        self.apps.iter().map(of).find(|app| app == digest).ok_or(Flaw::WrongApp)
    }
}

/// SHA-256 of the authenticator data and of the digest of the statement.
fn nonce(authenticator: &[u8], statement: &Statement) -> [u8; 32] {
    Sha256::new().chain_update(authenticator).chain_update(statement.digest()).finalize().into()
}

/// The nonce in the extension: SEQUENCE { [1] EXPLICIT OCTET STRING }.
fn nonce_of(extension: &[u8]) -> Result<&[u8]> {
    let mut outer = Reader::new(extension);
    let mut sequence = outer.sequence()?;
    outer.end()?;
    let mut tagged = der::explicit(&sequence.next()?, 1)?;
    sequence.end()?;
    let nonce = tagged.octets()?;
    tagged.end()?;
    Ok(nonce)
}

/// `x5c` of the attestation statement.
fn certificates(statement: Option<Value>) -> Result<Vec<Vec<u8>>> {
    let mut statement = entries(statement.ok_or(Flaw::Malformed)?)?;
    let Some(Value::Array(list)) = statement.remove("x5c") else { return Err(Flaw::Malformed) };
    if list.len() > MAX_CERTIFICATES {
        return Err(Flaw::Malformed);
    }
    list.into_iter().map(|item| bytes(Some(item))).collect()
}

/// The map that `cbor` is, with nothing behind it.
fn map(mut cbor: &[u8]) -> Result<BTreeMap<String, Value>> {
    let value = ciborium::from_reader(&mut cbor).map_err(|_| Flaw::Malformed)?;
    if cbor.is_empty() { entries(value) } else { Err(Flaw::Malformed) }
}

/// The entries of a map with texts as keys, each once.
fn entries(value: Value) -> Result<BTreeMap<String, Value>> {
    let Value::Map(list) = value else { return Err(Flaw::Malformed) };
    let mut found = BTreeMap::new();
    for (key, value) in list {
        let Value::Text(key) = key else { return Err(Flaw::Malformed) };
        if found.insert(key, value).is_some() {
            return Err(Flaw::Malformed);
        }
    }
    Ok(found)
}

fn bytes(value: Option<Value>) -> Result<Vec<u8>> {
    match value {
        Some(Value::Bytes(bytes)) => Ok(bytes),
        _ => Err(Flaw::Malformed),
    }
}

fn text(value: Option<Value>) -> Result<String> {
    match value {
        Some(Value::Text(text)) => Ok(text),
        _ => Err(Flaw::Malformed),
    }
}
