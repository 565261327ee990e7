//! Schemathesis against the running service: its document, held against its answers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::files;
use crate::layout::Layout;
use crate::process;
use crate::progress::say;
use crate::server::{Server, Serving};

/// Where the test and the list of what it runs on are.
const FOLDER: &str = "openapi/contract";

/// The picture of a face that real requests have.
const PHOTO: &str = "obama.jpg";

/// Installs what the test runs on, every file by its hash, and answers the folder.
///
/// # Errors
/// When pip cannot get it; running it again starts over.
pub fn install(layout: &Layout) -> Result<PathBuf> {
    let list = layout.root.join(FOLDER).join("requirements.txt");
    let hash = files::sha256_of_file(&list)?;
    // Another list is another folder.
    let folder = layout.dev.join(format!("contract-{}", &hash[..12]));
    if folder.is_dir() {
        return Ok(folder);
    }
    say("installing Schemathesis");
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

/// The test against `serving`, which keeps nothing.
///
/// # Errors
/// When no API key can be made.
pub fn command(
    layout: &Layout,
    installed: &Path,
    server: &Server<'_>,
    serving: &Serving,
) -> Result<Command> {
    let words = [
        "keys",
        "api",
        "create",
        "--label",
        "contract test",
        "--scope",
        "enrol",
        "--scope",
        "scores:read",
        "--scope",
        "accounts:reset",
        "--days",
        "1",
    ];
    let key = process::read(&mut server.command(&words))?;
    let mut command = Command::new("python3");
    command.arg(layout.root.join(FOLDER).join("run.py"));
    command.arg(installed.join("bin/st")).arg(format!("http://{}", serving.address));
    command.env("PYTHONPATH", installed).env("PYTHONDONTWRITEBYTECODE", "1");
    command.env("FACEAUTH_PHOTO", layout.photos().join(PHOTO));
    command.env("FACEAUTH_API_KEY", key.trim());
    Ok(command)
}
