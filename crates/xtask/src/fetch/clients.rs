//! The clients of the registries, and how they are asked for one package.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::packages::{Package, Registry};
use crate::process;

/// The clients that fetch. Tests put a script in their place.
#[derive(Clone, Debug)]
pub struct Clients {
    /// The words that start pip.
    pub pip: Vec<String>,
    /// The words that start npm.
    pub npm: Vec<String>,
}

impl Default for Clients {
    fn default() -> Clients {
        let words = |text: &[&str]| text.iter().map(|&word| word.to_owned()).collect();
        // Through python3, so that the interpreter asked for setuptools below is pip's.
        Clients { pip: words(&["python3", "-m", "pip"]), npm: words(&["npm"]) }
    }
}

/// The message of pip when the hash of the requirement does not match. Trying again does not help.
const PIP_HASH_MISMATCH: &str = "DO NOT MATCH THE HASHES";

/// Whether the client refused the package: trying again is no use.
pub(super) fn is_refusal(error: &anyhow::Error) -> bool {
    error.to_string().contains(PIP_HASH_MISMATCH)
}

/// What the installed pip can do.
#[derive(Debug, Default)]
pub(super) struct PipOptions {
    /// It continues a broken download where it stopped (pip 25.1).
    resumes: bool,
    /// Its Python has setuptools and wheel, so that a source package's metadata can be
    /// read without fetching a build tool first.
    builds: bool,
}

impl PipOptions {
    /// Asks pip, when one of `missing` is fetched with it.
    pub(super) fn ask(clients: &Clients, missing: &[&Package]) -> PipOptions {
        let asked = |test: fn(&Package) -> bool| missing.iter().any(|package| test(package));
        if !asked(|package| package.registry == Registry::Pypi) {
            return PipOptions::default();
        }
        let version = process::read(command(&clients.pip).arg("--version")).unwrap_or_default();
        let builds = asked(Package::is_source)
            && process::succeeds(
                Command::new(&clients.pip[0]).args(["-c", "import setuptools, wheel"]),
            );
        PipOptions { resumes: pip_resumes(&version), builds }
    }
}

/// Whether `pip --version` shows 25.1 or later, which has `--resume-retries`.
fn pip_resumes(version: &str) -> bool {
    let mut numbers = version
        .split_whitespace()
        .nth(1)
        .unwrap_or_default()
        .split('.')
        .map(|number| number.parse::<u32>().unwrap_or(0));
    let (major, minor) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    (major, minor) >= (25, 1)
}

/// The command that fetches `package` into `staging`.
///
/// # Errors
/// When the staging folder cannot be written.
pub(super) fn pip_download(
    clients: &Clients,
    options: &PipOptions,
    package: &Package,
    staging: &Path,
) -> Result<Command> {
    let mut pip = command(&clients.pip);
    pip.args(["--disable-pip-version-check", "--no-input", "download", "--no-deps"]);
    pip.args(["--progress-bar", "off", "--dest"]).arg(staging.join("out"));
    if options.resumes {
        pip.args(["--resume-retries", "5"]);
    }
    let pinned = format!("{}=={}", package.name, package.version);
    if package.is_source() {
        // To learn the metadata pip runs the package's own setup script, so here pip
        // must check the hash itself, before that.
        let requirement = staging.join("requirement.txt");
        fs::write(&requirement, format!("{pinned} --hash=sha256:{}\n", package.sha256))?;
        pip.arg(format!("--no-binary={}", package.name)).arg("--requirement").arg(requirement);
        if options.builds {
            pip.arg("--no-build-isolation");
        }
    } else {
        pip.arg("--only-binary=:all:");
        if let Some(wheel) = &package.wheel {
            pip.args(["--implementation", "cp", "--python-version", &wheel.python]);
            for platform in &wheel.platforms {
                pip.args(["--platform", platform]);
            }
        }
        pip.arg(pinned);
    }
    pip.env("TMPDIR", staging.join("tmp"));
    Ok(pip)
}

/// The command that fetches `package` into `staging`.
pub(super) fn npm_pack(clients: &Clients, package: &Package, staging: &Path) -> Command {
    let mut npm = command(&clients.npm);
    npm.arg("pack").arg(format!("{}@{}", package.name, package.version));
    npm.args(["--ignore-scripts", "--no-progress", "--loglevel=error", "--pack-destination"]);
    // A cache of its own: npm keeps a second copy there, which goes with the staging
    // folder instead of growing the user's cache by 200 MB.
    npm.arg(staging.join("out")).arg("--cache").arg(staging.join("tmp"));
    npm
}

fn command(words: &[String]) -> Command {
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pip_that_resumes_is_known_by_its_version() {
        assert!(pip_resumes("pip 25.1 from /usr/lib/python3 (python 3.13)"));
        assert!(pip_resumes("pip 26.0.1 from /usr/lib/python3 (python 3.13)"));
        assert!(!pip_resumes("pip 23.0.1 from /usr/lib/python3 (python 3.11)"));
        assert!(!pip_resumes(""));
    }
}
