//! Android devices.

use rcgen::{CustomExtension, KeyPair, SigningKey};
use yasna::{DERWriter, Tag};

use super::authority::{Authority, Subject, device_key};

/// The extension with the `KeyDescription`.
const KEY_DESCRIPTION: &[u64] = &[1, 3, 6, 1, 4, 1, 11129, 2, 1, 17];

/// Serial numbers of the certificates that [`Vendor::attest`] writes, the key's first.
pub const SERIALS: [u64; 3] = [0xa1, 0xb2, 0xc3];

/// What the hardware says of a key. The default is a good device with the app that
/// [`PACKAGE`] and [`SIGNER`] name.
#[derive(Debug, Clone)]
pub struct Description {
    /// Where the description was made: 0 software, 1 trusted environment, 2 `StrongBox`.
    pub described_in: u32,
    /// Where the key lies.
    pub kept_in: u32,
    /// The challenge.
    pub challenge: Vec<u8>,
    /// `KeyPurpose`s; 2 signs.
    pub purposes: Vec<u64>,
    /// `KeyOrigin`; `None` leaves it out.
    pub origin: Option<u64>,
    /// Whether every app may use it.
    pub all_apps: bool,
    /// Whether the bootloader is locked and the `VerifiedBootState`; `None` leaves it out.
    pub boot: Option<(bool, u32)>,
    /// Packages that share the key.
    pub packages: Vec<String>,
    /// Digests of who signed them.
    pub signers: Vec<[u8; 32]>,
}

/// The package of the app.
pub const PACKAGE: &str = "com.example.app";
/// The digest of the certificate that signed it.
pub const SIGNER: [u8; 32] = [7; 32];

impl Description {
    /// A good device, for this challenge.
    #[must_use]
    pub fn of(challenge: &str) -> Self {
        Self {
            described_in: 1,
            kept_in: 1,
            challenge: challenge.as_bytes().to_vec(),
            purposes: vec![2],
            origin: Some(0),
            all_apps: false,
            boot: Some((true, 0)),
            packages: vec![PACKAGE.to_owned()],
            signers: vec![SIGNER],
        }
    }

    /// In DER, in the layout of attestation version 3 and later.
    fn der(&self) -> Vec<u8> {
        yasna::construct_der(|writer| {
            writer.write_sequence(|writer| {
                writer.next().write_u32(200);
                writer.next().write_enum(i64::from(self.described_in));
                writer.next().write_u32(200);
                writer.next().write_enum(i64::from(self.kept_in));
                writer.next().write_bytes(&self.challenge);
                writer.next().write_bytes(b"");
                writer.next().write_sequence(|list| {
                    // CREATION_DATETIME, as every device sends it.
                    tagged(list.next(), 701, |writer| writer.write_u64(1_700_000_000_000));
                    tagged(list.next(), 709, |writer| writer.write_bytes(&self.app_id()));
                });
                writer.next().write_sequence(|list| {
                    tagged(list.next(), 1, |writer| {
                        writer.write_set(|set| {
                            for purpose in &self.purposes {
                                set.next().write_u64(*purpose);
                            }
                        });
                    });
                    tagged(list.next(), 2, |writer| writer.write_u32(3));
                    tagged(list.next(), 3, |writer| writer.write_u32(256));
                    tagged(list.next(), 503, |writer| writer.write_null());
                    if self.all_apps {
                        tagged(list.next(), 600, |writer| writer.write_null());
                    }
                    if let Some(origin) = self.origin {
                        tagged(list.next(), 702, |writer| writer.write_u64(origin));
                    }
                    if let Some((locked, state)) = self.boot {
                        tagged(list.next(), 704, |writer| root_of_trust(writer, locked, state));
                    }
                    tagged(list.next(), 706, |writer| writer.write_u32(202_610));
                });
            });
        })
    }

    /// `AttestationApplicationId`.
    fn app_id(&self) -> Vec<u8> {
        yasna::construct_der(|writer| {
            writer.write_sequence(|writer| {
                writer.next().write_set(|set| {
                    for package in &self.packages {
                        set.next().write_sequence(|info| {
                            info.next().write_bytes(package.as_bytes());
                            info.next().write_u32(41);
                        });
                    }
                });
                writer.next().write_set(|set| {
                    for signer in &self.signers {
                        set.next().write_bytes(signer);
                    }
                });
            });
        })
    }
}

fn tagged(writer: DERWriter<'_>, number: u64, inside: impl FnOnce(DERWriter<'_>)) {
    writer.write_tagged(Tag::context(number), inside);
}

fn root_of_trust(writer: DERWriter<'_>, locked: bool, state: u32) {
    writer.write_sequence(|writer| {
        writer.next().write_bytes(&[1; 32]);
        writer.next().write_bool(locked);
        writer.next().write_enum(i64::from(state));
        writer.next().write_bytes(&[2; 32]);
    });
}

/// What may be odd about a chain. The default is a good one.
#[derive(Debug, Clone)]
pub struct Chain {
    /// First and last year of the key's certificate.
    pub key_years: (i32, i32),
    /// First and last year of the certificate above it.
    pub device_years: (i32, i32),
    /// Whether the certificate above the key's may issue certificates.
    pub device_issues: bool,
    /// Whether its `keyUsage` allows that.
    pub device_may_sign: bool,
    /// How many issuers may follow the one above that.
    pub batch_followers: Option<u8>,
    /// Whether another certificate than the key's describes a key, too.
    pub described_twice: bool,
    /// Whether the key's certificate describes it.
    pub described: bool,
    /// Whether the key's certificate has a critical extension that nobody knows.
    pub strange_extension: bool,
    /// Whether the key's certificate may issue certificates.
    pub key_issues: bool,
}

impl Default for Chain {
    fn default() -> Self {
        Self {
            key_years: (1970, 2048),
            device_years: (2020, 2040),
            device_issues: true,
            device_may_sign: true,
            batch_followers: Some(1),
            described_twice: false,
            described: true,
            strange_extension: false,
            key_issues: false,
        }
    }
}

/// Whoever vouches for Android devices.
pub struct Vendor {
    root: Authority,
}

impl Default for Vendor {
    fn default() -> Self {
        Self { root: Authority::root("Root of devices") }
    }
}

impl Vendor {
    /// The root, in DER.
    #[must_use]
    pub fn root(&self) -> Vec<u8> {
        self.root.certificate.clone()
    }

    /// A key with a good chain.
    #[must_use]
    pub fn attest(&self, description: &Description) -> Attested {
        self.attest_by(description, &Chain::default())
    }

    /// A key with a chain that may be odd.
    #[must_use]
    pub fn attest_by(&self, description: &Description, chain: &Chain) -> Attested {
        let [serial, device_serial, batch_serial] = SERIALS;
        let described = CustomExtension::from_oid_content(KEY_DESCRIPTION, description.der());
        let batch = Subject {
            issuer: Some(chain.batch_followers),
            ..Subject::authority("Batch", batch_serial)
        };
        let batch = self.root.below(&batch, true);
        let device = Subject {
            years: chain.device_years,
            issuer: chain.device_issues.then_some(None),
            may_sign: chain.device_may_sign,
            extensions: if chain.described_twice { vec![described.clone()] } else { Vec::new() },
            ..Subject::authority("Device", device_serial)
        };
        let device = batch.below(&device, false);
        let mut extensions = Vec::new();
        if chain.described {
            extensions.push(described);
        }
        if chain.strange_extension {
            let mut strange = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
            strange.set_criticality(true);
            extensions.push(strange);
        }
        let subject = Subject {
            years: chain.key_years,
            issuer: chain.key_issues.then_some(None),
            extensions,
            ..Subject::key("Android Keystore Key", serial)
        };
        let key = device_key();
        let certificates = vec![
            device.issue(&subject, &key),
            device.certificate,
            batch.certificate,
            self.root.certificate.clone(),
        ];
        Attested { certificates, key }
    }
}

/// A key that is attested.
pub struct Attested {
    /// In DER, the key's first, the root last.
    pub certificates: Vec<Vec<u8>>,
    key: KeyPair,
}

impl Attested {
    /// Signs `bytes`: ECDSA with SHA-256, in DER.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.key.sign(bytes).expect("a signature")
    }
}
