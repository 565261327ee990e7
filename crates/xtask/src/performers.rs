//! What the browser tests hold into the camera: frames of rendered people.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::environment::strip_cargo;
use crate::files;
use crate::layout::Layout;
use crate::process;
use crate::progress::heading;

/// Where the sources are that decide what the frames show.
const SOURCES: [&str; 2] = ["crates/test-support/src/head", "crates/test-support/examples"];

/// Draws the frames, unless those that are there were drawn by the same sources.
///
/// # Errors
/// When they cannot be drawn.
pub fn draw(layout: &Layout) -> Result<()> {
    let folder = layout.performers();
    let note = folder.join("drawn");
    let wanted = digest(&layout.root)?;
    if fs::read_to_string(&note).is_ok_and(|drawn| drawn == wanted) {
        return Ok(());
    }
    heading("Drawing the people before the camera (half a minute)");
    files::remove(&folder)?;
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut cargo = Command::new("cargo");
    cargo
        .args(["run", "--quiet", "--locked", "--package", "faceauth-test-support"])
        .args(["--example", "performers", "--"])
        .arg(&folder)
        .current_dir(&layout.root);
    strip_cargo(&mut cargo);
    process::run(&mut cargo)?;
    files::write_atomically(&note, wanted.as_bytes())
}

fn digest(root: &Path) -> Result<String> {
    let mut paths = Vec::new();
    for folder in SOURCES {
        collect_files(&root.join(folder), &mut paths)?;
    }
    paths.sort();
    let mut hasher = Sha256::new();
    for path in paths {
        let source = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        hasher.update(source);
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Adds the files of a folder and of the folders in it.
fn collect_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            collect_files(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
