//! The page: its packages, its build, its scripts.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::environment::strip_cargo;
use crate::files;
use crate::layout::Layout;
use crate::process;
use crate::progress::heading;

/// The oldest Node the page's tools run on.
const OLDEST_NODE: u32 = 20;

/// Folders whose content is made, not written.
const MADE: &[&str] = &["node_modules", "dist"];

/// The page's sources.
pub struct Frontend {
    folder: PathBuf,
    /// What was installed and built last.
    notes: PathBuf,
}

impl Frontend {
    /// The page of this clone.
    #[must_use]
    pub fn of(layout: &Layout) -> Frontend {
        Frontend { folder: layout.frontend(), notes: layout.dev.join("frontend") }
    }

    /// Installs the packages of the lock file, unless they are.
    ///
    /// # Errors
    /// When Node is missing or too old, or npm fails.
    pub fn install(&self) -> Result<()> {
        // Kept among the packages, so that it is removed together with them.
        let note = self.folder.join("node_modules/.installed");
        let lock = self.folder.join("package-lock.json");
        let wanted = files::sha256_of_file(&lock)
            .with_context(|| format!("cannot read {}", lock.display()))?;
        if fs::read_to_string(&note).is_ok_and(|installed| installed == wanted) {
            return Ok(());
        }
        check_node()?;
        heading("Installing the page's packages");
        let mut npm = self.npm(&["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
        process::run(&mut npm)?;
        files::write_atomically(&note, wanted.as_bytes())
    }

    /// Builds the page, unless nothing it is made of has changed.
    ///
    /// # Errors
    /// When it does not build.
    pub fn build(&self) -> Result<()> {
        self.install()?;
        let note = self.notes.join("built");
        let wanted = digest(&self.sources()?);
        let built = self.folder.join("dist/index.html").is_file()
            && fs::read_to_string(&note).is_ok_and(|built| built == wanted);
        if built {
            return Ok(());
        }
        heading("Building the page");
        process::run(&mut self.script("build"))?;
        files::write_atomically(&note, wanted.as_bytes())
    }

    /// Whether package.json has a script of this name.
    ///
    /// # Errors
    /// When package.json does not read.
    pub fn has_script(&self, name: &str) -> Result<bool> {
        #[derive(Deserialize)]
        struct PackageFile {
            #[serde(default)]
            scripts: BTreeMap<String, String>,
        }
        let path = self.folder.join("package.json");
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let package: PackageFile = serde_json::from_str(&text)?;
        Ok(package.scripts.contains_key(name))
    }

    /// A script of package.json.
    #[must_use]
    pub fn script(&self, name: &str) -> Command {
        self.npm(&["run", "--silent", name])
    }

    fn npm(&self, arguments: &[&str]) -> Command {
        let mut npm = Command::new("npm");
        npm.args(arguments).current_dir(&self.folder);
        strip_cargo(&mut npm);
        npm
    }

    /// Every written file with its content.
    ///
    /// # Errors
    /// When one does not read.
    pub fn sources(&self) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
        let mut sources = BTreeMap::new();
        collect(&self.folder, &mut sources)
            .with_context(|| format!("cannot read {}", self.folder.display()))?;
        Ok(sources)
    }
}

fn collect(folder: &Path, into: &mut BTreeMap<PathBuf, Vec<u8>>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if !MADE.iter().any(|made| entry.file_name() == *made) {
                collect(&path, into)?;
            }
        } else if kind.is_file() {
            into.insert(path.clone(), fs::read(&path)?);
        }
    }
    Ok(())
}

fn digest(sources: &BTreeMap<PathBuf, Vec<u8>>) -> String {
    let mut hasher = Sha256::new();
    for (path, content) in sources {
        hasher.update(path.to_string_lossy().as_bytes());
        hasher.update(Sha256::digest(content));
    }
    files::hex(&hasher.finalize())
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
    use crate::files::tests::TestFolder;

    #[test]
    fn node_tells_its_version() {
        assert_eq!(node_major("v20.20.2\n"), Some(20));
        assert_eq!(node_major("command not found"), None);
    }

    #[test]
    fn made_folders_are_not_sources_and_a_change_shows() {
        let folder = TestFolder::new("frontend");
        for made in MADE {
            fs::create_dir_all(folder.0.join(made)).unwrap();
            fs::write(folder.0.join(made).join("x.js"), "made").unwrap();
        }
        fs::create_dir_all(folder.0.join("src")).unwrap();
        fs::write(folder.0.join("src/a.ts"), "one").unwrap();
        let frontend = Frontend { folder: folder.0.clone(), notes: folder.0.join("notes") };
        let before = frontend.sources().unwrap();
        assert_eq!(before.len(), 1);
        fs::write(folder.0.join("src/a.ts"), "two").unwrap();
        assert_ne!(digest(&before), digest(&frontend.sources().unwrap()));
    }
}
