//! Android key attestation.
//!
//! The app makes a key for each attempt in the hardware of the device, with the session's nonce as
//! the challenge, and signs the statement with it. The chain of certificates goes with every
//! capture, so the service keeps nothing.
//!
//! The format is the one that Android documents as "Key and ID attestation" in the Android Open
//! Source Project: the extension `1.3.6.1.4.1.11129.2.1.17` of the key's certificate.

mod description;

use chrono::{DateTime, Utc};
use faceauth_domain::attestation::{AttestationFlaw as Flaw, Attested};

use crate::Result;
use crate::chain::{self, Chain};
use crate::revocation::Revocations;
use crate::roots::Roots;
use crate::statement::Statement;
use description::{Apps, KeyDescription, SecurityLevel};

/// The extension that describes an attested key.
const KEY_DESCRIPTION: &str = "1.3.6.1.4.1.11129.2.1.17";

/// An app whose captures count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// The name of its package, for example `com.example.app`.
    pub package: String,
    /// SHA-256 of the certificates that may have signed it, at least one.
    pub signers: Vec<[u8; 32]>,
}

/// What Android attestations are checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Android {
    /// The roots of Google's attestation certificates.
    pub roots: Roots,
    /// Certificates that were taken back.
    pub revoked: Revocations,
    /// Apps whose captures count.
    pub apps: Vec<App>,
}

/// What an Android app sends with a capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// In DER, the one of the key first.
    pub certificates: Vec<Vec<u8>>,
    /// ECDSA on P-256 with SHA-256 over the statement, in DER.
    pub signature: Vec<u8>,
}

impl Android {
    /// Whether one of the apps signed `statement` on a device that started verified, with a key in
    /// hardware that was made for this capture.
    ///
    /// # Errors
    /// The first flaw.
    pub fn check(
        &self,
        attestation: &Attestation,
        statement: &Statement,
        now: DateTime<Utc>,
    ) -> Result<Attested> {
        let chain = Chain::check(&attestation.certificates, &self.roots, &self.revoked, now)?;
        let described = chain.leaf_extension(KEY_DESCRIPTION)?.ok_or(Flaw::Malformed)?;
        let described = KeyDescription::parse(described)?;
        if described.challenge != statement.nonce().as_bytes() {
            return Err(Flaw::WrongChallenge);
        }
        let attested = match described.level {
            SecurityLevel::Software => return Err(Flaw::SoftwareKey),
            SecurityLevel::TrustedEnvironment => Attested::AndroidTee,
            SecurityLevel::StrongBox => Attested::AndroidStrongBox,
        };
        if !described.boot_verified {
            return Err(Flaw::BootNotVerified);
        }
        if !described.only_signs || !described.generated || described.for_all_apps {
            return Err(Flaw::WrongKeyUse);
        }
        self.check_apps(&described.apps)?;
        chain::signed(chain.key()?, statement.bytes(), &attestation.signature)?;
        Ok(attested)
    }

    fn check_apps(&self, apps: &Apps<'_>) -> Result<()> {
        // Apps that share a user identifier share keys: then several packages are named.
        let [package] = apps.packages[..] else { return Err(Flaw::WrongApp) };
        let app = self.apps.iter().find(|app| app.package.as_bytes() == package);
        let app = app.ok_or(Flaw::WrongApp)?;
        let known = |digest: &[u8]| app.signers.iter().any(|signer| signer[..] == *digest);
        if !apps.signers.is_empty() && apps.signers.iter().all(|digest| known(digest)) {
            Ok(())
        } else {
            Err(Flaw::WrongAppSigner)
        }
    }
}
