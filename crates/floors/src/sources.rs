//! The Rust files of each crate, read once.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// The files below `src` of one crate.
pub struct Sources {
    /// The crate's folder below `crates`.
    pub name: String,
    /// The text of each file by its path below `src`, as `liveness/judge.rs`.
    pub files: BTreeMap<String, String>,
}

impl Sources {
    /// The files that a compiler starts at.
    pub fn roots(&self) -> impl Iterator<Item = &str> {
        let files = self.files.keys().map(String::as_str);
        files.filter(|file| matches!(*file, "lib.rs" | "main.rs") || file.starts_with("bin/"))
    }
}

/// Every crate in `folder`, in the order of their names.
///
/// # Errors
/// When a file cannot be read.
pub fn read_all(folder: &Path) -> Result<Vec<Sources>> {
    let mut crates = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let path = entry?.path();
        let (Some(name), source) = (path.file_name(), path.join("src")) else { continue };
        if source.is_dir() {
            let mut files = BTreeMap::new();
            read(&source, "", &mut files)?;
            crates.push(Sources { name: name.to_string_lossy().into_owned(), files });
        }
    }
    crates.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(crates)
}

fn read(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let below = format!("{prefix}{name}");
        if path.is_dir() {
            read(&path, &format!("{below}/"), files)?;
        } else if below.ends_with(".rs") {
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            files.insert(below, text);
        }
    }
    Ok(())
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A made-up crate of `(file, text)`.
    pub fn tree(files: &[(&str, &str)]) -> Sources {
        let files = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        Sources { name: "house".to_owned(), files: files.collect() }
    }
}
