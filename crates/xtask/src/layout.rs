//! Where things are kept.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The folders of one checkout.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The root of the checkout.
    pub root: PathBuf,
    /// `.dev/`: what this clone makes for itself. Ignored by git, safe to delete.
    pub dev: PathBuf,
    /// Downloaded packages, shared by every clone of this user.
    pub packages: PathBuf,
}

impl Layout {
    /// Finds the checkout and the cache.
    ///
    /// # Errors
    /// When not run inside a checkout.
    pub fn find() -> Result<Layout> {
        // Asked at run time, not compiled in: clones may share a target folder.
        let root = match env::var_os("CARGO_MANIFEST_DIR") {
            Some(manifest_dir) => PathBuf::from(manifest_dir).join("../.."),
            None => env::current_dir()?,
        };
        let root = root.canonicalize().context("cannot find the project folder")?;
        if !root.join("models/manifest.toml").is_file() {
            bail!("{} is not a checkout: run this through ./dev", root.display());
        }
        let dev = root.join(".dev");
        let packages = cache_root(&dev, |name| env::var_os(name).map(PathBuf::from));
        Ok(Layout { root, dev, packages: packages.join("packages") })
    }

    /// The folder of the prepared weights.
    #[must_use]
    pub fn weights(&self) -> PathBuf {
        self.root.join("models/weights")
    }

    /// The folder of the test photos.
    #[must_use]
    pub fn photos(&self) -> PathBuf {
        self.dev.join("photos")
    }

    /// The folder of the generated development keys.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.dev.join("keys")
    }

    /// The folder of the models that the page runs itself.
    #[must_use]
    pub fn page_models(&self) -> PathBuf {
        self.frontend().join("models")
    }

    /// The folder of the films that browser tests hold into the camera.
    #[must_use]
    pub fn performers(&self) -> PathBuf {
        self.dev.join("performers")
    }

    /// The folder the pages are built from.
    #[must_use]
    pub fn frontend(&self) -> PathBuf {
        self.root.join("frontend")
    }
}

/// `$FACEAUTH_CACHE`, else `$XDG_CACHE_HOME/faceauth`, else `$HOME/.cache/faceauth`,
/// else (no home at all) inside the clone.
fn cache_root(dev: &Path, var: impl Fn(&str) -> Option<PathBuf>) -> PathBuf {
    let set = |name| var(name).filter(|path| path.is_absolute());
    set("FACEAUTH_CACHE")
        .or_else(|| set("XDG_CACHE_HOME").map(|path| path.join("faceauth")))
        .or_else(|| set("HOME").map(|path| path.join(".cache/faceauth")))
        .unwrap_or_else(|| dev.join("cache"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(vars: &[(&str, &str)]) -> PathBuf {
        cache_root(Path::new("/clone/.dev"), |name| {
            vars.iter().find(|(key, _)| *key == name).map(|(_, value)| PathBuf::from(value))
        })
    }

    #[test]
    fn the_cache_follows_the_environment() {
        let home = ("HOME", "/home/a");
        let xdg = ("XDG_CACHE_HOME", "/x");
        assert_eq!(with(&[home, xdg, ("FACEAUTH_CACHE", "/c")]), Path::new("/c"));
        assert_eq!(with(&[home, xdg]), Path::new("/x/faceauth"));
        assert_eq!(with(&[home]), Path::new("/home/a/.cache/faceauth"));
        assert_eq!(with(&[]), Path::new("/clone/.dev/cache"));
    }

    #[test]
    fn a_relative_cache_is_not_believed() {
        assert_eq!(with(&[("FACEAUTH_CACHE", "here")]), Path::new("/clone/.dev/cache"));
    }
}
