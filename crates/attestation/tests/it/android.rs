//! Android key attestation.

use faceauth_attestation::android::{Android, App, Attestation};
use faceauth_attestation::revocation::Revocations;
use faceauth_domain::attestation::{AttestationFlaw as Flaw, Attested};
use faceauth_test_support::attested::android::{
    Chain, Description, PACKAGE, SERIALS, SIGNER, Vendor,
};

use crate::{FRAMES, NONCE, now, others, roots, statement};

fn trust(vendor: &Vendor) -> Android {
    Android {
        roots: roots(vendor.root()),
        revoked: Revocations::default(),
        apps: vec![App { package: PACKAGE.to_owned(), signers: vec![[6; 32], SIGNER] }],
    }
}

fn attestation(vendor: &Vendor, description: &Description, chain: &Chain) -> Attestation {
    let attested = vendor.attest_by(description, chain);
    let signature = attested.sign(statement(NONCE, &FRAMES).bytes());
    Attestation { certificates: attested.certificates, signature }
}

/// A good device and a good chain, after `change` of either.
fn altered(change: impl FnOnce(&mut Description, &mut Chain)) -> Result<Attested, Flaw> {
    let vendor = Vendor::default();
    let (mut description, mut chain) = (Description::of(NONCE), Chain::default());
    change(&mut description, &mut chain);
    let attestation = attestation(&vendor, &description, &chain);
    trust(&vendor).check(&attestation, &statement(NONCE, &FRAMES), now())
}

#[test]
fn a_good_device_is_attested_by_where_its_key_lies() {
    assert_eq!(altered(|_, _| {}), Ok(Attested::AndroidTee));
    let strong = altered(|said, _| (said.described_in, said.kept_in) = (2, 2));
    assert_eq!(strong, Ok(Attested::AndroidStrongBox));
    // The weaker one of both counts.
    assert_eq!(altered(|said, _| said.kept_in = 2), Ok(Attested::AndroidTee));
}

#[test]
fn each_thing_the_hardware_says_counts() {
    type Change = fn(&mut Description);
    let cases: [(&str, Change, Flaw); 18] = [
        ("challenge", |said| said.challenge[0] ^= 1, Flaw::WrongChallenge),
        ("short challenge", |said| said.challenge.truncate(42), Flaw::WrongChallenge),
        ("no challenge", |said| said.challenge.clear(), Flaw::WrongChallenge),
        ("key in software", |said| said.kept_in = 0, Flaw::SoftwareKey),
        ("described by software", |said| said.described_in = 0, Flaw::SoftwareKey),
        ("unknown level", |said| said.kept_in = 3, Flaw::Malformed),
        ("unlocked", |said| said.boot = Some((false, 0)), Flaw::BootNotVerified),
        ("own system", |said| said.boot = Some((true, 1)), Flaw::BootNotVerified),
        ("unsigned system", |said| said.boot = Some((true, 2)), Flaw::BootNotVerified),
        ("nothing of the boot", |said| said.boot = None, Flaw::BootNotVerified),
        ("a second purpose", |said| said.purposes = vec![2, 1], Flaw::WrongKeyUse),
        ("no purpose", |said| said.purposes.clear(), Flaw::WrongKeyUse),
        ("imported", |said| said.origin = Some(2), Flaw::WrongKeyUse),
        ("of unknown origin", |said| said.origin = None, Flaw::WrongKeyUse),
        ("for all apps", |said| said.all_apps = true, Flaw::WrongKeyUse),
        ("another app", |said| said.packages[0].push('x'), Flaw::WrongApp),
        ("two apps", |said| said.packages.push("com.example.b".to_owned()), Flaw::WrongApp),
        ("another signer", |said| said.signers.push([8; 32]), Flaw::WrongAppSigner),
    ];
    for (name, change, flaw) in cases {
        assert_eq!(altered(|said, _| change(said)), Err(flaw), "{name}");
    }
    assert_eq!(altered(|said, _| said.packages.clear()), Err(Flaw::WrongApp));
    assert_eq!(altered(|said, _| said.signers.clear()), Err(Flaw::WrongAppSigner));
}

#[test]
fn each_rule_of_chains_counts() {
    type Change = fn(&mut Chain);
    let cases: [(&str, Change, Flaw); 11] = [
        ("key expired", |chain| chain.key_years = (2020, 2026), Flaw::Expired),
        ("key of tomorrow", |chain| chain.key_years = (2027, 2040), Flaw::NotYetValid),
        ("device expired", |chain| chain.device_years = (2020, 2026), Flaw::Expired),
        ("device of tomorrow", |chain| chain.device_years = (2027, 2040), Flaw::NotYetValid),
        ("no authority", |chain| chain.device_issues = false, Flaw::BrokenChain),
        ("may not sign", |chain| chain.device_may_sign = false, Flaw::BrokenChain),
        ("too many issuers", |chain| chain.batch_followers = Some(0), Flaw::BrokenChain),
        ("described twice", |chain| chain.described_twice = true, Flaw::BrokenChain),
        ("strange extension", |chain| chain.strange_extension = true, Flaw::BrokenChain),
        ("key issues", |chain| chain.key_issues = true, Flaw::BrokenChain),
        ("not described", |chain| chain.described = false, Flaw::Malformed),
    ];
    for (name, change, flaw) in cases {
        assert_eq!(altered(|_, chain| change(chain)), Err(flaw), "{name}");
    }
    assert_eq!(altered(|_, chain| chain.batch_followers = None), Ok(Attested::AndroidTee));
}

#[test]
fn a_signature_is_good_for_one_capture() {
    let vendor = Vendor::default();
    let good = attestation(&vendor, &Description::of(NONCE), &Chain::default());
    let trust = trust(&vendor);
    for (name, other) in others() {
        assert_eq!(trust.check(&good, &other, now()), Err(Flaw::WrongSignature), "{name}");
    }
    let other_session = statement("another", &FRAMES);
    assert_eq!(trust.check(&good, &other_session, now()), Err(Flaw::WrongChallenge));
    let of_other_key = attestation(&vendor, &Description::of(NONCE), &Chain::default());
    let mixed = Attestation { signature: of_other_key.signature, ..good };
    let statement = statement(NONCE, &FRAMES);
    assert_eq!(trust.check(&mixed, &statement, now()), Err(Flaw::WrongSignature));
}

#[test]
fn the_chain_is_whole_and_ends_at_a_pinned_root() {
    let vendor = Vendor::default();
    let good = attestation(&vendor, &Description::of(NONCE), &Chain::default());
    let statement = statement(NONCE, &FRAMES);
    let mine = trust(&vendor);
    let check = |trust: &Android, certificates: Vec<Vec<u8>>| {
        let attestation = Attestation { certificates, signature: good.signature.clone() };
        trust.check(&attestation, &statement, now())
    };
    let chain = good.certificates.clone();
    // The root need not be sent.
    assert_eq!(check(&mine, chain[..3].to_vec()), Ok(Attested::AndroidTee));
    // A root with the same name and another key.
    let stranger = trust(&Vendor::default());
    assert_eq!(check(&stranger, chain.clone()), Err(Flaw::UnknownRoot));
    assert_eq!(check(&stranger, chain[..3].to_vec()), Err(Flaw::UnknownRoot));
    assert_eq!(check(&mine, chain[..2].to_vec()), Err(Flaw::UnknownRoot));
    assert_eq!(check(&mine, chain[3..].to_vec()), Err(Flaw::BrokenChain));
    let without_one = vec![chain[0].clone(), chain[2].clone(), chain[3].clone()];
    assert_eq!(check(&mine, without_one), Err(Flaw::BrokenChain));
    assert_eq!(check(&mine, Vec::new()), Err(Flaw::Malformed));
    assert_eq!(check(&mine, vec![chain[0].clone(); 9]), Err(Flaw::Malformed));
    assert_eq!(check(&mine, vec![vec![0; 9000]]), Err(Flaw::Malformed));
    let mut behind = chain.clone();
    behind[0].push(0);
    assert_eq!(check(&mine, behind), Err(Flaw::Malformed));
}

/// Whatever byte of a signed certificate is altered, the chain does not hold.
#[test]
fn no_byte_of_a_certificate_may_change() {
    let vendor = Vendor::default();
    let good = attestation(&vendor, &Description::of(NONCE), &Chain::default());
    let (trust, statement) = (trust(&vendor), statement(NONCE, &FRAMES));
    for which in 0..3 {
        for at in 0..good.certificates[which].len() {
            let mut altered = good.clone();
            altered.certificates[which][at] ^= 1;
            assert!(trust.check(&altered, &statement, now()).is_err(), "{which}: byte {at}");
        }
    }
}

#[test]
fn a_revoked_certificate_anywhere_ends_the_trust() {
    let vendor = Vendor::default();
    let good = attestation(&vendor, &Description::of(NONCE), &Chain::default());
    let statement = statement(NONCE, &FRAMES);
    for serial in SERIALS {
        let list = format!(r#"{{"entries": {{"{serial:x}": {{"status": "REVOKED"}}}}}}"#);
        let revoked = Revocations::from_status_list(list.as_bytes()).unwrap();
        let trust = Android { revoked, ..trust(&vendor) };
        assert_eq!(trust.check(&good, &statement, now()), Err(Flaw::Revoked), "{serial:x}");
    }
    let list = br#"{"entries": {"ffff": {"status": "SUSPENDED"}}}"#;
    let revoked = Revocations::from_status_list(list).unwrap();
    let trust = Android { revoked, ..trust(&vendor) };
    assert_eq!(trust.check(&good, &statement, now()), Ok(Attested::AndroidTee));
}
