//! A public key and what is known of its device.

use std::fmt;

use faceauth_domain::authentication::PasskeyKind;
use webauthn_rs::prelude::{AuthenticationResult, Credential as Inner, Passkey};

use crate::flaw::Flaw;

/// A passkey as it is stored: the public half.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// The identifier that its device chose, at most 1023 bytes (WebAuthn Level 3, 4).
    pub id: Vec<u8>,
    /// Public key and flags, as the library writes them.
    pub record: String,
    /// The device's count of signatures; 0 where the device does not count.
    pub counter: u32,
    /// What is known of the device.
    pub kind: PasskeyKind,
}

impl Credential {
    pub(crate) fn of(passkey: &Passkey) -> Result<Self, Flaw> {
        let inner = Inner::from(passkey.clone());
        Ok(Self {
            id: passkey.cred_id().to_vec(),
            record: serde_json::to_string(passkey).map_err(|_| Flaw::Malformed)?,
            counter: inner.counter,
            kind: kind(inner.backup_eligible),
        })
    }

    /// As the library knows it. The stored count replaces that of the record.
    pub(crate) fn passkey(&self) -> Result<Passkey, Flaw> {
        let passkey: Passkey = serde_json::from_str(&self.record).map_err(|_| Flaw::Malformed)?;
        let mut inner = Inner::from(passkey);
        inner.counter = self.counter;
        Ok(inner.into())
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// A passkey that was shown: its device has verified its user and signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Which one.
    pub id: Vec<u8>,
    /// The device's count of signatures. The caller stores it, unless the stored one is as high.
    pub counter: u32,
    /// What is known of the device now.
    pub kind: PasskeyKind,
}

impl Shown {
    pub(crate) fn of(result: &AuthenticationResult) -> Result<Self, Flaw> {
        if !result.user_verified() {
            return Err(Flaw::UserVerification);
        }
        Ok(Self {
            id: result.cred_id().to_vec(),
            counter: result.counter(),
            kind: kind(result.backup_eligible()),
        })
    }
}

fn kind(backup_eligible: bool) -> PasskeyKind {
    if backup_eligible { PasskeyKind::Synced } else { PasskeyKind::DeviceBound }
}
