//! Packages of npm, each folder with the lock file that names them by their digests.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::environment::strip_cargo;
use crate::files;
use crate::process;
use crate::progress::heading;

/// The oldest Node that the packages run on.
const OLDEST_NODE: u32 = 20;

/// Installs the packages of the lock file in `folder`, unless they are.
///
/// # Errors
/// When Node is missing or too old, or npm fails.
pub fn install(folder: &Path) -> Result<()> {
    // Kept among the packages, so that it is removed together with them.
    let note = folder.join("node_modules/.installed");
    let lock = folder.join("package-lock.json");
    let wanted =
        files::sha256_of_file(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    if fs::read_to_string(&note).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    check_node()?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    heading(&format!("Installing the npm packages of {name}"));
    let mut npm = npm(folder, &["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    process::run(&mut npm)?;
    files::write_atomically(&note, wanted.as_bytes())
}

/// A script of the package.json in `folder`.
#[must_use]
pub fn script(folder: &Path, name: &str) -> Command {
    npm(folder, &["run", "--silent", name])
}

fn npm(folder: &Path, arguments: &[&str]) -> Command {
    let mut npm = Command::new("npm");
    npm.args(arguments).current_dir(folder);
    strip_cargo(&mut npm);
    npm
}

fn check_node() -> Result<()> {
    let version = process::read(Command::new("node").arg("--version"))
        .context("Node is missing: install Node 20.19 or later with npm")?;
    if node_major(&version).is_none_or(|major| major < OLDEST_NODE) {
        bail!("Node {} is too old: install Node {OLDEST_NODE} or later", version.trim());
    }
    Ok(())
}

/// The major number of `v20.11.1`.
fn node_major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_tells_its_version() {
        assert_eq!(node_major("v20.20.2\n"), Some(20));
        assert_eq!(node_major("command not found"), None);
    }
}
