//! Weights and workers.

use std::path::PathBuf;

use faceauth_vision::worker::WorkerSettings;
use serde::Deserialize;

/// Weights and workers.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Models {
    pub manifest: PathBuf,
    pub weights_dir: PathBuf,
    /// `ORT_DYLIB_PATH` is read when this is not set.
    pub onnx_runtime: Option<PathBuf>,
    /// `faceauth-clip` beside the running program when not set.
    pub clip_program: Option<PathBuf>,
    /// One a core when not set.
    pub workers: Option<usize>,
    pub session_threads: usize,
    pub queue: Option<usize>,
}

impl Default for Models {
    fn default() -> Self {
        Self {
            manifest: "models/manifest.toml".into(),
            weights_dir: "models/weights".into(),
            onnx_runtime: None,
            clip_program: None,
            workers: None,
            session_threads: WorkerSettings::SESSION_THREADS,
            queue: None,
        }
    }
}
