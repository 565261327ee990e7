//! Schemathesis against the running service: its document, held against its answers.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::layout::Layout;
use crate::process;
use crate::server::{Server, Serving};

/// Where the test and the list of what it runs on are.
pub const FOLDER: &str = "openapi/contract";

/// The picture of a face that real requests have.
const PHOTO: &str = "obama.jpg";

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
