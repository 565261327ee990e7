//! `faceauth eval pad`: error rates of presentation attack detection.

use std::path::{Path, PathBuf};

use clap::Args;
use faceauth_domain::liveness::policy::LivenessPolicy;
use faceauth_domain::quality::QualityPolicies;
use faceauth_eval::pad::report::PadReport;
use faceauth_eval::pad::{Classifier, Limits};
use faceauth_eval::recordings::{self, AttackFolder, Truth};
use faceauth_vision::pipeline::{ModelSet, Pipeline};
use faceauth_vision::session::Runtime;
use indicatif::{ProgressBar, ProgressStyle};

use super::pictures::Quality;
use super::write_reports;
use crate::config::Config;
use crate::settings;

/// The arguments of the command line.
#[derive(Args)]
pub struct Arguments {
    /// Folder of pictures and clips of people; may be repeated.
    #[arg(long, required = true, value_name = "DIR")]
    bonafide: Vec<PathBuf>,
    /// Folder of pictures and clips of attacks with the name of their species, such as
    /// `print=DIR`; may be repeated.
    #[arg(long, required = true, value_name = "SPECIES=DIR")]
    attack: Vec<AttackFolder>,
    /// Which single pictures are good enough; the others have no response.
    #[arg(long, value_enum, default_value_t, value_name = "LIMITS")]
    quality: Quality,
    /// Write the figures as JSON as well.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a page with curves as well, which needs nothing beside it.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// Measures presentation attack detection at the thresholds that are configured and prints
/// the report. What cannot be classified is named on
/// standard error and left out.
///
/// # Errors
/// When the configuration or a folder is not usable, or no recording was.
pub fn run(config: Option<&Path>, arguments: &Arguments) -> anyhow::Result<()> {
    let config = Config::load(config)?;
    let models = settings::models(&config)?;
    let set = ModelSet::load(&models.manifest, &models.weights_dir)?;
    let picture = settings::policy(&config, &set.manifest)?.pad.threshold;
    let limits = Limits { picture, liveness: LivenessPolicy::DEFAULT };
    let mut found = Vec::new();
    for dir in &arguments.bonafide {
        found.extend(recordings::of_folder(dir, &Truth::BonaFide)?);
    }
    for AttackFolder { species, dir } in &arguments.attack {
        found.extend(recordings::of_folder(dir, &Truth::Attack(species.clone()))?);
    }
    let runtime = Runtime::load(&models.onnx_runtime)?;
    let quality = QualityPolicies { sign_in: arguments.quality.into(), ..QualityPolicies::DEFAULT };
    let pipeline = Pipeline::new(&runtime, &set, quality, models.workers.session_threads)?;
    let mut classifier = Classifier { pipeline, clips: models.clips, limits };

    let style = ProgressStyle::with_template("{bar:30} {pos} of {len}, {eta} left  {msg}")?;
    let bar = ProgressBar::new(found.len() as u64).with_style(style);
    let mut report = PadReport::new(limits);
    let mut classified = 0;
    for recording in &found {
        bar.set_message(recording.path.display().to_string());
        match classifier.classify(recording) {
            Ok(presentations) => {
                report.add(recording, presentations);
                classified += 1;
            }
            Err(error) => bar.suspend(|| eprintln!("left out: {error:#}")),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    anyhow::ensure!(classified > 0, "none of {} recordings could be classified", found.len());
    let (json, html) = (arguments.json.as_deref(), arguments.html.as_deref());
    write_reports(json, html, || report.json(), || report.html())?;
    print!("{}", report.markdown());
    Ok(())
}
