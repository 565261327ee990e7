//! Apple devices.

use ciborium::Value;
use rcgen::{CustomExtension, KeyPair, PublicKeyData, SigningKey};
use sha2::{Digest, Sha256};
use yasna::Tag;

use super::authority::{Authority, Subject, device_key};

/// The extension with the nonce.
const NONCE: &[u64] = &[1, 2, 840, 113_635, 100, 8, 2];

/// The App ID of the app.
pub const APP_ID: &str = "0123456789.com.example.app";
/// `aaguid` of an app from the App Store.
pub const PRODUCTION: [u8; 16] = *b"appattest\0\0\0\0\0\0\0";
/// `aaguid` of an app that runs from Xcode.
pub const DEVELOPMENT: [u8; 16] = *b"appattestdevelop";

/// What an attestation object says. The default is a good device with the app of [`APP_ID`].
#[derive(Debug, Clone)]
pub struct Attestation {
    /// The format.
    pub format: String,
    /// The App ID.
    pub app_id: String,
    /// Where the key was made.
    pub aaguid: [u8; 16],
    /// The counter.
    pub counter: u32,
    /// The flags of the authenticator data.
    pub flags: u8,
    /// Whether the credential's identifier is that of the key.
    pub own_id: bool,
    /// First and last year of the key's certificate.
    pub years: (i32, i32),
    /// Whether the key's certificate has the nonce.
    pub nonce: bool,
    /// Bytes behind the object.
    pub behind: Vec<u8>,
}

impl Default for Attestation {
    fn default() -> Self {
        Self {
            format: "apple-appattest".to_owned(),
            app_id: APP_ID.to_owned(),
            aaguid: PRODUCTION,
            counter: 0,
            flags: 0x40,
            own_id: true,
            years: (2025, 2030),
            nonce: true,
            behind: Vec::new(),
        }
    }
}

/// Whoever vouches for Apple's devices.
pub struct Vendor {
    root: Authority,
    issuer: Authority,
}

impl Default for Vendor {
    fn default() -> Self {
        let root = Authority::root("Root of attestations");
        let issuer = root.below(&Subject::authority("Attestations 1", 2), true);
        Self { root, issuer }
    }
}

/// A key of an app.
pub struct Device {
    key: KeyPair,
}

impl Default for Device {
    fn default() -> Self {
        Self { key: device_key() }
    }
}

impl Vendor {
    /// The root, in DER.
    #[must_use]
    pub fn root(&self) -> Vec<u8> {
        self.root.certificate.clone()
    }

    /// Attests the key of `device` for `statement`.
    #[must_use]
    pub fn attest(&self, device: &Device, statement: &[u8], says: &Attestation) -> Vec<u8> {
        let id = if says.own_id { device.key_id() } else { [9; 32] };
        let mut data = authenticator_data(&says.app_id, says.flags, says.counter);
        data.extend(says.aaguid);
        data.extend((id.len() as u16).to_be_bytes());
        data.extend(id);
        data.extend(device.cose_key());
        let nonce = nonce(&data, statement);
        let extension = yasna::construct_der(|writer| {
            writer.write_sequence(|writer| {
                writer.next().write_tagged(Tag::context(1), |writer| writer.write_bytes(&nonce));
            });
        });
        let extension = CustomExtension::from_oid_content(NONCE, extension);
        let subject = Subject {
            years: says.years,
            extensions: if says.nonce { vec![extension] } else { Vec::new() },
            ..Subject::key("Key of an app", 3)
        };
        let x5c = [self.issuer.issue(&subject, &device.key), self.issuer.certificate.clone()];
        let statement = Value::Map(vec![
            (text("x5c"), Value::Array(x5c.into_iter().map(Value::Bytes).collect())),
            (text("receipt"), Value::Bytes(vec![1, 2, 3])),
        ]);
        let mut object = cbor(&Value::Map(vec![
            (text("fmt"), text(&says.format)),
            (text("attStmt"), statement),
            (text("authData"), Value::Bytes(data)),
        ]));
        object.extend(&says.behind);
        object
    }
}

impl Device {
    /// The point of the key, uncompressed.
    #[must_use]
    pub fn public_key(&self) -> Vec<u8> {
        self.key.der_bytes().to_vec()
    }

    /// Apple's `keyId`.
    #[must_use]
    pub fn key_id(&self) -> [u8; 32] {
        Sha256::digest(self.public_key()).into()
    }

    /// An assertion about `statement`.
    #[must_use]
    pub fn assert(&self, app_id: &str, counter: u32, statement: &[u8]) -> Vec<u8> {
        let data = authenticator_data(app_id, 0x40, counter);
        let signature = self.key.sign(&nonce(&data, statement)).expect("a signature");
        cbor(&Value::Map(vec![
            (text("signature"), Value::Bytes(signature)),
            (text("authenticatorData"), Value::Bytes(data)),
        ]))
    }

    /// The public key in COSE form (RFC 9053, 7.1).
    fn cose_key(&self) -> Vec<u8> {
        let point = self.public_key();
        let number = |number: i64| Value::Integer(number.into());
        cbor(&Value::Map(vec![
            (number(1), number(2)),
            (number(3), number(-7)),
            (number(-1), number(1)),
            (number(-2), Value::Bytes(point[1..33].to_vec())),
            (number(-3), Value::Bytes(point[33..].to_vec())),
        ]))
    }
}

fn authenticator_data(app_id: &str, flags: u8, counter: u32) -> Vec<u8> {
    let mut data = Sha256::digest(app_id.as_bytes()).to_vec();
    data.push(flags);
    data.extend(counter.to_be_bytes());
    data
}

fn nonce(authenticator_data: &[u8], statement: &[u8]) -> [u8; 32] {
    let hash = Sha256::digest(statement);
    Sha256::new().chain_update(authenticator_data).chain_update(hash).finalize().into()
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn cbor(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("CBOR");
    bytes
}
