//! `./dev chaos`: three replicas, a balancer and Postgres on this machine, and what happens to them
//! while people sign in. The test `chaos` of the server does it; the check `rust` runs its short form.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::environment::{self, Database};
use crate::install::Purpose;
use crate::postgres::Cluster;
use crate::process;
use crate::setup::{self, Tools};

/// The test.
const TEST: &str = "chaos::three_replicas_lose_nothing_and_double_nothing_whatever_happens";

/// How long, and from what.
#[derive(Args)]
pub struct Chaos {
    /// Rounds of all faults
    #[arg(long, default_value_t = 1)]
    rounds: u32,
    /// Go on with rounds until so many minutes have passed
    #[arg(long, default_value_t = 0)]
    minutes: u32,
    /// Begin with this binary of another release, migrate and upgrade to this one, go back, and
    /// upgrade again
    #[arg(long, value_name = "FACEAUTH")]
    from: Option<PathBuf>,
}

impl Chaos {
    /// Runs it and prints the table.
    ///
    /// # Errors
    /// When something was lost, wrong or doubled; the table is printed all the same.
    pub fn run(&self) -> Result<()> {
        let tools = Tools { proxy: true, ..Tools::default() };
        let ready = setup::set_up(Purpose::Development, tools)?;
        let database = Database::open(&ready, Cluster::Test)?;
        let table = ready.layout.dev.join("chaos.md");
        crate::files::remove(&table)?;
        let mut test = Command::new("cargo");
        test.args(["test", "--locked", "--package", "faceauth-server", "--test", "it", "--"]);
        test.args(["--exact", TEST, "--nocapture"]).current_dir(&ready.layout.root);
        test.env("FACEAUTH_CHAOS_ROUNDS", self.rounds.to_string());
        test.env("FACEAUTH_CHAOS_MINUTES", self.minutes.to_string());
        test.env("FACEAUTH_CHAOS_TABLE", &table);
        if let Some(from) = &self.from {
            let from = from.canonicalize().with_context(|| format!("no {}", from.display()))?;
            test.env("FACEAUTH_CHAOS_FROM", from);
        }
        // Standard output is for the table alone.
        test.stdout(std::io::stderr());
        let ended = process::status(environment::set(&mut test, &ready, &database))?;
        database.close(&ready)?;
        if let Ok(table) = fs::read_to_string(&table) {
            print!("{table}");
        }
        if !ended.success() {
            bail!("it did not hold: see above");
        }
        Ok(())
    }
}
