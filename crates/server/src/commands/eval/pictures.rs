//! Pictures of people, embedded and compared: what `eval verification` and `calibrate` share.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};
use faceauth_domain::embedding::{Embedding, ModelId};
use faceauth_domain::policy::Policy;
use faceauth_domain::quality::{QualityPolicies, QualityPolicy};
use faceauth_eval::verification::acquired::Acquired;
use faceauth_eval::verification::cache::{Cache, SampleDigest, Seal, Sealed};
use faceauth_eval::verification::protocol::Protocol;
use faceauth_eval::verification::samples;
use faceauth_eval::verification::scores::{self, Scores};
use faceauth_store::seal::{Owner, Sealer};
use faceauth_vision::pipeline::{Choice, ModelSet, Pipeline};
use faceauth_vision::session::Runtime;
use indicatif::{ProgressBar, ProgressStyle};

use crate::config::{Config, Mode};
use crate::{keys, settings};

/// What is compared.
#[derive(Args)]
pub struct PicturesArguments {
    /// Folder of the pictures; one folder a person when there are no pairs.
    #[arg(long, value_name = "DIR")]
    pub(in crate::commands) images: PathBuf,
    /// Pairs to compare: LFW's pairs.txt, or lines of left,right,mated (1 or 0). Left out: every
    /// picture with every other.
    #[arg(long, value_name = "FILE")]
    pairs: Option<PathBuf>,
    /// Take the face in the middle when a picture has several, as benchmarks do whose pictures are
    /// centred on one person; the service refuses such pictures.
    #[arg(long)]
    central: bool,
    /// Which pictures are good enough, as the service has it or, to measure the matcher alone, any.
    #[arg(long, value_enum, default_value_t, value_name = "LIMITS")]
    quality: Quality,
    /// Keep the result for each picture in this file. An interrupted run then goes on, and no
    /// picture is analysed twice. The deployment's seal keys seal the embeddings in it.
    #[arg(long, value_name = "FILE")]
    cache: Option<PathBuf>,
}

/// The limits of a picture.
#[derive(Clone, Copy, Default, ValueEnum)]
pub enum Quality {
    /// What may sign in.
    #[default]
    SignIn,
    /// What may be enrolled.
    Enrolment,
    /// Every picture that shows a face.
    Any,
}

impl From<Quality> for QualityPolicy {
    fn from(quality: Quality) -> Self {
        match quality {
            Quality::SignIn => Self::SIGN_IN,
            Quality::Enrolment => Self::ENROLMENT,
            Quality::Any => Self::NONE,
        }
    }
}

impl PicturesArguments {
    fn choice(&self) -> Choice {
        if self.central { Choice::Central } else { Choice::OnlyOne }
    }
}

/// Pictures, compared.
pub(in crate::commands) struct Measured {
    pub(in crate::commands) protocol: Protocol,
    pub(in crate::commands) acquired: Vec<Acquired>,
    pub(in crate::commands) scores: Scores,
    pub(in crate::commands) policy: Policy,
    pub(in crate::commands) manifest: PathBuf,
}

/// Embeds and compares what is to be compared, with progress.
///
/// # Errors
/// When the configuration, the pairs or a picture is not usable.
pub(in crate::commands) fn measure(
    config: Option<&Path>,
    what: &PicturesArguments,
) -> anyhow::Result<Measured> {
    let config = Config::load(config)?;
    let models = settings::models(&config)?;
    let set = ModelSet::load(&models.manifest, &models.weights_dir)?;
    let (choice, limits) = (what.choice(), QualityPolicy::from(what.quality));
    let policy = settings::policy(&config, &set.manifest)?;
    let protocol = match &what.pairs {
        Some(pairs) => Protocol::pairs(&what.images, pairs)?,
        None => Protocol::all(&what.images)?,
    };
    let seal = match &what.cache {
        Some(_) => Some(cache_seal(&config).context("the cache is sealed by the seal keys")?),
        None => None,
    };
    let cache = match what.cache.as_ref().zip(seal.as_ref()) {
        Some((path, seal)) => {
            let decides = decides(&models.manifest, &limits, choice)?;
            Some(Cache::open(path, seal, set.manifest.model_id(), &decides)?)
        }
        None => None,
    };
    let runtime = Runtime::load(&models.onnx_runtime)?;
    let threads = models.workers.session_threads;
    let quality = QualityPolicies { sign_in: limits, ..policy.quality };
    let build = |_| -> anyhow::Result<Pipeline> {
        let pipeline = Pipeline::new(&runtime, &set, quality, threads)?;
        Ok(pipeline.choosing(choice))
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
