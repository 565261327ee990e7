//! `KeyDescription`: what the hardware says of a key.

use faceauth_domain::attestation::AttestationFlaw as Flaw;
use std::collections::BTreeMap;

use crate::Result;
use crate::der::{self, Reader};
use x509_parser::asn1_rs::{Any, Class};

/// Tags of an `AuthorizationList` (the numbers of Keymaster's and KeyMint's tags).
mod tag {
    pub(super) const PURPOSE: u32 = 1;
    pub(super) const ALL_APPLICATIONS: u32 = 600;
    pub(super) const ORIGIN: u32 = 702;
    pub(super) const ROOT_OF_TRUST: u32 = 704;
    pub(super) const ATTESTATION_APPLICATION_ID: u32 = 709;
}

/// `KeyPurpose::SIGN`.
const PURPOSE_SIGN: u64 = 2;
/// `KeyOrigin::GENERATED`: the hardware made the key.
const ORIGIN_GENERATED: u64 = 0;
/// `VerifiedBootState::Verified`: every part of the system is signed by the device's maker.
const BOOT_VERIFIED: u64 = 0;

/// Where a key lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SecurityLevel {
    /// In memory that the operating system can read.
    Software,
    /// In the trusted execution environment.
    TrustedEnvironment,
    /// In a security chip of its own.
    StrongBox,
}

impl SecurityLevel {
    fn parse(number: u64) -> Result<Self> {
        match number {
            0 => Ok(Self::Software),
            1 => Ok(Self::TrustedEnvironment),
            2 => Ok(Self::StrongBox),
            _ => Err(Flaw::Malformed),
        }
    }
}

/// What is decided on. Whatever else the hardware says is left out.
#[derive(Debug)]
pub(super) struct KeyDescription<'a> {
    /// The weaker one of where the key lies and where the description was made.
    pub level: SecurityLevel,
    pub challenge: &'a [u8],
    /// The bootloader is locked, and the system is its maker's. Said by hardware.
    pub boot_verified: bool,
    /// The key signs and does nothing else. Said by hardware.
    pub only_signs: bool,
    /// The hardware made the key. Said by hardware.
    pub generated: bool,
    /// Every app may use the key.
    pub for_all_apps: bool,
    /// Who uses the key. Said by the system, which started verified.
    pub apps: Apps<'a>,
}

/// `AttestationApplicationId`.
#[derive(Debug, Default)]
pub(super) struct Apps<'a> {
    /// Names of the packages that share the key.
    pub packages: Vec<&'a [u8]>,
    /// SHA-256 of the certificates that signed them.
    pub signers: Vec<&'a [u8]>,
}

impl<'a> KeyDescription<'a> {
    /// Reads the content of the extension.
    pub(super) fn parse(extension: &'a [u8]) -> Result<Self> {
        let mut outer = Reader::new(extension);
        let mut fields = outer.sequence()?;
        outer.end()?;
        let _version = fields.integer()?;
        let described_in = SecurityLevel::parse(fields.enumerated()?)?;
        let _keymaster_version = fields.integer()?;
        let kept_in = SecurityLevel::parse(fields.enumerated()?)?;
        let challenge = fields.octets()?;
        let _unique_id = fields.octets()?;
        let software = Authorizations::parse(fields.sequence()?)?;
        let hardware = Authorizations::parse(fields.sequence()?)?;
        fields.end()?;
        Ok(Self {
            level: described_in.min(kept_in),
            challenge,
            boot_verified: hardware.boot_verified()?,
            only_signs: hardware.purposes()? == [PURPOSE_SIGN],
            generated: hardware.number(tag::ORIGIN)? == Some(ORIGIN_GENERATED),
            for_all_apps: software.has(tag::ALL_APPLICATIONS)
                || hardware.has(tag::ALL_APPLICATIONS),
            apps: software.apps()?,
        })
    }
}

/// An `AuthorizationList`: each tag at most once.
struct Authorizations<'a>(BTreeMap<u32, Any<'a>>);

impl<'a> Authorizations<'a> {
    fn parse(mut list: Reader<'a>) -> Result<Self> {
        let mut found = BTreeMap::new();
        while let Some(value) = list.next_or_end()? {
            if value.class() != Class::ContextSpecific
                || found.insert(value.tag().0, value).is_some()
            {
                return Err(Flaw::Malformed);
            }
        }
        Ok(Self(found))
    }

    fn has(&self, tag: u32) -> bool {
        self.0.contains_key(&tag)
    }

    /// What stands under `tag`.
    fn get(&self, tag: u32) -> Result<Option<Reader<'a>>> {
        self.0.get(&tag).map(|value| der::explicit(value, tag)).transpose()
    }

    fn number(&self, tag: u32) -> Result<Option<u64>> {
        let Some(mut value) = self.get(tag)? else { return Ok(None) };
        let number = value.integer()?;
        value.end()?;
        Ok(Some(number))
    }

    fn purposes(&self) -> Result<Vec<u64>> {
        let Some(mut value) = self.get(tag::PURPOSE)? else { return Ok(Vec::new()) };
        let mut set = value.set()?;
        value.end()?;
        let mut purposes = Vec::new();
        while let Some(purpose) = set.next_or_end()? {
            purposes.push(u64::from(purpose.as_u32().map_err(|_| Flaw::Malformed)?));
        }
        Ok(purposes)
    }

    /// `RootOfTrust`. `false` when there is none.
    fn boot_verified(&self) -> Result<bool> {
        let Some(mut value) = self.get(tag::ROOT_OF_TRUST)? else { return Ok(false) };
        let mut root = value.sequence()?;
        value.end()?;
        let _verified_boot_key = root.octets()?;
        let locked = root.boolean()?;
        let state = root.enumerated()?;
        // `verifiedBootHash`, since version 3.
        if root.next_or_end()?.is_some() {
            root.end()?;
        }
        Ok(locked && state == BOOT_VERIFIED)
    }

    /// `AttestationApplicationId`. Nobody when there is none.
    fn apps(&self) -> Result<Apps<'a>> {
        let Some(mut value) = self.get(tag::ATTESTATION_APPLICATION_ID)? else {
            return Ok(Apps::default());
        };
        let mut inside = Reader::new(value.octets()?);
        value.end()?;
        let mut id = inside.sequence()?;
        inside.end()?;
        let (mut infos, mut digests) = (id.set()?, id.set()?);
        id.end()?;
        let mut apps = Apps::default();
        while !infos.is_empty() {
            let mut info = infos.sequence()?;
            apps.packages.push(info.octets()?);
            let _version = info.integer()?;
            info.end()?;
        }
        while !digests.is_empty() {
            apps.signers.push(digests.octets()?);
        }
        Ok(apps)
    }
}
