//! Files of roots.

use faceauth_attestation::roots::{Roots, RootsError};
use faceauth_test_support::attested::{android, apple, pem};

#[test]
fn a_file_of_roots_holds_roots_and_nothing_else() {
    let (android, apple) = (android::Vendor::default(), apple::Vendor::default());
    let both = pem(&[android.root(), apple.root()]);
    assert!(Roots::from_pem(both.as_bytes()).is_ok());
    assert_eq!(Roots::from_pem(b""), Err(RootsError::Empty));
    assert_eq!(Roots::from_pem(b"no certificate"), Err(RootsError::Empty));
    let attested = android.attest(&android::Description::of(""));
    let issued = pem(&attested.certificates[1..2]);
    assert_eq!(Roots::from_pem(issued.as_bytes()), Err(RootsError::NoRoot));
    let key = both.replace("CERTIFICATE", "PRIVATE KEY");
    assert_eq!(Roots::from_pem(key.as_bytes()), Err(RootsError::NoCertificate));
    let mut cut = android.root();
    cut.truncate(100);
    assert_eq!(Roots::from_pem(pem(&[cut]).as_bytes()), Err(RootsError::NoCertificate));
}
