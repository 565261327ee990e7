//! `faceauth eval`: error rates on an operator's own recordings.

use std::path::{Path, PathBuf};

use faceauth_domain::liveness::policy::LivenessPolicy;
use faceauth_domain::quality::QualityPolicy;
use faceauth_eval::pad::{Classifier, Limits};
use faceauth_eval::pad_report::PadReport;
use faceauth_eval::recordings::{self, AttackFolder, Truth};
use faceauth_vision::pipeline::{ModelSet, Pipeline};
use faceauth_vision::session::Runtime;
use indicatif::{ProgressBar, ProgressStyle};

use crate::config::Config;
use crate::settings;

/// Measures presentation attack detection at the thresholds that are configured and prints
/// the report. What cannot be classified is named on standard error and left out.
///
/// # Errors
/// When the configuration or a folder is not usable, or no recording was.
pub fn pad(
    config: Option<&Path>,
    bonafide: &[PathBuf],
    attacks: &[AttackFolder],
) -> anyhow::Result<()> {
    let config = Config::load(config)?;
    let models = settings::models(&config)?;
    let set = ModelSet::load(&models.manifest, &models.weights_dir)?;
    let picture = settings::policy(&config, &set.manifest)?.pad.threshold;
    let limits = Limits { picture, liveness: LivenessPolicy::DEFAULT };
    let mut found = Vec::new();
    for dir in bonafide {
        found.extend(recordings::of_folder(dir, &Truth::BonaFide)?);
    }
    for AttackFolder { species, dir } in attacks {
        found.extend(recordings::of_folder(dir, &Truth::Attack(species.clone()))?);
    }
    let runtime = Runtime::load(&models.onnx_runtime)?;
    let pipeline =
        Pipeline::new(&runtime, &set, QualityPolicy::DEFAULT, models.workers.session_threads)?;
    let mut classifier = Classifier { pipeline, clips: models.clips, limits };

    let style = ProgressStyle::with_template("{bar:30} {pos} of {len}, {eta} left  {msg}")?;
    let bar = ProgressBar::new(found.len() as u64).with_style(style);
    let mut report = PadReport::default();
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
    println!(
        "Limits: single image {picture}, mean of a capture {}.\n",
        limits.liveness.min_mean_pad
    );
    print!("{}", report.markdown());
    Ok(())
}
