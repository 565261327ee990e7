//! The TypeScript client that openapi-generator writes, and its check against a service. It is made
//! for the check alone: `frontend/package` is the client that teams take.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::files;
use crate::frontend::Frontend;
use crate::layout::Layout;
use crate::process;
use crate::progress::say;
use crate::python;
use crate::server::Serving;

/// Where the pinned generator, the rules of the compiler and the test are.
const FOLDER: &str = "clients/typescript";

/// Where pip puts the jar of the generator.
const JAR: &str = "openapi_generator_cli/openapi-generator.jar";

/// What the client is written from.
const DOCUMENT: &str = "openapi/openapi-3.0.json";

/// Begin the lines in which the generator complains.
const COMPLAINTS: [&str; 2] = [" WARN ", " ERROR "];

/// Writes the client and compiles it. Answers where its entry is.
///
/// # Errors
/// When the generator fails or complains, or a type is wrong.
pub fn build(layout: &Layout) -> Result<PathBuf> {
    let jar = python::install(layout, FOLDER)?.join(JAR);
    let client = layout.dev.join("typescript-client");
    files::remove(&client)?;
    let mut generator = Command::new("java");
    generator.arg("-jar").arg(jar).args(["generate", "-g", "typescript-fetch"]);
    generator.arg("-i").arg(layout.root.join(DOCUMENT)).arg("-o").arg(&client);
    generator.args(["--global-property", "skipFormModel=false"]);
    let said = process::read(&mut generator)?;
    let complains = |line: &&str| COMPLAINTS.iter().any(|word| line.contains(word));
    if let Some(complaint) = said.lines().find(complains) {
        bail!("openapi-generator complains of {DOCUMENT}: {complaint}");
    }

    Frontend::of(layout).install()?;
    fs::copy(layout.root.join(FOLDER).join("tsconfig.json"), client.join("tsconfig.json"))?;
    let mut compiler = Command::new(layout.frontend().join("node_modules/.bin/tsc"));
    process::run(compiler.arg("--project").arg(&client))?;
    say("openapi-generator's TypeScript client has its types");
    Ok(client.join("compiled/index.js"))
}

/// The test of the client `entry` against `serving`, which keeps nothing.
#[must_use]
pub fn command(layout: &Layout, entry: &Path, serving: &Serving) -> Command {
    let mut tests = Command::new("node");
    tests.args(["--test", "--test-reporter=spec"]);
    tests.arg(layout.root.join(FOLDER).join("service.spec.mjs"));
    tests.env("FACEAUTH_TYPESCRIPT_CLIENT", entry);
    tests.env("FACEAUTH_BASE_URL", format!("http://{}", serving.address));
    tests.env("FACEAUTH_PHOTOS", layout.photos());
    tests
}
