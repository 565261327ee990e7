//! `faceauth`, the one binary: it reads configuration and secrets, wires the crates
//! together and runs one command.
//!
//! Architecture invariant: the only place that reads environment variables and
//! configuration files. Every other crate takes resolved values.

mod clock;
mod commands;
mod config;
mod exposition;
mod keys;
mod lines;
mod memory;
mod settings;
mod telemetry;
mod traces;
mod webhooks;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use commands::{
    bench, calibrate, clients, doctor, eval, invite, keys as keys_command, migrate, openapi, serve,
    users, webhooks as webhooks_command,
};

/// Self-hosted face sign-in.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    /// Configuration file (TOML). Environment variables `FACEAUTH__SECTION__KEY`
    /// override it.
    #[arg(long, global = true, env = "FACEAUTH_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API, its documentation and the page.
    Serve,
    /// Bring the database schema up to date.
    Migrate,
    /// Print the OpenAPI document.
    Openapi,
    /// Check configuration, keys, models and database, and say what is wrong.
    Doctor,
    /// Make, rotate and list keys.
    #[command(subcommand)]
    Keys(keys_command::Command),
    /// Invite a person: print a link with which they enrol under a name, once. Lists invitations and
    /// takes them back, too.
    Invite(invite::Arguments),
    /// Make, list, rotate and remove clients: apps and sites that sign people in here by OpenID
    /// Connect.
    #[command(subcommand)]
    Clients(clients::Command),
    /// Manage accounts.
    #[command(arg_required_else_help = true)]
    Users(users::Arguments),
    /// See and retry events that the receiver of webhooks has not taken.
    #[command(subcommand)]
    Webhooks(webhooks_command::Command),
    /// Measure how often the service is wrong, on your own recordings.
    #[command(subcommand)]
    Eval(eval::Command),
    /// Measure what a sign-in costs: latency, throughput, processor and memory.
    Bench(Box<bench::Command>),
    /// Measure the minimum score for a false match rate on your own pictures, and write it into the
    /// manifest with the evidence.
    Calibrate(calibrate::Arguments),
}

impl Command {
    fn run(self, config: Option<&Path>) -> anyhow::Result<()> {
        match self {
            Self::Serve => serve::run(config),
            Self::Migrate => migrate::run(config),
            Self::Openapi => openapi::run(),
            Self::Doctor => doctor::run(config),
            Self::Keys(command) => command.run(config),
            Self::Invite(arguments) => invite::run(config, arguments),
            Self::Clients(command) => command.run(config),
            Self::Users(arguments) => users::run(config, arguments),
            Self::Webhooks(command) => command.run(config),
            Self::Eval(command) => command.run(config),
            Self::Bench(command) => command.run(config),
            Self::Calibrate(arguments) => calibrate::run(config, &arguments),
        }
    }
}

fn main() -> ExitCode {
    memory::return_large_blocks();
    let Cli { config, command } = Cli::parse();
    match command.run(config.as_deref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line a cause; `{:#}` joins anyhow's chain.
            eprintln!("faceauth: {error:#}");
            ExitCode::FAILURE
        }
    }
}
