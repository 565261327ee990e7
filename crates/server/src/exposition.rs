//! Metrics in the text format of Prometheus: the recorder of this process, and what is measured
//! when somebody asks.

use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use anyhow::Context;
use faceauth_domain::clock::Clock;
use faceauth_store::Store;
use faceauth_telemetry::label::{Connections, KeyFile, Version, Weights};
use faceauth_telemetry::metrics::{self, Kind, TABLE};
use faceauth_vision::manifest::{self, EmbeddingModel, Manifest};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::clock::SystemClock;
use crate::lines::Lost;
use crate::{config, keys};

/// How often durations are put into their buckets, so that memory stays bounded when nobody
/// scrapes.
pub const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// The metrics of this process.
#[derive(Clone)]
pub struct Exposition(PrometheusHandle);

impl Exposition {
    /// Installs the recorder. From now on everything in the table of metrics is counted.
    ///
    /// # Errors
    /// When there is one already.
    pub fn install() -> anyhow::Result<Self> {
        let mut builder = PrometheusBuilder::new();
        for metric in TABLE {
            if let Kind::Histogram(bounds) = metric.kind {
                let name = Matcher::Full(metric.name.to_owned());
                builder = builder.set_buckets_for_metric(name, bounds)?;
            }
        }
        let handle =
            builder.install_recorder().context("cannot install the recorder of metrics")?;
        metrics::begin();
        metrics::build_info(Version).set(1.0);
        metrics::started().set(SystemClock.now().timestamp() as f64);
        Ok(Self(handle))
    }

    /// Says what does not change while the process lives.
    pub fn say_setup(&self, workers: usize, max_connections: u32) {
        metrics::workers().set(workers as f64);
        metrics::connections_max().set(f64::from(max_connections));
    }

    /// Says when each key file was written. Keys that come from elsewhere have no age.
    pub fn say_keys(&self, config: &config::Keys) {
        let files = [
            (KeyFile::Signing, keys::SIGNING_KEY),
            (KeyFile::NextSigning, keys::NEXT_SIGNING_KEY),
            (KeyFile::PreviousSigning, keys::PREVIOUS_SIGNING_KEY),
            (KeyFile::Seal, keys::SEAL_KEYS),
            (KeyFile::ClientHash, keys::CLIENT_HASH_KEY),
        ];
        for (label, name) in files {
            if let Some(written) = written(&config.dir.join(name)) {
                metrics::key_written(label).set(written);
            }
        }
    }

    /// Says when the weights of each role were written.
    pub fn say_weights(&self, manifest: &Manifest, folder: &Path) {
        let Manifest { detection, landmarks, eyes, embedding, previous_embedding, pad, .. } =
            manifest;
        let say = |label: Weights, weights: &[&manifest::Weights]| {
            let times = weights.iter().filter_map(|weights| written(&folder.join(&weights.file)));
            if let Some(oldest) = times.reduce(f64::min) {
                metrics::weights_written(label).set(oldest);
            }
        };
        say(Weights::Detection, &[&detection.weights]);
        say(Weights::Landmarks, &[&landmarks.weights]);
        say(Weights::Eyes, &eyes.iter().map(|eyes| &eyes.weights).collect::<Vec<_>>());
        say(Weights::Embedding, &embedding.weights().collect::<Vec<_>>());
        let previous = previous_embedding.iter().flat_map(EmbeddingModel::weights);
        say(Weights::PreviousEmbedding, &previous.collect::<Vec<_>>());
        say(Weights::Pad, &pad.models.iter().map(|model| &model.weights).collect::<Vec<_>>());
    }

    /// Everything that has been counted, and what the pool of connections does now.
    #[must_use]
    pub fn render(&self, store: &Store, lost_lines: &Lost) -> String {
        metrics::log_lines_lost().set(lost_lines.lines() as f64);
        let pool = store.pool_use();
        metrics::connections(Connections::InUse).set(f64::from(pool.in_use));
        metrics::connections(Connections::Idle).set(f64::from(pool.idle));
        self.0.render()
    }

    /// Puts durations into their buckets.
    pub fn upkeep(&self) {
        self.0.run_upkeep();
    }
}

/// When a file was last written, in seconds since 1970.
fn written(path: &Path) -> Option<f64> {
    let modified = std::fs::metadata(path).ok()?.modified().ok()?;
    Some(modified.duration_since(UNIX_EPOCH).ok()?.as_secs_f64().trunc())
}
