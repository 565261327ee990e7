//! Certificate chains: from the certificate of a key up to a pinned root.
//!
//! The rules of RFC 5280, 6.1, that attestation chains use, each checked here. The libraries for
//! the certificates of web servers want names of hosts and purposes that these do not have.

use chrono::{DateTime, Utc};
use faceauth_domain::attestation::AttestationFlaw as Flaw;
use ring::signature::{
    self, ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1,
    ECDSA_P384_SHA384_ASN1, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};
use x509_parser::prelude::{ASN1Time, FromDer, SubjectPublicKeyInfo, X509Certificate, X509Version};

use crate::Result;
use crate::der::Reader;
use crate::revocation::Revocations;
use crate::roots::{Root, Roots};

/// Most certificates of a chain; the longest published ones have five.
pub(crate) const MAX_CERTIFICATES: usize = 8;
/// Most bytes of a certificate; published ones have less than 2 KiB.
const MAX_CERTIFICATE_BYTES: usize = 8 * 1024;

/// Object identifiers of algorithms and curves.
mod oid {
    pub(super) const ECDSA_SHA256: &str = "1.2.840.10045.4.3.2";
    pub(super) const ECDSA_SHA384: &str = "1.2.840.10045.4.3.3";
    pub(super) const RSA_SHA256: &str = "1.2.840.113549.1.1.11";
    pub(super) const RSA_SHA384: &str = "1.2.840.113549.1.1.12";
    pub(super) const RSA_SHA512: &str = "1.2.840.113549.1.1.13";
    pub(super) const EC_KEY: &str = "1.2.840.10045.2.1";
    pub(super) const RSA_KEY: &str = "1.2.840.113549.1.1.1";
    pub(super) const P256: &str = "1.2.840.10045.3.1.7";
    pub(super) const P384: &str = "1.3.132.0.34";
    /// Extensions that may be critical, because they are looked at: basicConstraints and keyUsage.
    pub(super) const UNDERSTOOD: [&str; 2] = ["2.5.29.19", "2.5.29.15"];
}

/// A chain that ends at a pinned root: its first certificate, and the others up to the root.
pub(crate) struct Chain<'a> {
    leaf: X509Certificate<'a>,
    issuers: Vec<X509Certificate<'a>>,
}

impl<'a> Chain<'a> {
    /// Checks `certificates`, in DER, the one of the key first. The root itself may stand at the
    /// end.
    pub(crate) fn check(
        certificates: &'a [Vec<u8>],
        roots: &Roots,
        revoked: &Revocations,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        if certificates.is_empty() || certificates.len() > MAX_CERTIFICATES {
            return Err(Flaw::Malformed);
        }
        let mut chain = certificates.iter().map(|der| parse(der)).collect::<Result<Vec<_>>>()?;
        // The sent root counts for nothing; its pinned twin is what is trusted.
        let sent_root = chain.last().is_some_and(|last| roots.iter().any(|root| is(last, root)));
        let checked = chain.len() - usize::from(sent_root);
        if checked == 0 {
            return Err(Flaw::BrokenChain);
        }
        for (below, certificate) in chain[..checked].iter().enumerate() {
            usable(certificate, now)?;
            if below == 0 {
                not_an_issuer(certificate)?;
            } else {
                may_issue(certificate, below - 1)?;
            }
        }
        if chain.iter().any(|certificate| revoked.names(certificate.raw_serial())) {
            return Err(Flaw::Revoked);
        }
        for pair in chain[..checked].windows(2) {
            let issuer = Root::of(&pair[1]);
            issued_by(&pair[0], &issuer)?;
        }
        let last = &chain[checked - 1];
        let mut named = roots.iter().filter(|root| root.name == last.issuer().as_raw()).peekable();
        if named.peek().is_none() {
            return Err(Flaw::UnknownRoot);
        }
        if !named.any(|root| issued_by(last, root).is_ok()) {
            return Err(Flaw::UnknownRoot);
        }
        let leaf = chain.remove(0);
        Ok(Self { leaf, issuers: chain })
    }

    /// The point of the first certificate's key, uncompressed. It is on P-256, as the keys of both
    /// platforms are.
    pub(crate) fn key(&self) -> Result<&[u8]> {
        let key = self.leaf.public_key();
        if curve(key).as_deref() == Some(oid::P256) {
            Ok(key.subject_public_key.as_ref())
        } else {
            Err(Flaw::WrongKeyUse)
        }
    }

    /// An extension of the first certificate; `None` when it has none. Malformed when it has it
    /// twice, and when another certificate of the chain has it too: whoever holds an attested key
    /// could otherwise attest more with it.
    pub(crate) fn leaf_extension(&self, identifier: &str) -> Result<Option<&[u8]>> {
        let of = |certificate: &X509Certificate<'a>| {
            certificate
                .extensions()
                .iter()
                .filter(|extension| extension.oid.to_id_string() == identifier)
                .map(|extension| extension.value)
                .collect::<Vec<&'a [u8]>>()
        };
        if self.issuers.iter().any(|issuer| !of(issuer).is_empty()) {
            return Err(Flaw::BrokenChain);
        }
        match of(&self.leaf)[..] {
            [] => Ok(None),
            [only] => Ok(Some(only)),
            _ => Err(Flaw::Malformed),
        }
    }
}

impl Root {
    /// The name and key of a certificate.
    fn of(certificate: &X509Certificate<'_>) -> Self {
        Self {
            name: certificate.subject().as_raw().to_vec(),
            key: certificate.public_key().raw.to_vec(),
        }
    }
}

/// Whether `certificate` has the name and the key of `root`.
fn is(certificate: &X509Certificate<'_>, root: &Root) -> bool {
    certificate.subject().as_raw() == root.name && certificate.public_key().raw == root.key
}

fn parse(der: &[u8]) -> Result<X509Certificate<'_>> {
    if der.len() > MAX_CERTIFICATE_BYTES {
        return Err(Flaw::Malformed);
    }
    names_one_algorithm(der)?;
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) if certificate.version() == X509Version::V3 => Ok(certificate),
        _ => Err(Flaw::Malformed),
    }
}

/// The algorithm of the signature stands under it and beside it, byte for byte the same (RFC 5280,
/// 4.1.1.2).
fn names_one_algorithm(der: &[u8]) -> Result<()> {
    let mut certificate = Reader::new(der).sequence()?;
    let mut signed = certificate.sequence()?;
    let _version = signed.next()?;
    let _serial = signed.next()?;
    if signed.raw()? == certificate.raw()? { Ok(()) } else { Err(Flaw::Malformed) }
}

/// Refuses a certificate at the wrong time, and one with a critical extension that nobody here
/// looks at.
fn usable(certificate: &X509Certificate<'_>, now: DateTime<Utc>) -> Result<()> {
    let now = ASN1Time::from_timestamp(now.timestamp()).map_err(|_| Flaw::Malformed)?;
    if now < certificate.validity().not_before {
        return Err(Flaw::NotYetValid);
    }
    if now > certificate.validity().not_after {
        return Err(Flaw::Expired);
    }
    let strange = certificate.extensions().iter().any(|extension| {
        extension.critical && !oid::UNDERSTOOD.contains(&extension.oid.to_id_string().as_str())
    });
    if strange { Err(Flaw::BrokenChain) } else { Ok(()) }
}

/// The certificate of a key issues nothing.
fn not_an_issuer(certificate: &X509Certificate<'_>) -> Result<()> {
    let constraints = certificate.basic_constraints().map_err(|_| Flaw::Malformed)?;
    if constraints.is_some_and(|constraints| constraints.value.ca) {
        return Err(Flaw::BrokenChain);
    }
    Ok(())
}

/// Whether a certificate may issue others, with `between` issuers between it and the first
/// certificate.
fn may_issue(certificate: &X509Certificate<'_>, between: usize) -> Result<()> {
    let constraints = certificate.basic_constraints().map_err(|_| Flaw::Malformed)?;
    let constraints = constraints.ok_or(Flaw::BrokenChain)?.value;
    let too_long =
        constraints.path_len_constraint.is_some_and(|most| between as u64 > u64::from(most));
    let usage = certificate.key_usage().map_err(|_| Flaw::Malformed)?;
    let may_sign = usage.is_none_or(|usage| usage.value.key_cert_sign());
    if constraints.ca && !too_long && may_sign { Ok(()) } else { Err(Flaw::BrokenChain) }
}

/// Whether `issuer` has issued `certificate`: name and signature.
fn issued_by(certificate: &X509Certificate<'_>, issuer: &Root) -> Result<()> {
    if certificate.issuer().as_raw() != issuer.name {
        return Err(Flaw::BrokenChain);
    }
    let (_, key) = SubjectPublicKeyInfo::from_der(&issuer.key).map_err(|_| Flaw::Malformed)?;
    let named = &certificate.signature_algorithm;
    if certificate.signature_value.unused_bits != 0 {
        return Err(Flaw::Malformed);
    }
    let algorithm = algorithm(&named.algorithm.to_id_string(), &key).ok_or(Flaw::BrokenChain)?;
    UnparsedPublicKey::new(algorithm, key.subject_public_key.as_ref())
        .verify(certificate.tbs_certificate.as_ref(), certificate.signature_value.as_ref())
        .map_err(|_| Flaw::BrokenChain)
}

/// What checks a signature of `name` by `key`. `None` for what is not supported, SHA-1 among it.
fn algorithm(
    name: &str,
    key: &SubjectPublicKeyInfo<'_>,
) -> Option<&'static dyn VerificationAlgorithm> {
    if key.algorithm.algorithm.to_id_string() == oid::RSA_KEY {
        return Some(match name {
            oid::RSA_SHA256 => &RSA_PKCS1_2048_8192_SHA256,
            oid::RSA_SHA384 => &RSA_PKCS1_2048_8192_SHA384,
            oid::RSA_SHA512 => &RSA_PKCS1_2048_8192_SHA512,
            _ => return None,
        });
    }
    Some(match (curve(key)?.as_str(), name) {
        (oid::P256, oid::ECDSA_SHA256) => &ECDSA_P256_SHA256_ASN1,
        (oid::P256, oid::ECDSA_SHA384) => &ECDSA_P256_SHA384_ASN1,
        (oid::P384, oid::ECDSA_SHA256) => &ECDSA_P384_SHA256_ASN1,
        (oid::P384, oid::ECDSA_SHA384) => &ECDSA_P384_SHA384_ASN1,
        _ => return None,
    })
}

/// The named curve of an elliptic-curve key.
fn curve(key: &SubjectPublicKeyInfo<'_>) -> Option<String> {
    if key.algorithm.algorithm.to_id_string() != oid::EC_KEY {
        return None;
    }
    key.algorithm.parameters.as_ref()?.as_oid().ok().map(|curve| curve.to_id_string())
}

/// Checks a signature over `message` (ECDSA on P-256 with SHA-256, in DER) by the uncompressed point
/// `key`.
pub(crate) fn signed(key: &[u8], message: &[u8], signature: &[u8]) -> Result<()> {
    signature::UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key)
        .verify(message, signature)
        .map_err(|_| Flaw::WrongSignature)
}

#[cfg(test)]
mod tests {
    use super::*;
    use x509_parser::pem::Pem;

    /// A certificate and the RSA root that issued it, made with OpenSSL for this test. Their keys
    /// are gone.
    const RSA: &str = include_str!("chain/rsa.pem");
    /// The same with SHA-1.
    const SHA1: &str = include_str!("chain/sha1.pem");

    fn check(pem: &str, change: impl FnOnce(&mut Vec<u8>)) -> Result<()> {
        let mut chain: Vec<Vec<u8>> =
            Pem::iter_from_buffer(pem.as_bytes()).map(|pem| pem.unwrap().contents).collect();
        change(&mut chain[0]);
        let root = &pem[pem.rfind("-----BEGIN").unwrap()..];
        let roots = Roots::from_pem(root.as_bytes()).unwrap();
        let now = DateTime::from_timestamp(1_830_000_000, 0).unwrap();
        Chain::check(&chain, &roots, &Revocations::default(), now).map(|chain| {
            assert_eq!(chain.key().map(<[u8]>::len), Ok(65));
        })
    }

    /// Older devices' certificates end at a root with an RSA key.
    #[test]
    fn a_root_may_sign_with_rsa_and_not_with_sha_1() {
        assert_eq!(check(RSA, |_| {}), Ok(()));
        assert_eq!(check(RSA, |leaf| *leaf.last_mut().unwrap() ^= 1), Err(Flaw::UnknownRoot));
        assert_eq!(check(SHA1, |_| {}), Err(Flaw::UnknownRoot));
    }
}
