//! The page in a browser, against a real server: what the browser tests, the screenshots and the
//! measurements of the page run on.

use std::process::Command;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::debian::BROWSER_PATH;
use crate::environment::Database;
use crate::frontend::Frontend;
use crate::install::Purpose;
use crate::performers;
use crate::postgres::Cluster;
use crate::process;
use crate::progress::say;
use crate::server::{self, Beside, Output, Server, Serving};
use crate::setup::{self, Ready, Tools};

/// The database of these runs, made anew for each.
const DATABASE: &str = "faceauth_browser_test";

/// Limits a person never meets and a test run does.
pub const NO_LIMITS: &[(&str, &str)] = &[
    ("FACEAUTH__LIMITS__SIGN_IN_PER_MINUTE", "100000"),
    ("FACEAUTH__LIMITS__DETECT_PER_MINUTE", "100000"),
    ("FACEAUTH__LIMITS__ACCOUNT_PER_MINUTE", "100000"),
    ("FACEAUTH__LIMITS__SERVICE_PER_MINUTE", "100000"),
    ("FACEAUTH__LIMITS__OTHER_PER_MINUTE", "100000"),
];

/// Apps that people sign in to: one of somebody else, and one of the deployment itself.
const CLIENTS: &str = r#"[
    {client_id="e2e-app", name="Harbour Library", redirect_uris=["http://127.0.0.1/callback"], authentication="none", offline_access=true},
    {client_id="e2e-own", name="Wool & Thread", redirect_uris=["http://127.0.0.1/callback"], authentication="none", first_party=true}
]"#;

/// The look of the second server, beside its logo.
const LOOK: [(&str, &str); 3] = [
    ("FACEAUTH__PAGE__NAME", "Wool & Thread"),
    ("FACEAUTH__PAGE__ACCENT_LIGHT", "#9a3412"),
    ("FACEAUTH__PAGE__ACCENT_DARK", "#fdba74"),
];

/// What a browser does with the page besides testing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Show {
    /// Write a picture of every screen to .dev/screenshots/
    Screenshots,
    /// Measure how fast the page loads, and how fast it finds faces
    Measure,
}

/// Running servers, and the script of the page that goes with them.
pub struct Session {
    /// On one database. They end when dropped.
    _servers: [Serving; 2],
    /// The script, with the variables that it needs.
    pub script: Command,
}

/// Builds the page, starts a server with an empty database and readies `script`.
///
/// # Errors
/// When one of them fails.
pub fn session(ready: &Ready, database: &Database, script: &str) -> Result<Session> {
    let layout = &ready.layout;
    let page = Frontend::of(layout);
    page.build()?;
    performers::draw(layout)?;
    let url = database.fresh(ready, DATABASE)?;
    let server = Server::build(ready, url, Beside::Tests)?;
    server.prepare()?;
    // Another origin, which the service lets in, for the page that is hosted apart.
    let elsewhere = format!("http://{}", server::free_address()?);
    let origins = format!("[\"{elsewhere}\"]");
    let mut settings = NO_LIMITS.to_vec();
    settings.push(("FACEAUTH__SERVER__CORS_ORIGINS", &origins));
    settings.push(("FACEAUTH__SECOND_FACTOR__PASSKEY_ALONE", "true"));
    settings.push(("FACEAUTH__OIDC__CLIENTS", CLIENTS));
    let inviting = ["keys", "api", "create", "--label", "browser", "--scope", "invite"];
    let key = process::read(&mut server.command(&inviting))?;
    let log = layout.dev.join("browser-test-server.log");
    let serving = server.serve(server::free_address()?, &settings, Output::File(&log))?;
    settings.push(("FACEAUTH__SECOND_FACTOR__MODE", "required"));
    let logo = layout.frontend().join("public/icon.svg");
    let logo = logo.to_str().context("the path of the clone is not UTF-8")?;
    settings.extend(LOOK);
    settings.push(("FACEAUTH__PAGE__LOGO", logo));
    let log = layout.dev.join("browser-test-server-requiring.log");
    let requiring = server.serve(server::free_address()?, &settings, Output::File(&log))?;

    let mut script = page.script(script);
    script
        .env("FACEAUTH_PAGE_ORIGIN", &elsewhere)
        .env("FACEAUTH_BASE_URL", format!("http://{}", serving.address))
        .env("FACEAUTH_REQUIRED_URL", format!("http://{}", requiring.address))
        .env("FACEAUTH_API_KEY", key.trim())
        .env("FACEAUTH_PHOTOS", layout.photos())
        .env("FACEAUTH_PERFORMERS", layout.performers())
        .env("FACEAUTH_SCREENSHOTS", layout.dev.join("screenshots"))
        .env("CHROMIUM_PATH", BROWSER_PATH);
    Ok(Session { _servers: [serving, requiring], script })
}

/// Runs one of the other scripts.
///
/// # Errors
/// When it fails.
pub fn show(what: Show) -> Result<()> {
    let tools = Tools { browser: true, ..Tools::default() };
    let ready = setup::set_up(Purpose::Development, tools)?;
    let database = Database::open(&ready, Cluster::Test)?;
    let name = match what {
        Show::Screenshots => "screenshots",
        Show::Measure => "measure",
    };
    let shown = session(&ready, &database, name).and_then(|mut session| {
        let shown = process::run(&mut session.script);
        drop(session);
        shown
    });
    database.close(&ready)?;
    shown?;
    if what == Show::Screenshots {
        say(&format!("look into {}", ready.layout.dev.join("screenshots").display()));
    }
    Ok(())
}
