//! `./dev test`: every check, the cheap ones first, stopping at the first failure.

use std::fmt::Write;
use std::process::Command;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::browser::NO_LIMITS;
use crate::environment::{self, Database};
use crate::frontend::Frontend;
use crate::install::Purpose;
use crate::postgres::Cluster;
use crate::process::{self, Interrupted};
use crate::progress::heading;
use crate::server::{self, Beside, Output, Server, Serving};
use crate::setup::{self, Ready, Tools};
use crate::tally::Tally;
use crate::{
    browser, contract, deploy, digests, docs, drift, examples, invariants, lint, python,
    python_client, typescript_client,
};

/// One check. Their order here is the order they run in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Step {
    /// The Rust sources are formatted
    Fmt,
    /// Lints, with warnings as errors
    Clippy,
    /// The walls between the crates stand, and the floors inside them
    Architecture,
    /// Container images and actions of workflows are named by their digests
    Digests,
    /// The files of deploy/ and .github/ follow their schemas
    Deploy,
    /// The pages are narrow enough, and what they name exists
    Docs,
    /// Every Rust test, against a real database and the real weights
    Rust,
    /// Committed generated files are what their generators write
    Drift,
    /// The page: types, unit tests, build, sizes, package
    Page,
    /// The page in a real browser, against the real server
    Browser,
    /// The apps of examples/ sign people in with the real server
    Examples,
    /// The client that a generator writes: types, package, tests against the real server
    Clients,
    /// The server's answers are what its own document says
    Contract,
}

impl Step {
    fn title(self) -> &'static str {
        match self {
            Step::Fmt => "Format",
            Step::Clippy => "Lints",
            Step::Architecture => "Walls and floors of the crates",
            Step::Digests => "Digests of images and actions",
            Step::Deploy => "Files of deployments",
            Step::Docs => "Pages",
            Step::Rust => "Rust tests",
            Step::Drift => "Generated files",
            Step::Page => "Page: types, tests, build",
            Step::Browser => "Page in a browser",
            Step::Examples => "Apps that sign people in",
            Step::Clients => "Clients that generators write",
            Step::Contract => "Answers against the document",
        }
    }

    fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

/// The database of the contract test, made anew for each run.
const CONTRACT_DATABASE: &str = "faceauth_contract_test";
/// The database of the clients' tests, made anew for each run.
const CLIENTS_DATABASE: &str = "faceauth_clients_test";

/// Runs `steps`, or all of them when there are none, and prints a summary that ends
/// with the number of tests passed and failed.
///
/// # Errors
/// At the first failing step; the message names it and how to run it alone.
pub fn test(steps: &[Step]) -> Result<()> {
    let all = Step::value_variants();
    let chosen: Vec<Step> =
        all.iter().copied().filter(|step| steps.is_empty() || steps.contains(step)).collect();

    let started = Instant::now();
    let tools = Tools {
        browser: chosen.contains(&Step::Browser) || chosen.contains(&Step::Examples),
        java: chosen.contains(&Step::Examples) || chosen.contains(&Step::Clients),
        python: [Step::Clients, Step::Contract, Step::Deploy, Step::Drift, Step::Examples]
            .iter()
            .any(|step| chosen.contains(step)),
        proxy: chosen.contains(&Step::Rust),
        promtool: chosen.contains(&Step::Deploy),
    };
    let ready = setup::set_up(Purpose::Development, tools)?;
    let database = Database::open(&ready, Cluster::Test)?;
    let mut run = Run { ready: &ready, database: &database, tally: Tally::default() };
    let outcome = run.steps(&chosen);
    let mut tally = run.tally;
    database.close(&ready)?;

    let seconds = started.elapsed().as_secs();
    match outcome {
        Ok(timings) => {
            eprintln!("\n{timings}All checks passed in {seconds} s.");
            println!("{tally}");
            Ok(())
        }
        Err(error) => {
            if !error.is::<Interrupted>() {
                // A step that fails without counting tests is one failure itself.
                tally.failed = tally.failed.max(1);
                println!("{tally}");
            }
            Err(error)
        }
    }
}

struct Run<'a> {
    ready: &'a Ready,
    database: &'a Database,
    tally: Tally,
}

impl Run<'_> {
    /// Runs the steps and returns a table of their times.
    fn steps(&mut self, chosen: &[Step]) -> Result<String> {
        let mut timings = String::new();
        for &step in chosen {
            eprintln!();
            heading(step.title());
            let started = Instant::now();
            if let Err(error) = self.step(step) {
                if error.is::<Interrupted>() {
                    return Err(error);
                }
                bail!(
                    "{error:#}\n\n{} failed. Run it alone: ./dev test {}",
                    step.title(),
                    step.name()
                );
            }
            let seconds = started.elapsed().as_secs_f64();
            writeln!(timings, "  {:<28}{seconds:>8.1} s", step.title())?;
        }
        Ok(timings)
    }

    fn step(&mut self, step: Step) -> Result<()> {
        let root = &self.ready.layout.root;
        match step {
            Step::Fmt => self.cargo(&["fmt", "--all", "--check"]),
            Step::Clippy => self.cargo(&[
                "clippy",
                "--locked",
                "--workspace",
                "--all-targets",
                "--",
                "--deny",
                "warnings",
            ]),
            Step::Architecture => invariants::check(root),
            Step::Digests => digests::check(root),
            Step::Deploy => {
                let mut check = deploy::command(&self.ready.layout)?;
                self.count(&mut check)
            }
            Step::Docs => docs::check(root, crate::commands()),
            Step::Rust => {
                let words = ["test", "--locked", "--workspace", "--no-fail-fast"];
                let mut cargo = self.command("cargo", &words);
                self.count(&mut cargo)
            }
            Step::Drift => {
                let server = self.server(self.database.url())?;
                drift::check(&self.ready.layout, &server, &Frontend::of(&self.ready.layout))
            }
            Step::Page => self.page(),
            Step::Browser => self.browser(),
            Step::Examples => self.examples(),
            Step::Clients => self.clients(),
            Step::Contract => self.contract(),
        }
    }

    fn page(&mut self) -> Result<()> {
        let page = Frontend::of(&self.ready.layout);
        page.install()?;
        process::run(&mut page.script("typecheck"))?;
        self.count(&mut page.script("test"))?;
        page.build()?;
        process::run(&mut page.script("budget"))?;
        process::run(&mut page.script("package"))?;
        process::run(&mut page.script("check-package"))
    }

    fn browser(&mut self) -> Result<()> {
        let mut session = browser::session(self.ready, self.database, "e2e")?;
        let tested = self.count(&mut session.script);
        drop(session);
        if tested.is_err() {
            let log = self.ready.layout.dev.join("browser-test-server.log");
            eprintln!("  the server's log: {}", log.display());
        }
        tested
    }

    fn examples(&mut self) -> Result<()> {
        let mut session = examples::session(self.ready, self.database)?;
        let tested = self.count(&mut session.script);
        drop(session);
        if tested.is_err() {
            eprintln!("  the server's log: {}", examples::log(&self.ready.layout).display());
        }
        tested
    }

    fn clients(&mut self) -> Result<()> {
        let layout = &self.ready.layout;
        let package = python_client::build(layout)?;
        self.served("clients", CLIENTS_DATABASE, |server, serving| {
            python_client::command(layout, &package, server, serving)
        })?;
        let entry = typescript_client::build(layout)?;
        self.served("clients", CLIENTS_DATABASE, |_, serving| {
            Ok(typescript_client::command(layout, &entry, serving))
        })
    }

    fn contract(&mut self) -> Result<()> {
        let layout = &self.ready.layout;
        lint::check(layout)?;
        let installed = python::install(layout, contract::FOLDER)?;
        self.served("contract", CONTRACT_DATABASE, |server, serving| {
            contract::command(layout, &installed, server, serving)
        })
    }

    /// Runs the tests that `command` makes against a server with the empty database `database`.
    fn served(
        &mut self,
        name: &str,
        database: &str,
        command: impl FnOnce(&Server<'_>, &Serving) -> Result<Command>,
    ) -> Result<()> {
        let layout = &self.ready.layout;
        // The server answers the page too.
        Frontend::of(layout).build()?;
        let url = self.database.fresh(self.ready, database)?;
        let server = self.server(url)?;
        server.prepare()?;
        let log = layout.dev.join(format!("{name}-test-server.log"));
        let serving = server.serve(server::free_address()?, NO_LIMITS, Output::File(&log))?;
        let mut command = command(&server, &serving)?;
        let tested = self.count(&mut command);
        drop(serving);
        if tested.is_err() {
            eprintln!("  the server's log: {}", log.display());
        }
        tested
    }

    fn server(&self, database_url: String) -> Result<Server<'_>> {
        Server::build(self.ready, database_url, Beside::Tests)
    }

    fn cargo(&self, words: &[&str]) -> Result<()> {
        process::run(&mut self.command("cargo", words))
    }

    fn command(&self, program: &str, words: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(words).current_dir(&self.ready.layout.root);
        environment::set(&mut command, self.ready, self.database);
        command
    }

    /// Runs a test runner and adds what it counted.
    fn count(&mut self, command: &mut Command) -> Result<()> {
        let shown = process::show(command);
        let (status, output) = process::run_tee(command)?;
        let counted = Tally::of(&output);
        self.tally += counted;
        if !status.success() {
            bail!("`{shown}` failed ({status})");
        }
        if counted.passed == 0 {
            bail!("`{shown}` ran no test");
        }
        Ok(())
    }
}
