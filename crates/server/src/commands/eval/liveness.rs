//! `faceauth eval liveness`: what each rule sees of captures.

use std::path::{Path, PathBuf};

use clap::Args;
use faceauth_eval::captures;
use faceauth_eval::liveness::Examiner;
use faceauth_eval::liveness::report::LivenessReport;
use faceauth_vision::pipeline::{ModelSet, Pipeline};
use faceauth_vision::session::Runtime;
use indicatif::{ProgressBar, ProgressStyle};

use super::write_reports;
use crate::config::Config;
use crate::settings;

/// The arguments of the command line.
#[derive(Args)]
pub struct Arguments {
    /// Folder of captures: clips (MP4, WebM), and a folder of frames for each capture, named by their
    /// times in ms, such as 0450.jpg.
    #[arg(value_name = "DIR")]
    captures: PathBuf,
    /// Write the figures as JSON as well.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a page with curves as well, which needs nothing beside it and holds no pictures.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// Looks at each capture with every model and prints what each rule saw. What cannot be looked at has
/// a line that says why.
///
/// # Errors
/// When the configuration or the folder is not usable, no capture was, or a report cannot be written.
pub fn run(config: Option<&Path>, arguments: &Arguments) -> anyhow::Result<()> {
    let sources = captures::of_folder(&arguments.captures)?;
    let config = Config::load(config)?;
    let models = settings::models(&config)?;
    let set = ModelSet::load(&models.manifest, &models.weights_dir)?;
    let policy = settings::policy(&config, &set.manifest)?;
    let runtime = Runtime::load(&models.onnx_runtime)?;
    let threads = models.workers.session_threads;
    let pipeline = Pipeline::new(&runtime, &set, policy.quality, threads)?;
    let mut examiner = Examiner { pipeline, clips: models.clips, policy: policy.liveness };

    let style = ProgressStyle::with_template("{bar:30} {pos} of {len}, {eta} left  {msg}")?;
    let bar = ProgressBar::new(sources.len() as u64).with_style(style);
    let mut report = LivenessReport::new(policy.liveness);
    let mut examined = 0;
    for source in &sources {
        let name = source.path().file_name().unwrap_or(source.path().as_os_str());
        let name = name.to_string_lossy().into_owned();
        bar.set_message(name.clone());
        let seen = examiner.examine(source);
        examined += usize::from(seen.is_ok());
        if let Err(error) = &seen {
            bar.suspend(|| eprintln!("left out: {error:#}"));
        }
        report.add(name, seen.map_err(|error| format!("{error:#}")));
        bar.inc(1);
    }
    bar.finish_and_clear();
    let (json, html) = (arguments.json.as_deref(), arguments.html.as_deref());
    write_reports(json, html, || report.json(), || report.html())?;
    print!("{}", report.markdown());
    anyhow::ensure!(examined > 0, "none of {} captures could be looked at", sources.len());
    Ok(())
}
