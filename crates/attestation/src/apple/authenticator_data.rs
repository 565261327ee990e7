//! Authenticator data (WebAuthn Level 2, 6.1), as App Attest fills it in.

use faceauth_domain::attestation::AttestationFlaw as Flaw;

use crate::Result;

/// Set when a credential follows.
const FLAG_CREDENTIAL: u8 = 0x40;

/// What is decided on.
pub(super) struct AuthenticatorData<'a> {
    /// `rpIdHash`: SHA-256 of the App ID.
    pub app: [u8; 32],
    pub counter: u32,
    flags: u8,
    /// What follows the counter.
    rest: &'a [u8],
}

/// An attested credential.
pub(super) struct Credential<'a> {
    pub aaguid: &'a [u8; 16],
    pub id: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self> {
        let (app, rest) = bytes.split_first_chunk::<32>().ok_or(Flaw::Malformed)?;
        let ([flags], rest) = rest.split_first_chunk::<1>().ok_or(Flaw::Malformed)?;
        let (counter, rest) = rest.split_first_chunk::<4>().ok_or(Flaw::Malformed)?;
        Ok(Self { app: *app, counter: u32::from_be_bytes(*counter), flags: *flags, rest })
    }

    /// The credential of an attestation. An assertion has none, whatever its flags say.
    pub(super) fn credential(&self) -> Result<Credential<'a>> {
        if self.flags & FLAG_CREDENTIAL == 0 {
            return Err(Flaw::Malformed);
        }
        Credential::parse(self.rest)
    }
}

impl<'a> Credential<'a> {
    /// The public key in COSE form follows; it is the one of the certificate, which counts.
    fn parse(bytes: &'a [u8]) -> Result<Self> {
        let (aaguid, rest) = bytes.split_first_chunk::<16>().ok_or(Flaw::Malformed)?;
        let (length, rest) = rest.split_first_chunk::<2>().ok_or(Flaw::Malformed)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let id = rest.get(..length).ok_or(Flaw::Malformed)?;
        Ok(Self { aaguid, id })
    }
}
