//! `faceauth calibrate`: decision thresholds from an operator's own pictures.

use std::fs;
use std::path::Path;

use anyhow::Context;
use faceauth_eval::verification::calibrate;

use super::eval::{Measured, Verification, measure};

/// Measures the least score for each false match rate of `targets` and writes it into `out`, or
/// into the configured manifest, with the evidence beside it.
///
/// # Errors
/// When the configuration or a picture is not usable, there are too few pictures to show a rate, or
/// the manifest cannot be written; it is then as it was.
pub fn run(
    config: Option<&Path>,
    what: &Verification<'_>,
    targets: &[f64],
    out: Option<&Path>,
) -> anyhow::Result<()> {
    let Measured { protocol, scores, manifest, .. } = measure(config, what)?;
    let thresholds = calibrate::thresholds(&protocol, &scores, targets)?;
    let thresholds: Vec<_> = thresholds
        .into_iter()
        .map(|at| {
            let evidence = calibrate::evidence(what.images, &protocol, &scores, &at);
            (at, evidence)
        })
        .collect();
    let text = fs::read_to_string(&manifest).with_context(|| manifest.display().to_string())?;
    let written = calibrate::written(&text, &thresholds)?;
    let out = out.unwrap_or(&manifest);
    replace(out, &written)?;
    for (at, evidence) in &thresholds {
        let target = at.target.unwrap_or_default();
        println!("FMR {target:.0e}: cosine {:.4}. {evidence}", at.threshold);
    }
    println!("written to {}; a running server reads it when it is started again", out.display());
    Ok(())
}

/// Writes beside the file and moves it into place: who reads it meanwhile sees the old one or the
/// new one.
fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    let file = || path.display().to_string();
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    fs::write(&beside, text).with_context(file)?;
    fs::rename(&beside, path).with_context(file)
}
