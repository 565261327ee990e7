//! The roots that the operator pinned.

use x509_parser::pem::Pem;
use x509_parser::prelude::{FromDer, X509Certificate};

/// A root of trust: a name and a key. The dates of a pinned root do not count, because vendors
/// renew the certificate of the same key; to end the trust the operator takes the file away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Root {
    /// The subject, in DER.
    pub name: Vec<u8>,
    /// The public key with its algorithm, in DER.
    pub key: Vec<u8>,
}

/// Pinned roots, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roots(Vec<Root>);

/// Why a file gives no roots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RootsError {
    /// There is no certificate in it.
    #[error("there is no certificate in it")]
    Empty,
    /// A part of it is no PEM.
    #[error("it is no PEM file")]
    NoPem,
    /// A part of it is no certificate.
    #[error("a part of it is no X.509 certificate")]
    NoCertificate,
    /// A certificate is issued by another one.
    #[error("a certificate in it is no root: another one has issued it")]
    NoRoot,
}

impl Roots {
    /// The certificates of a PEM file.
    ///
    /// # Errors
    /// [`RootsError`] when there is none, or one that is no root.
    pub fn from_pem(file: &[u8]) -> Result<Self, RootsError> {
        let mut roots = Vec::new();
        for pem in Pem::iter_from_buffer(file) {
            let pem = pem.map_err(|_| RootsError::NoPem)?;
            if pem.label != "CERTIFICATE" {
                return Err(RootsError::NoCertificate);
            }
            let (rest, certificate) =
                X509Certificate::from_der(&pem.contents).map_err(|_| RootsError::NoCertificate)?;
            if !rest.is_empty() {
                return Err(RootsError::NoCertificate);
            }
            if certificate.subject().as_raw() != certificate.issuer().as_raw() {
                return Err(RootsError::NoRoot);
            }
            roots.push(Root {
                name: certificate.subject().as_raw().to_vec(),
                key: certificate.public_key().raw.to_vec(),
            });
        }
        if roots.is_empty() { Err(RootsError::Empty) } else { Ok(Self(roots)) }
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Root> {
        self.0.iter()
    }
}
