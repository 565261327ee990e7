//! `faceauth eval`: error rates on an operator's own recordings.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use faceauth_domain::liveness::policy::LivenessPolicy;
use faceauth_domain::quality::QualityPolicy;
use faceauth_eval::pad::{Classifier, Limits};
use faceauth_eval::pad_report::PadReport;
use faceauth_eval::recordings::{self, AttackFolder, Truth};
use faceauth_eval::verification::protocol::Protocol;
use faceauth_eval::verification::report::{self, Report};
use faceauth_eval::verification::{samples, scores};
use faceauth_vision::pipeline::{Choice, ModelSet, Pipeline};
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

/// What is compared, and where the report goes.
pub struct Verification<'a> {
    /// Folder of the pictures.
    pub images: &'a Path,
    /// The pairs; without them, every picture below `images` with every other.
    pub pairs: Option<&'a Path>,
    /// Whose face counts when a picture has several.
    pub choice: Choice,
    /// Lines of `person,group`.
    pub groups: Option<&'a Path>,
    /// Where JSON and a page are written, besides Markdown on standard output.
    pub json: Option<&'a Path>,
    /// See above.
    pub html: Option<&'a Path>,
}

/// Measures how often strangers pass and users fail at the configured threshold and others, and
/// prints the report. Embeddings stay in memory.
///
/// # Errors
/// When the configuration, the pairs or a picture is not usable, or a report cannot be written.
pub fn verification(config: Option<&Path>, what: &Verification<'_>) -> anyhow::Result<()> {
    let config = Config::load(config)?;
    let models = settings::models(&config)?;
    let set = ModelSet::load(&models.manifest, &models.weights_dir)?;
    let policy = settings::policy(&config, &set.manifest)?;
    let protocol = match what.pairs {
        Some(pairs) => Protocol::pairs(what.images, pairs)?,
        None => Protocol::all(what.images)?,
    };
    let groups = match what.groups {
        Some(path) => read_groups(path)?,
        None => BTreeMap::new(),
    };
    let runtime = Runtime::load(&models.onnx_runtime)?;
    let threads = models.workers.session_threads;
    let build = |_| -> anyhow::Result<Pipeline> {
        let pipeline = Pipeline::new(&runtime, &set, policy.quality, threads)?;
        Ok(pipeline.choosing(what.choice))
    };
    let pipelines = (0..models.workers.workers).map(build).collect::<Result<Vec<_>, _>>()?;

    let style = ProgressStyle::with_template("{bar:30} {pos} of {len} pictures, {eta} left")?;
    let bar = ProgressBar::new(protocol.samples.len() as u64).with_style(style);
    let acquired = samples::acquire(&protocol.samples, pipelines, &|| bar.inc(1))?;
    bar.finish_and_clear();
    let spinner = ProgressBar::new_spinner().with_message("comparing");
    spinner.enable_steady_tick(std::time::Duration::from_millis(120));
    let scores = scores::compare(&protocol, &acquired);
    let model = policy.matching.model.as_str().to_owned();
    let threshold = policy.matching.threshold;
    let report = Report::new(model, &protocol, &acquired, &scores, threshold, &groups);
    spinner.finish_and_clear();

    if let Some(path) = what.json {
        let text = serde_json::to_string_pretty(&report::json(&report))? + "\n";
        fs::write(path, text).with_context(|| path.display().to_string())?;
    }
    if let Some(path) = what.html {
        fs::write(path, report::html(&report)).with_context(|| path.display().to_string())?;
    }
    print!("{}", report::markdown(&report));
    Ok(())
}

/// `person,group` by line; a head is passed over when nobody is called by it.
fn read_groups(path: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let mut groups = BTreeMap::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let Some((person, group)) = line.split_once(',') else {
            bail!("{}, line {}: write person,group", path.display(), number + 1)
        };
        groups.insert(person.trim().to_owned(), group.trim().to_owned());
    }
    Ok(groups)
}
