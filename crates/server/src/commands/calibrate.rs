//! `faceauth calibrate`: decision thresholds from an operator's own pictures.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use faceauth_eval::verification::calibrate;

use super::eval::pictures::{Measured, PicturesArguments, measure};

/// The arguments of the command line.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    pictures: PicturesArguments,
    /// False match rate to find the threshold for, such as 1e-4; may be repeated.
    #[arg(long, required = true)]
    fmr: Vec<f64>,
    /// Write the manifest to this file instead of the configured one.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Measures the least score for each false match rate that was asked for and writes it into the
/// manifest, with the evidence beside it.
///
/// # Errors
/// When the configuration or a picture is not usable, there are too few pictures to show a rate, or
/// the manifest cannot be written; it is then as it was.
pub fn run(config: Option<&Path>, arguments: &Arguments) -> anyhow::Result<()> {
    let Measured { protocol, scores, manifest, .. } = measure(config, &arguments.pictures)?;
    let thresholds = calibrate::thresholds(&protocol, &scores, &arguments.fmr)?;
    let thresholds: Vec<_> = thresholds
        .into_iter()
        .map(|at| {
            let evidence = calibrate::evidence(&arguments.pictures.images, &protocol, &scores, &at);
            (at, evidence)
        })
        .collect();
    let text = fs::read_to_string(&manifest).with_context(|| manifest.display().to_string())?;
    let written = calibrate::written(&text, &thresholds)?;
    let out = arguments.out.as_ref().unwrap_or(&manifest);
    replace(out, &written)?;
    for (at, evidence) in &thresholds {
        let target = at.target.unwrap_or_default();
        println!("FMR {target:.0e}: cosine {:.4}. {evidence}", at.threshold);
    }
    println!("written to {}; a running server reads it when it is started again", out.display());
    Ok(())
}

/// Writes beside the file and moves it into place. A reader sees the old file or the new one.
fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    let file = || path.display().to_string();
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    fs::write(&beside, text).with_context(file)?;
    fs::rename(&beside, path).with_context(file)
}
