//! Weights, runtime and threads.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use faceauth_vision::clip::ClipDecoder;
use faceauth_vision::worker::WorkerSettings;

use crate::config::Config;

/// What `limits.max_wait_ms` may be. The watch of the queue looks every 200 ms, and a client does
/// not wait for half a minute.
const MAX_WAIT_MS: std::ops::RangeInclusive<u64> = 100..=30_000;

/// Where the weights and the runtime are, and how many threads use them.
pub struct ModelSettings {
    /// The manifest.
    pub manifest: PathBuf,
    /// Folder of the weight files.
    pub weights_dir: PathBuf,
    /// ONNX Runtime's shared library.
    pub onnx_runtime: PathBuf,
    /// The program that decodes clips.
    pub clips: ClipDecoder,
    /// Threads and queue.
    pub workers: WorkerSettings,
}

/// Weights, runtime and threads.
///
/// # Errors
/// When the runtime is not named or threads would outnumber the cores in production.
pub fn models(config: &Config) -> anyhow::Result<ModelSettings> {
    let models = &config.models;
    let onnx_runtime = models
        .onnx_runtime
        .clone()
        .context("set ORT_DYLIB_PATH or models.onnx_runtime to libonnxruntime.so")?;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let defaults = WorkerSettings::for_cores(cores / models.session_threads.max(1));
    let workers = WorkerSettings {
        workers: models.workers.unwrap_or(defaults.workers),
        session_threads: models.session_threads.max(1),
        queue: models.queue.unwrap_or(defaults.queue),
        max_wait: Duration::from_millis(config.limits.max_wait_ms),
    };
    ensure!(
        MAX_WAIT_MS.contains(&config.limits.max_wait_ms),
        "limits.max_wait_ms lies between {} and {}",
        MAX_WAIT_MS.start(),
        MAX_WAIT_MS.end()
    );
    ensure!(workers.workers >= 1, "models.workers is at least 1");
    if workers.workers * workers.session_threads > cores {
        tracing::warn!(
            cores,
            ?workers,
            "more analysis threads than cores: each sign-in slows down"
        );
    }
    Ok(ModelSettings {
        manifest: models.manifest.clone(),
        weights_dir: models.weights_dir.clone(),
        onnx_runtime,
        clips: match &models.clip_program {
            Some(program) => ClipDecoder::new(program.clone())?,
            None => ClipDecoder::installed()?,
        },
        workers,
    })
}
