//! An authenticator in software: what a browser and a key would answer (WebAuthn Level 3).
//!
//! Everything that a test may want wrong is a field: the origin of the page, the verification of
//! the user, the counter, the account that a passkey is found under.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use ciborium::Value as Cbor;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Flags of authenticator data (WebAuthn Level 3, 6.1).
const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const ATTESTED: u8 = 0x40;

/// A key in a device.
#[derive(Clone)]
pub struct SoftKey {
    /// The private half.
    pub key: SigningKey,
    /// The identifier of the passkey.
    pub id: Vec<u8>,
    /// The domain it was made for.
    pub rp_id: String,
    /// The origin of the page that asks.
    pub origin: String,
    /// Whether the device verifies its user.
    pub verifies_user: bool,
    /// Whether the key may be copied to other devices.
    pub synced: bool,
    /// The last count of signatures. A device that does not count stays at 0.
    pub counter: u32,
    /// Whether it counts.
    pub counts: bool,
    /// The account it was registered for: the bytes of `user.id`.
    pub user_handle: Option<Vec<u8>>,
}

impl SoftKey {
    /// A key of a device that counts and verifies. The seed tells keys apart.
    ///
    /// # Panics
    /// When the seed is 0.
    #[must_use]
    pub fn new(seed: u8, rp_id: &str, origin: &str) -> Self {
        Self {
            key: SigningKey::from_slice(&[seed; 32]).expect("a scalar"),
            id: vec![seed; 16],
            rp_id: rp_id.to_owned(),
            origin: origin.to_owned(),
            verifies_user: true,
            synced: false,
            counter: 0,
            counts: true,
            user_handle: None,
        }
    }

    /// The answer to creation options: `RegistrationResponseJSON`.
    ///
    /// # Panics
    /// When the options lack a challenge or an account.
    pub fn register(&mut self, options: &Value) -> Value {
        let user = options["user"]["id"].as_str().expect("user.id");
        self.user_handle = Some(decode(user));
        let client_data = self.client_data("webauthn.create", options);
        let mut data = self.authenticator_data(ATTESTED);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).expect("short").to_be_bytes());
        data.extend(&self.id);
        let point = self.key.verifying_key().to_encoded_point(false);
        let coordinate =
            |bytes: Option<&p256::FieldBytes>| Cbor::Bytes(bytes.expect("a point").to_vec());
        data.extend(cbor(&Cbor::Map(vec![
            (Cbor::from(1), Cbor::from(2)),
            (Cbor::from(3), Cbor::from(-7)),
            (Cbor::from(-1), Cbor::from(1)),
            (Cbor::from(-2), coordinate(point.x())),
            (Cbor::from(-3), coordinate(point.y())),
        ])));
        let object = cbor(&Cbor::Map(vec![
            (Cbor::from("fmt"), Cbor::from("none")),
            (Cbor::from("attStmt"), Cbor::Map(Vec::new())),
            (Cbor::from("authData"), Cbor::Bytes(data)),
        ]));
        json!({
            "id": encode(&self.id), "rawId": encode(&self.id), "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encode(&client_data), "attestationObject": encode(&object),
                "transports": ["internal"],
            },
        })
    }

    /// The answer to request options: `AuthenticationResponseJSON`.
    ///
    /// # Panics
    /// When the options lack a challenge.
    pub fn sign(&mut self, options: &Value) -> Value {
        let client_data = self.client_data("webauthn.get", options);
        if self.counts {
            self.counter += 1;
        }
        let data = self.authenticator_data(0);
        let signed = [&data[..], &Sha256::digest(&client_data)].concat();
        let signature: Signature = self.key.sign(&signed);
        json!({
            "id": encode(&self.id), "rawId": encode(&self.id), "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encode(&client_data), "authenticatorData": encode(&data),
                "signature": encode(signature.to_der().as_bytes()),
                "userHandle": self.user_handle.as_deref().map(encode),
            },
        })
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge = options["challenge"].as_str().expect("challenge");
        json!({
            "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false,
        })
        .to_string()
        .into_bytes()
    }

    fn authenticator_data(&self, flags: u8) -> Vec<u8> {
        let verified = if self.verifies_user { USER_VERIFIED } else { 0 };
        let synced = if self.synced { BACKUP_ELIGIBLE } else { 0 };
        let mut data = Sha256::digest(self.rp_id.as_bytes()).to_vec();
        data.push(flags | USER_PRESENT | verified | synced);
        data.extend(self.counter.to_be_bytes());
        data
    }
}

fn cbor(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("CBOR");
    bytes
}

fn encode(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(text: &str) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64url")
}
