//! `faceauth eval`: error rates on an operator's own recordings, and what the rules saw of them.

mod liveness;
mod pad;
pub(super) mod pictures;
mod verification;

use std::fs;
use std::path::Path;

use anyhow::Context;
use clap::Subcommand;

/// What is measured.
#[derive(Subcommand)]
pub enum Command {
    /// How often strangers pass (FMR) and users fail (FNMR), as Markdown.
    ///
    /// Pictures without a usable face are counted as refused. Embeddings stay in memory, unless a cache
    /// is asked for.
    Verification(verification::Arguments),
    /// Error rates of presentation attack detection (APCER, BPCER) as Markdown.
    ///
    /// Pictures are judged as single images, clips as liveness captures of three seconds
    /// that answer no challenge: what is measured is what passive detection does alone.
    Pad(pad::Arguments),
    /// What each liveness rule sees of captures, frame by frame, as Markdown: for "it refuses me".
    ///
    /// The captures answer no challenge. Reports hold figures and file names, no picture and no
    /// embedding.
    Liveness(liveness::Arguments),
}

impl Command {
    /// Measures and prints the report.
    ///
    /// # Errors
    /// When the configuration or a recording is not usable, or a report cannot be written.
    pub fn run(self, config: Option<&Path>) -> anyhow::Result<()> {
        match self {
            Self::Verification(arguments) => verification::run(config, &arguments),
            Self::Pad(arguments) => pad::run(config, &arguments),
            Self::Liveness(arguments) => liveness::run(config, &arguments),
        }
    }
}

/// Writes the forms of a report that were asked for.
pub(super) fn write_reports(
    json: Option<&Path>,
    html: Option<&Path>,
    as_json: impl FnOnce() -> serde_json::Value,
    as_html: impl FnOnce() -> String,
) -> anyhow::Result<()> {
    if let Some(path) = json {
        let text = serde_json::to_string_pretty(&as_json())? + "\n";
        fs::write(path, text).with_context(|| path.display().to_string())?;
    }
    if let Some(path) = html {
        fs::write(path, as_html()).with_context(|| path.display().to_string())?;
    }
    Ok(())
}
