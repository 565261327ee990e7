//! The files of `deploy/` and of `.github/` against schemas: no cluster and no engine is needed.

use std::process::Command;

use anyhow::Result;

use crate::layout::Layout;
use crate::python;

/// Where the check and the list of what it runs on are.
const FOLDER: &str = "deploy/checks";

/// The check, with what it runs on installed.
///
/// # Errors
/// When that cannot be installed.
pub fn command(layout: &Layout) -> Result<Command> {
    let installed = python::install(layout, FOLDER)?;
    let mut command = Command::new("python3");
    command.arg(layout.root.join(FOLDER).join("run.py")).arg(&layout.root);
    command.env("PYTHONPATH", installed).env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(command)
}
