//! Certificate authorities.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, SerialNumber,
    SignatureAlgorithm, date_time_ymd,
};

/// What a certificate says, besides its key.
#[derive(Debug, Clone)]
pub(super) struct Subject<'a> {
    pub name: &'a str,
    pub serial: u64,
    /// The first and the last year.
    pub years: (i32, i32),
    /// Whether it may issue others, and how many issuers may follow.
    pub issuer: Option<Option<u8>>,
    /// Whether `keyUsage` allows certificates to be signed.
    pub may_sign: bool,
    pub extensions: Vec<CustomExtension>,
}

impl<'a> Subject<'a> {
    /// A certificate of a key.
    pub(super) fn key(name: &'a str, serial: u64) -> Self {
        let years = (2020, 2040);
        Self { name, serial, years, issuer: None, may_sign: false, extensions: Vec::new() }
    }

    /// An authority.
    pub(super) fn authority(name: &'a str, serial: u64) -> Self {
        Self { issuer: Some(None), may_sign: true, ..Self::key(name, serial) }
    }

    fn params(&self) -> CertificateParams {
        let mut name = DistinguishedName::new();
        name.push(DnType::CommonName, self.name);
        let mut params = CertificateParams::default();
        params.distinguished_name = name;
        params.serial_number = Some(SerialNumber::from(self.serial));
        params.not_before = date_time_ymd(self.years.0, 1, 1);
        params.not_after = date_time_ymd(self.years.1, 1, 1);
        params.is_ca = match self.issuer {
            Some(None) => IsCa::Ca(BasicConstraints::Unconstrained),
            Some(Some(most)) => IsCa::Ca(BasicConstraints::Constrained(most)),
            None => IsCa::NoCa,
        };
        params.key_usages = match self.may_sign {
            true => vec![KeyUsagePurpose::KeyCertSign],
            false => vec![KeyUsagePurpose::DigitalSignature],
        };
        params.custom_extensions = self.extensions.clone();
        params
    }
}

/// An authority that has issued itself a root, or has been issued a certificate.
pub(super) struct Authority {
    pub certificate: Vec<u8>,
    params: CertificateParams,
    key: KeyPair,
}

impl Authority {
    /// A root on P-384, as both vendors have one.
    pub(super) fn root(name: &str) -> Self {
        let key = key(&PKCS_ECDSA_P384_SHA384);
        let params = Subject::authority(name, 1).params();
        let certificate = params.self_signed(&key).expect("a certificate").der().to_vec();
        Self { certificate, params, key }
    }

    /// An authority below this one.
    pub(super) fn below(&self, subject: &Subject<'_>, on_p384: bool) -> Self {
        let key = key(if on_p384 { &PKCS_ECDSA_P384_SHA384 } else { &PKCS_ECDSA_P256_SHA256 });
        let certificate = self.issue(subject, &key);
        Self { certificate, params: subject.params(), key }
    }

    /// A certificate for `key`.
    pub(super) fn issue(&self, subject: &Subject<'_>, key: &KeyPair) -> Vec<u8> {
        let issuer = Issuer::from_params(&self.params, &self.key);
        subject.params().signed_by(key, &issuer).expect("a certificate").der().to_vec()
    }
}

/// A key on P-256.
pub(super) fn device_key() -> KeyPair {
    key(&PKCS_ECDSA_P256_SHA256)
}

fn key(algorithm: &'static SignatureAlgorithm) -> KeyPair {
    KeyPair::generate_for(algorithm).expect("a key")
}
