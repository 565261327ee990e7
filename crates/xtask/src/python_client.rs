//! The Python client: what a generator writes of the document, and its check against a service.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::files;
use crate::layout::Layout;
use crate::process;
use crate::progress::say;
use crate::python;
use crate::server::{Server, Serving};

/// Where the package is.
const FOLDER: &str = "clients/python";

/// What writes the generated part, and how.
const GENERATOR: &str = "clients/python/generator";

/// The generated part.
const GENERATED: &str = "clients/python/src/faceauth/generated";

/// What a run leaves among the sources.
const MADE: &str = "__pycache__";

/// What the generator writes of the document `openapi`, by path from the root of the checkout.
///
/// # Errors
/// When the generator fails or warns.
pub fn generate(layout: &Layout, openapi: &str) -> Result<BTreeMap<String, Vec<u8>>> {
    let installed = python::install(layout, GENERATOR)?;
    let written = layout.dev.join("python-client");
    files::remove(&written)?;
    let folder = layout.root.join(GENERATOR);
    // Not the committed document: that may be old.
    let document = layout.dev.join("python-client.json");
    files::write_atomically(&document, openapi.as_bytes())?;
    let mut generator = python(&installed);
    generator.args(["-m", "openapi_python_client", "generate", "--fail-on-warning"]);
    generator.args(["--meta", "none", "--path"]).arg(&document);
    generator.arg("--config").arg(folder.join("config.yaml"));
    generator.arg("--custom-template-path").arg(folder.join("templates"));
    generator.arg("--output-path").arg(&written);
    // It formats with the ruff of the list.
    let path = std::env::var_os("PATH").unwrap_or_default();
    let programs = [installed.join("bin")].into_iter().chain(std::env::split_paths(&path));
    generator.env("PATH", std::env::join_paths(programs)?);
    process::read(&mut generator)?;
    sources(&written)
}

/// What is committed of it, by path from the root of the checkout.
///
/// # Errors
/// When it does not read.
pub fn committed(layout: &Layout) -> Result<BTreeMap<String, Vec<u8>>> {
    sources(&layout.root.join(GENERATED))
}

/// Writes what [`generate`] made over what is there.
///
/// # Errors
/// When a file cannot be written.
pub fn overwrite(layout: &Layout, generated: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    files::remove(&layout.root.join(GENERATED))?;
    for (path, content) in generated {
        files::write_atomically(&layout.root.join(path), content)?;
    }
    Ok(())
}

/// Checks the types, builds the package as its users do, and installs it. Nothing is asked of a
/// network.
///
/// # Errors
/// When a type is wrong or the package does not build.
pub fn build(layout: &Layout) -> Result<Package> {
    let libraries = python::install(layout, FOLDER)?;
    let folder = layout.root.join(FOLDER);
    let mut types = python(&libraries);
    types.args(["-m", "mypy", "--no-incremental"]).current_dir(&folder);
    process::run(&mut types)?;

    let wheels = layout.dev.join("python-client-wheel");
    let package = layout.dev.join("python-client-package");
    files::remove(&wheels)?;
    files::remove(&package)?;
    let mut build = pip(&libraries, "wheel");
    build.args(["--no-build-isolation", "--wheel-dir"]).arg(&wheels).arg(&folder);
    process::run(&mut build)?;
    let mut install = pip(&libraries, "install");
    install.args(["--root-user-action=ignore", "--find-links"]).arg(&wheels);
    install.arg("--target").arg(&package).arg("faceauth");
    process::run(&mut install)?;
    say("the Python client has its types, and its wheel builds");
    Ok(Package { folder: package, libraries })
}

/// The client as its users have it.
pub struct Package {
    folder: PathBuf,
    libraries: PathBuf,
}

/// The tests of `package` against `serving`, which keeps nothing.
///
/// # Errors
/// When no API key can be made.
pub fn command(
    layout: &Layout,
    package: &Package,
    server: &Server<'_>,
    serving: &Serving,
) -> Result<Command> {
    let words =
        ["keys", "api", "create", "--label", "Python client", "--scope", "enrol", "--days", "1"];
    let key = process::read(&mut server.command(&words))?;
    let mut tests = python(&package.libraries);
    tests.args(["-m", "pytest"]).current_dir(layout.root.join(FOLDER));
    // The installed package and not its sources: what the wheel lacks is missing here.
    tests.env("PYTHONPATH", std::env::join_paths([&package.folder, &package.libraries])?);
    tests.env("FACEAUTH_BASE_URL", format!("http://{}", serving.address));
    tests.env("FACEAUTH_API_KEY", key.trim());
    tests.env("FACEAUTH_PHOTOS", layout.photos());
    Ok(tests)
}

fn python(packages: &Path) -> Command {
    let mut python = Command::new("python3");
    python.env("PYTHONPATH", packages).env("PYTHONDONTWRITEBYTECODE", "1");
    python
}

/// pip, which may ask no registry for anything.
fn pip(packages: &Path, word: &str) -> Command {
    let mut pip = python(packages);
    pip.args(["-m", "pip", word, "--quiet", "--disable-pip-version-check", "--no-input"]);
    pip.args(["--no-index", "--no-deps"]);
    pip
}

/// The files in `folder`, with the paths that they have in the checkout.
fn sources(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut sources = BTreeMap::new();
    collect(folder, GENERATED, &mut sources)
        .with_context(|| format!("cannot read {}: run `./dev generate`", folder.display()))?;
    Ok(sources)
}

fn collect(folder: &Path, name: &str, into: &mut BTreeMap<String, Vec<u8>>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() == *MADE {
            continue;
        }
        let name = format!("{name}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &name, into)?;
        } else {
            into.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::TestFolder;

    #[test]
    fn sources_are_named_as_in_the_checkout_and_caches_are_none() {
        let folder = TestFolder::new("python-client");
        fs::create_dir_all(folder.0.join("api").join(MADE)).unwrap();
        fs::write(folder.0.join("api/a.py"), "a").unwrap();
        fs::write(folder.0.join("api").join(MADE).join("a.pyc"), "made").unwrap();
        let found = sources(&folder.0).unwrap();
        assert_eq!(found, BTreeMap::from([(format!("{GENERATED}/api/a.py"), b"a".to_vec())]));
        assert!(sources(&folder.0.join("none")).is_err());
    }
}
