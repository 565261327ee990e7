//! The apps of `examples/`, which sign people in with a real server.

use std::fs;
use std::process::Command;

use anyhow::Result;

use crate::browser::NO_LIMITS;
use crate::debian::{BROWSER_PATH, JAVA_LIBRARIES};
use crate::environment::{self, Database};
use crate::files;
use crate::frontend::Frontend;
use crate::layout::Layout;
use crate::progress::heading;
use crate::server::{self, Beside, Output, Server, Serving};
use crate::setup::Ready;
use crate::{npm, performers, process, python};

/// Where they are.
const FOLDER: &str = "examples";

/// The apps that run on Node.
const NODE: &[&str] = &["node-openid-client", "browser-oidc-client-ts", NEXT, "backend-node"];

/// The one that is built.
const NEXT: &str = "next-auth";

/// The apps that run on Python.
const PYTHON: &[&str] = &["python-authlib", "backend-python"];

/// The database of a run, made anew for each.
const DATABASE: &str = "faceauth_examples_test";

/// A running server, and the tests that go with it.
pub struct Session {
    _server: Serving,
    /// The tests, with the variables that they need.
    pub script: Command,
}

/// Installs and builds the apps, and starts a server that signs people in for others.
///
/// # Errors
/// When one of them fails.
pub fn session(ready: &Ready, database: &Database) -> Result<Session> {
    let layout = &ready.layout;
    let folder = layout.root.join(FOLDER);
    for app in NODE {
        npm::install(&folder.join(app))?;
    }
    build_next(layout)?;
    let mut packages = serde_json::Map::new();
    for app in PYTHON {
        let installed = python::install(layout, &format!("{FOLDER}/{app}"))?;
        packages.insert((*app).to_owned(), installed.to_string_lossy().into());
    }
    // The server answers the page, and the tests use what drives it.
    Frontend::of(layout).build()?;
    performers::draw(layout)?;

    let url = database.fresh(ready, DATABASE)?;
    let server = Server::build(ready, url, Beside::Tests)?;
    server.prepare()?;
    let address = server::free_address()?;
    // By name: browsers make no passkeys for an IP address.
    let issuer = format!("http://localhost:{}", address.port());
    let mut settings = NO_LIMITS.to_vec();
    settings.push(("FACEAUTH__TOKENS__ISSUER", &issuer));
    settings.push(("FACEAUTH__OIDC__ENABLED", "true"));
    let serving = server.serve(address, &settings, Output::File(&log(layout)))?;

    let mut script = npm::script(&folder, "test");
    server.configure(&mut script);
    script
        .env("FACEAUTH_PROGRAM", server.program())
        .env("FACEAUTH_PSQL", Database::psql(ready)?)
        .env("FACEAUTH_ISSUER", &issuer)
        .env("FACEAUTH_EXAMPLES_PYTHON", serde_json::Value::Object(packages).to_string())
        .env("FACEAUTH_EXAMPLES_JAVA", JAVA_LIBRARIES)
        .env("FACEAUTH_BASE_URL", &issuer)
        .env("FACEAUTH_REQUIRED_URL", &issuer)
        .env("FACEAUTH_API_KEY", "of no service")
        .env("FACEAUTH_PHOTOS", layout.photos())
        .env("FACEAUTH_PERFORMERS", layout.performers())
        .env("CHROMIUM_PATH", BROWSER_PATH);
    Ok(Session { _server: serving, script })
}

/// Where the log of the server goes.
#[must_use]
pub fn log(layout: &Layout) -> std::path::PathBuf {
    layout.dev.join("examples-test-server.log")
}

/// Builds the Next.js app, unless it is.
fn build_next(layout: &Layout) -> Result<()> {
    let folder = layout.root.join(FOLDER).join(NEXT);
    let note = folder.join(".next/.built");
    let mut written = String::new();
    for file in ["package-lock.json", "next.config.mjs", "auth.js", "app/page.js", "app/buttons.js"]
    {
        written.push_str(&files::sha256_of_file(&folder.join(file))?);
    }
    if fs::read_to_string(&note).is_ok_and(|built| built == written) {
        return Ok(());
    }
    heading("Building the Next.js app");
    let mut build = npm::script(&folder, "build");
    environment::strip_cargo(&mut build);
    build.env("NEXT_TELEMETRY_DISABLED", "1");
    process::run(&mut build)?;
    files::write_atomically(&note, written.as_bytes())
}
