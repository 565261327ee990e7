//! The floors inside the crates: which file uses which, and which file must not.
//!
//! `docs/ARCHITECTURE.md` says on which floor each file stands ([`plan`]). This program reads
//! the sources of each crate ([`sources`]), finds its modules ([`modules`]), follows each name
//! to the file that defines it ([`names`], [`methods`], [`arrows`]), and fails on a circle of files
//! ([`circles`]) and on an arrow from a lower floor to an upper one ([`check`]).
//!
//! What it cannot see: a method that is called on a value whose type is not written beside it.

#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

mod arrows;
mod check;
mod circles;
mod graph;
mod lengths;
mod methods;
mod modules;
mod names;
mod paths;
mod plan;
mod sources;

/// Where the floors are declared.
const PAGE: &str = "docs/ARCHITECTURE.md";

#[derive(Parser)]
#[command(about = "Check the arrows between the files of each crate")]
struct Cli {
    /// The checkout
    #[arg(long, default_value = ".")]
    root: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Fail on a circle of files and on an arrow to an upper floor
    Check,
    /// Print every arrow of one crate
    Arrows {
        /// The crate's folder below `crates`
        name: String,
    },
    /// Print how long files and functions are, by crate
    Lengths,
}

fn main() -> ExitCode {
    match perform(&Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("Error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Does what was asked; `false` when the floors do not hold.
fn perform(cli: &Cli) -> Result<bool> {
    let crates = sources::read_all(&cli.root.join("crates"))?;
    match &cli.command {
        Command::Check => {
            let page = std::fs::read_to_string(cli.root.join(PAGE)).context(PAGE)?;
            let plan = plan::Plan::parse(&page).context(PAGE)?;
            let breaches = check::breaches(&plan, &crates)?;
            if !breaches.is_empty() {
                eprintln!("The floors of {PAGE} do not hold:\n{}", breaches.join("\n"));
                return Ok(false);
            }
        }
        Command::Arrows { name } => {
            let mut named = crates.iter().filter(|sources| sources.name == *name);
            let sources = named.next().with_context(|| format!("no crate in crates/{name}"))?;
            print!("{}", graph::Graph::of(sources)?);
        }
        Command::Lengths => print!("{}", lengths::report(&crates)?),
    }
    Ok(true)
}
