//! Python programs that checks run, each with a list of what it runs on.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::files;
use crate::layout::Layout;
use crate::process;
use crate::progress::say;

/// Installs what `requirements.txt` in `folder` of the checkout lists, every file by its hash, and
/// answers where.
///
/// # Errors
/// When pip cannot get it; running it again starts over.
pub fn install(layout: &Layout, folder: &str) -> Result<PathBuf> {
    let list = layout.root.join(folder).join("requirements.txt");
    let hash = files::sha256_of_file(&list)?;
    let name = folder.rsplit('/').next().unwrap_or(folder);
    // Another list is another folder.
    let folder = layout.dev.join(format!("{name}-{}", &hash[..12]));
    if folder.is_dir() {
        return Ok(folder);
    }
    say(&format!("installing the Python packages of the {name}"));
    let temporary = files::temporary_beside(&folder);
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]);
    pip.args(["--require-hashes", "--only-binary=:all:", "--root-user-action=ignore"]);
    pip.arg("--target").arg(&temporary).arg("--requirement").arg(&list);
    let installed = process::run(&mut pip);
    if installed.is_err() {
        let _ = fs::remove_dir_all(&temporary);
    }
    installed?;
    fs::rename(&temporary, &folder)
        .with_context(|| format!("cannot rename {}", temporary.display()))?;
    Ok(folder)
}
