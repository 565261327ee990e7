//! The page: its packages, its build, its scripts.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::files;
use crate::layout::Layout;
use crate::npm;
use crate::process;
use crate::progress::heading;

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
        npm::install(&self.folder)
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
        npm::script(&self.folder, name)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::TestFolder;

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
