//! Where set-up put what tests need.

use std::path::{Path, PathBuf};

/// The root of the checkout.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The shipped manifest.
#[must_use]
pub fn manifest() -> PathBuf {
    existing(root().join("models/manifest.toml"))
}

/// The folder of the prepared weights.
///
/// # Panics
/// When set-up has not run.
#[must_use]
pub fn weights() -> PathBuf {
    existing(root().join("models/weights"))
}

/// The ONNX Runtime library: `ORT_DYLIB_PATH`, else what set-up installed.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn onnx_runtime() -> PathBuf {
    if let Some(path) = std::env::var_os("ORT_DYLIB_PATH") {
        return existing(path.into());
    }
    let folder = existing(root().join(".dev/onnxruntime"));
    std::fs::read_dir(&folder)
        .ok()
        .and_then(|entries| {
            entries.flatten().map(|e| e.path()).find(|p| {
                p.file_name().is_some_and(|n| n.to_string_lossy().starts_with("libonnxruntime.so"))
            })
        })
        .unwrap_or_else(|| missing(&folder.join("libonnxruntime.so")))
}

/// `path`, if it is there.
///
/// # Panics
/// When it is not, with the command that makes it.
#[must_use]
pub fn existing(path: PathBuf) -> PathBuf {
    if path.exists() { path } else { missing(&path) }
}

fn missing(path: &Path) -> ! {
    panic!("{} is missing: run `./dev setup` first", path.display())
}
