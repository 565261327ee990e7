//! Set-up, development and test commands: what `./dev` hands over to.
//!
//! Each file holds one subject. `setup` makes what is missing (`debian`, `fetch`,
//! `install`), `environment` and `postgres` give commands a database and variables.
//! Of our crates it depends on `weights` alone, so that it builds before everything else
//! and works when the others do not.

use std::collections::BTreeSet;
use std::process::{Command, ExitCode};

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};

mod archive;
mod browser;
mod certificates;
mod chaos;
mod contract;
mod debian;
mod deploy;
mod dev;
mod digests;
mod docs;
mod drift;
mod environment;
mod examples;
mod fetch;
mod files;
mod frontend;
mod install;
mod invariants;
mod layout;
mod lint;
mod npm;
mod older_document;
mod packages;
mod performers;
mod postgres;
mod process;
mod progress;
mod python;
mod python_client;
mod server;
mod setup;
mod stamps;
mod tally;
mod test;
mod typescript_client;
mod unprivileged;

use environment::Database;
use frontend::Frontend;
use install::Purpose;
use postgres::Cluster;
use server::{Beside, Server};
use test::Step;

#[derive(Parser)]
#[command(
    name = "./dev",
    bin_name = "./dev",
    about = "Develop and test FaceAuth",
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Serve the API, its documentation and the page (what a bare ./dev does)
    Dev {
        /// Where to listen; the variable PORT works too
        #[arg(long, env = "PORT", default_value_t = DEFAULT_PORT)]
        port: u16,
    },
    /// Run every check, or the ones named
    Test {
        /// Which checks to run
        #[arg(value_enum)]
        steps: Vec<Step>,
    },
    /// Run a command with set-up done, Postgres up and the environment set
    Run {
        /// The command and its arguments
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
    /// Fetch and install what is missing, and stop there
    Setup {
        /// Only what a container image needs: no database, no photos
        #[arg(long)]
        image: bool,
    },
    /// Show the page in a browser, with people before the camera
    Page {
        /// What to do with it
        #[arg(value_enum)]
        show: browser::Show,
    },
    /// Break a deployment of three replicas, and say what that did
    Chaos(chaos::Chaos),
    /// Write the committed generated files
    Generate,
    /// Check that the committed generated files are what their generators write
    CheckDrift,
}

/// Where `./dev` listens when nobody says otherwise.
const DEFAULT_PORT: u16 = 8080;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match process::listen_for_signals().and_then(|()| perform(cli.command)) {
        Ok(code) => code,
        Err(error) if error.is::<process::Interrupted>() => {
            eprintln!("\nInterrupted. Run it again to go on.");
            ExitCode::from(process::EXIT_INTERRUPTED)
        }
        Err(error) => {
            eprintln!("\nError: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The words that `./dev` takes.
fn commands() -> BTreeSet<String> {
    Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

fn perform(task: Task) -> Result<ExitCode> {
    match task {
        Task::Dev { port } => dev::dev(port)?,
        Task::Test { steps } => test::test(&steps)?,
        Task::Run { command } => return run(&command),
        Task::Setup { image } => {
            let purpose = if image { Purpose::Image } else { Purpose::Development };
            let ready = setup::set_up(purpose, setup::Tools::default())?;
            environment::write_file(&ready, None)?;
        }
        Task::Page { show } => browser::show(show)?,
        Task::Chaos(chaos) => chaos.run()?,
        Task::Generate => {
            let tools = setup::Tools { python: true, ..setup::Tools::default() };
            let ready = setup::set_up(Purpose::Development, tools)?;
            let server = Server::build(&ready, String::new(), Beside::Nothing)?;
            drift::generate(&ready.layout, &server, &Frontend::of(&ready.layout))?;
        }
        Task::CheckDrift => test::test(&[Step::Drift])?,
    }
    Ok(ExitCode::SUCCESS)
}

fn run(words: &[String]) -> Result<ExitCode> {
    let ready = setup::set_up(Purpose::Development, setup::Tools::default())?;
    let database = Database::open(&ready, Cluster::Dev)?;
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).current_dir(&ready.layout.root);
    let status = process::status(environment::set(&mut command, &ready, &database))?;
    database.close(&ready)?;
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(ExitCode::from(code))
}
