//! Keeping the certificate authorities this machine trusts.
//!
//! Debian's package of authorities writes the system's bundle anew when it is installed. Somebody
//! may have installed a bundle by hand, perhaps with a company's proxy in it. Then the new bundle
//! would cut the connection to every registry. So the old bundle is kept aside. Its authorities
//! that are missing in the new one are added to Debian's as local authorities.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::files;
use crate::process;
use crate::progress::say;

/// The package that writes [`BUNDLE`].
pub const PACKAGE: &str = "ca-certificates";

/// Every trusted authority, in PEM.
pub const BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Where Debian takes local authorities from.
const LOCAL: &str = "/usr/local/share/ca-certificates";

/// Keeps the bundle at `aside`, before packages are installed.
///
/// # Errors
/// When it cannot be copied.
pub fn keep(aside: &Path) -> Result<()> {
    // An existing one is from a run that was interrupted.
    if !aside.exists()
        && let Ok(bundle) = fs::read(BUNDLE)
    {
        files::write_atomically(aside, &bundle)?;
    }
    Ok(())
}

/// Restores the authorities that are in the bundle kept at `aside` and missing in the present one.
///
/// # Errors
/// When the authorities cannot be handed over.
pub fn restore(aside: &Path, become_root: &[&str]) -> Result<()> {
    let (Ok(before), Ok(now)) = (fs::read_to_string(aside), fs::read_to_string(BUNDLE)) else {
        return files::remove(aside);
    };
    let present: BTreeSet<&str> = certificates(&now).collect();
    let lost: Vec<&str> =
        certificates(&before).filter(|certificate| !present.contains(certificate)).collect();
    if !lost.is_empty() {
        say(&format!("keeping {} certificate authorities this machine trusted", lost.len()));
        let as_root = |words: &[&str]| {
            let words: Vec<&str> = become_root.iter().chain(words).copied().collect();
            process::read(Command::new(words[0]).args(&words[1..]))
        };
        as_root(&["mkdir", "-p", LOCAL])?;
        for certificate in lost {
            let part = aside.with_extension("crt");
            files::write_atomically(&part, certificate.as_bytes())?;
            let hash = files::sha256(certificate.as_bytes());
            let target = format!("{LOCAL}/kept-{}.crt", &hash[..12]);
            let part_name = part.to_string_lossy();
            as_root(&["install", "-m", "644", &part_name, &target])?;
            files::remove(&part)?;
        }
        as_root(&["update-ca-certificates"])?;
    }
    files::remove(aside)
}

/// The certificates of a bundle, each with its frame.
fn certificates(bundle: &str) -> impl Iterator<Item = &str> {
    const END: &str = "-----END CERTIFICATE-----\n";
    bundle.split_inclusive(END).filter_map(|part| {
        let start = part.find("-----BEGIN CERTIFICATE-----")?;
        part.ends_with(END).then(|| &part[start..])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_is_split_into_its_certificates() {
        let one = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let two = "-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----\n";
        let bundle = format!("# first\n{one}\n# second\n{two}-----BEGIN CERTIFICATE-----\nCC");
        assert_eq!(certificates(&bundle).collect::<Vec<_>>(), [one, two]);
        assert_eq!(certificates("").count(), 0);
    }
}
