//! What can go wrong in this crate, apart from the picture itself.

use std::path::PathBuf;

/// A failure of weights, runtime or native code. Never carries pixels or vectors.
#[derive(Debug, thiserror::Error)]
pub enum VisionError {
    /// A file could not be read.
    #[error("cannot read {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The manifest is malformed or contradicts itself.
    #[error("model manifest {path}: {reason}")]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// A weight file is not the one the manifest names.
    #[error(
        "{path} has SHA-256 {found}, the manifest says {expected}: fetch the weights again, or \
         mend the manifest if the change is meant"
    )]
    WrongHash {
        /// The weight file.
        path: PathBuf,
        /// Hash in the manifest.
        expected: String,
        /// Hash of the file.
        found: String,
    },
    /// A graph's inputs or outputs are not those of the manifest.
    #[error("model {model}: {reason}")]
    WrongShape {
        /// Its id in the manifest.
        model: String,
        /// The difference.
        reason: String,
    },
    /// ONNX Runtime cannot be loaded.
    #[error("cannot load ONNX Runtime from {path}: {reason}")]
    Runtime {
        /// The library.
        path: PathBuf,
        /// What the loader said.
        reason: String,
    },
    /// ONNX Runtime failed.
    #[error("inference: {0}")]
    Inference(#[from] ort::Error),
    /// OpenCV failed.
    #[error("image operation: {0}")]
    OpenCv(#[from] opencv::Error),
    /// A graph answered something that is no answer, for example a zero vector.
    #[error("model {model} gave an unusable output")]
    UnusableOutput {
        /// Its id in the manifest.
        model: String,
    },
    /// The program that decodes clips cannot be used.
    #[error("cannot decode clips with {program}: {reason}")]
    ClipProgram {
        /// The program.
        program: PathBuf,
        /// Why.
        reason: String,
    },
    /// A clip was not decoded within the limits of time. Clips within the documented limits are,
    /// unless the machine is far too busy.
    #[error("a clip took too long to decode")]
    ClipTimeout,
    /// A worker thread could not be started or has died.
    #[error("analysis worker: {0}")]
    Worker(String),
}
