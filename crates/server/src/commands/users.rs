//! `faceauth users`: commands for accounts.

use std::path::Path;

use clap::{Args, Subcommand};
use faceauth_domain::user::Username;
use faceauth_vision::manifest::Manifest;

use super::database::with_store;
use super::{import, reembed};
use crate::config::Config;

/// The arguments of the command line.
#[derive(Args)]
pub struct Arguments {
    /// Show how many people have templates of which model.
    #[arg(long)]
    model_stats: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

/// A command for accounts.
#[derive(Subcommand)]
enum Command {
    /// Enrol everybody of a folder: DIR/NAME.jpg, or DIR/NAME/ with up to five pictures. Lists
    /// everybody at the end, and fails when somebody is not enrolled. May be interrupted and run
    /// again. Reads the API key from FACEAUTH_API_KEY.
    Import(import::Arguments),
    /// Make templates of the configured matcher from enrolment images, where they are kept. May
    /// be interrupted and run again, while replicas serve.
    Reembed,
    /// Forget the failed sign-ins of a name, so that it need not wait and is no longer locked.
    Unlock {
        /// The username; letter case does not count.
        username: Username,
    },
}

/// Runs the command; without a command, shows the models.
///
/// # Errors
/// As the command has them.
pub fn run(config: Option<&Path>, arguments: Arguments) -> anyhow::Result<()> {
    match arguments.command {
        None => model_stats(config),
        Some(Command::Import(arguments)) => import::run(&arguments),
        Some(Command::Reembed) => reembed::run(config),
        Some(Command::Unlock { username }) => unlock(config, &username),
    }
}

/// Forgets the failed sign-ins of `username`.
///
/// # Errors
/// When the database cannot be reached.
fn unlock(config: Option<&Path>, username: &Username) -> anyhow::Result<()> {
    let unlocked = with_store(config, async |store| Ok(store.unlock(&username.key()).await?))?;
    let outcome = if unlocked { "may sign in again" } else { "has no failed sign-ins" };
    println!("{} {outcome}", username.as_str());
    Ok(())
}

/// Shows how many people have templates of which model, the configured one marked.
///
/// # Errors
/// When the manifest cannot be read or the database cannot be reached.
fn model_stats(config: Option<&Path>) -> anyhow::Result<()> {
    let manifest = Manifest::load(&Config::load(config)?.models.manifest)?;
    let counts = with_store(config, async |store| Ok(store.model_counts().await?))?;
    println!("{:<32} {:>10} {:>10}", "model", "people", "templates");
    for count in &counts {
        let mark = if count.model == manifest.model_id() {
            "current"
        } else if manifest.previous_embedding.as_ref().is_some_and(|m| m.id() == count.model) {
            "previous"
        } else {
            "not configured"
        };
        let (model, people) = (count.model.as_str(), count.people);
        println!("{model:<32} {people:>10} {:>10}  {mark}", count.templates);
    }
    Ok(())
}
