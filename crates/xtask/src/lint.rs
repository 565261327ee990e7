//! What the linters of other people's tools say of the OpenAPI document.

use std::process::Command;

use anyhow::Result;

use crate::layout::Layout;
use crate::npm;
use crate::process;
use crate::progress::say;

/// Where the linters' list and their rules are.
const FOLDER: &str = "openapi/lint";

/// The documents, seen from there.
const DOCUMENTS: [&str; 2] = ["../openapi.json", "../openapi-3.0.json"];

/// Fails when Redocly's or Spectral's recommended rules have anything to say, even a hint.
///
/// # Errors
/// What they say.
pub fn check(layout: &Layout) -> Result<()> {
    npm::install(&layout.root.join(FOLDER))?;
    let mut redocly = linter(layout, "redocly");
    redocly.args(["lint", "--config", "redocly.yaml"]).args(DOCUMENTS);
    process::run(&mut redocly)?;
    let mut spectral = linter(layout, "spectral");
    spectral.args(["lint", "--ruleset", "spectral.yaml", "--fail-severity", "hint"]);
    spectral.args(DOCUMENTS);
    process::run(&mut spectral)?;
    say("Redocly and Spectral have nothing to say of the documents");
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
