//! `faceauth eval`: error rates on an operator's own recordings.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use faceauth_domain::embedding::{Embedding, ModelId};
use faceauth_domain::liveness::policy::LivenessPolicy;
use faceauth_domain::policy::Policy;
use faceauth_domain::quality::{QualityPolicies, QualityPolicy};
use faceauth_eval::pad::report::PadReport;
use faceauth_eval::pad::{Classifier, Limits};
use faceauth_eval::recordings::{self, AttackFolder, Truth};
use faceauth_eval::verification::cache::{Cache, SampleDigest, Seal, Sealed};
use faceauth_eval::verification::protocol::Protocol;
use faceauth_eval::verification::report::{self, Report};
use faceauth_eval::verification::samples::{self, Acquired};
use faceauth_eval::verification::scores::{self, Scores};
use faceauth_store::seal::{Owner, Sealer};
use faceauth_vision::pipeline::{Choice, ModelSet, Pipeline};
use faceauth_vision::session::Runtime;
use indicatif::{ProgressBar, ProgressStyle};

use crate::config::{Config, Mode};
use crate::{keys, settings};

/// Measures presentation attack detection at the thresholds that are configured and prints
/// the report. `quality` says which single pictures count. What cannot be classified is named on standard error and left out.
///
/// # Errors
/// When the configuration or a folder is not usable, or no recording was.
pub fn pad(
    config: Option<&Path>,
    bonafide: &[PathBuf],
    attacks: &[AttackFolder],
    quality: QualityPolicy,
    json: Option<&Path>,
    html: Option<&Path>,
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
    let quality = QualityPolicies { sign_in: quality, ..QualityPolicies::DEFAULT };
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
    write_reports(json, html, || report.json(), || report.html())?;
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
    /// Which pictures count as acquired.
    pub quality: QualityPolicy,
    /// Lines of `person,group`.
    pub groups: Option<&'a Path>,
    /// Where what became of pictures is kept for the next run, embeddings sealed.
    pub cache: Option<&'a Path>,
    /// Where JSON and a page are written, besides Markdown on standard output.
    pub json: Option<&'a Path>,
    /// See above.
    pub html: Option<&'a Path>,
}

/// Pictures, compared.
pub(super) struct Measured {
    pub(super) protocol: Protocol,
    pub(super) acquired: Vec<Acquired>,
    pub(super) scores: Scores,
    pub(super) policy: Policy,
    pub(super) manifest: PathBuf,
}

/// Measures how often strangers pass and users fail at the configured threshold and others, and
/// prints the report. Embeddings stay in memory, but for a sealed cache.
///
/// # Errors
/// When the configuration, the pairs or a picture is not usable, or a report cannot be written.
pub fn verification(config: Option<&Path>, what: &Verification<'_>) -> anyhow::Result<()> {
    let Measured { protocol, acquired, scores, policy, .. } = measure(config, what)?;
    let groups = match what.groups {
        Some(path) => read_groups(path)?,
        None => BTreeMap::new(),
    };
    let report = Report::new(&protocol, &acquired, &scores, &policy.matching, &groups);
    write_reports(what.json, what.html, || report::json(&report), || report::html(&report))?;
    print!("{}", report::markdown(&report));
    Ok(())
}

/// Embeds and compares what is to be compared, with progress.
///
/// # Errors
/// When the configuration, the pairs or a picture is not usable.
pub(super) fn measure(config: Option<&Path>, what: &Verification<'_>) -> anyhow::Result<Measured> {
    let config = Config::load(config)?;
    let models = settings::models(&config)?;
    let set = ModelSet::load(&models.manifest, &models.weights_dir)?;
    let policy = settings::policy(&config, &set.manifest)?;
    let protocol = match what.pairs {
        Some(pairs) => Protocol::pairs(what.images, pairs)?,
        None => Protocol::all(what.images)?,
    };
    let seal = match what.cache {
        Some(_) => Some(cache_seal(&config).context("the cache is sealed by the seal keys")?),
        None => None,
    };
    let cache = match what.cache.zip(seal.as_ref()) {
        Some((path, seal)) => {
            let decides = decides(&models.manifest, &what.quality, what.choice)?;
            Some(Cache::open(path, seal, set.manifest.model_id(), &decides)?)
        }
        None => None,
    };
    let runtime = Runtime::load(&models.onnx_runtime)?;
    let threads = models.workers.session_threads;
    let quality = QualityPolicies { sign_in: what.quality, ..policy.quality };
    let build = |_| -> anyhow::Result<Pipeline> {
        let pipeline = Pipeline::new(&runtime, &set, quality, threads)?;
        Ok(pipeline.choosing(what.choice))
    };
    let pipelines = (0..models.workers.workers).map(build).collect::<Result<Vec<_>, _>>()?;

    let style = ProgressStyle::with_template("{bar:30} {pos} of {len} pictures, {eta} left")?;
    let bar = ProgressBar::new(protocol.samples.len() as u64).with_style(style);
    let acquired = samples::acquire(&protocol.samples, pipelines, cache.as_ref(), &|| bar.inc(1))?;
    bar.finish_and_clear();
    let spinner = ProgressBar::new_spinner().with_message("comparing");
    spinner.enable_steady_tick(std::time::Duration::from_millis(120));
    let scores = scores::compare(&protocol, &acquired, &policy.matching);
    spinner.finish_and_clear();
    Ok(Measured { protocol, acquired, scores, policy, manifest: models.manifest })
}

/// The deployment's keys, for the cache of an evaluation.
struct CacheSeal(Sealer);

fn cache_seal(config: &Config) -> anyhow::Result<CacheSeal> {
    let strict = config.mode == Mode::Production;
    Ok(CacheSeal(Sealer::new(keys::seal_keys(&config.keys, strict)?)))
}

impl Seal for CacheSeal {
    fn seal(&self, sample: &SampleDigest, embedding: &Embedding) -> anyhow::Result<Sealed> {
        let sealed = self.0.seal(Owner::Evaluation { sample }, embedding)?;
        Ok(Sealed { key_id: sealed.key_id, bytes: sealed.bytes })
    }

    fn open(&self, sample: &SampleDigest, model: &ModelId, sealed: &Sealed) -> Option<Embedding> {
        let Sealed { key_id, bytes } = sealed;
        self.0.open(Owner::Evaluation { sample }, model, key_id, bytes).ok()
    }
}

/// What decides, beside the picture, what is made of it: the manifest with the hashes of all
/// weights, the quality limits, whose face counts, and this version of the code.
fn decides(manifest: &Path, quality: &QualityPolicy, choice: Choice) -> anyhow::Result<Vec<u8>> {
    let mut bytes = fs::read(manifest).with_context(|| manifest.display().to_string())?;
    let version = env!("CARGO_PKG_VERSION");
    bytes.extend_from_slice(format!("{version} {quality:?} {choice:?}").as_bytes());
    Ok(bytes)
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
