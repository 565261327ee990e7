//! What the linters of other people's tools say of the OpenAPI document.

use std::fs;
use std::process::Command;

use anyhow::Result;

use crate::environment::strip_cargo;
use crate::files;
use crate::layout::Layout;
use crate::process;
use crate::progress::say;

/// Where the linters' list and their rules are.
const FOLDER: &str = "openapi/lint";

/// The document, seen from there.
const DOCUMENT: &str = "../openapi.json";

/// Fails when Redocly's or Spectral's recommended rules have anything to say, even a hint.
///
/// # Errors
/// What they say.
pub fn check(layout: &Layout) -> Result<()> {
    install(layout)?;
    let mut redocly = linter(layout, "redocly");
    redocly.args(["lint", "--config", "redocly.yaml", DOCUMENT]);
    process::run(&mut redocly)?;
    let mut spectral = linter(layout, "spectral");
    spectral.args(["lint", "--ruleset", "spectral.yaml", "--fail-severity", "hint", DOCUMENT]);
    process::run(&mut spectral)?;
    say("Redocly and Spectral have nothing to say of the document");
    Ok(())
}

/// A linter, which asks nobody for news and tells nobody of its use.
fn linter(layout: &Layout, name: &str) -> Command {
    let folder = layout.root.join(FOLDER);
    let mut linter = Command::new(folder.join("node_modules/.bin").join(name));
    linter.current_dir(folder);
    linter.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    linter
}

/// Installs what the lock file lists, unless it is installed.
fn install(layout: &Layout) -> Result<()> {
    let folder = layout.root.join(FOLDER);
    // Kept among the packages, so that it is removed together with them.
    let note = folder.join("node_modules/.installed");
    let wanted = files::sha256_of_file(&folder.join("package-lock.json"))?;
    if fs::read_to_string(&note).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    say("installing the linters of the document");
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]);
    strip_cargo(npm.current_dir(&folder));
    process::run(&mut npm)?;
    files::write_atomically(&note, wanted.as_bytes())
}
