//! `faceauth keys`.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use faceauth_domain::clock::Clock;
use indicatif::{ProgressBar, ProgressStyle};

use super::api_keys;
use super::database::with_store;
use crate::clock::SystemClock;
use crate::keys::SigningAlgorithm;
use crate::keys::rotation::{self, Step};

/// What is done with keys.
#[derive(Subcommand)]
pub enum Command {
    /// Make the keys that are missing; existing ones are left alone.
    Init {
        /// Folder of the keys; made when missing.
        #[arg(long)]
        dir: PathBuf,
        /// What tokens are signed with.
        #[arg(long, value_enum, default_value_t = SigningAlgorithm::Eddsa)]
        algorithm: SigningAlgorithm,
    },
    /// Move every person's key to the first of the seal keys, while replicas serve. May be
    /// interrupted and run again.
    Reseal,
    /// Keys of services that call the API.
    #[command(subcommand)]
    Api(api_keys::Command),
    /// Take the next of three steps that replace the key tokens are signed with: publish a new
    /// one, sign with it, withdraw the old one. Replicas are restarted after each.
    Rotate {
        /// Folder of the keys.
        #[arg(long)]
        dir: PathBuf,
        /// What tokens will be signed with.
        #[arg(long, value_enum, default_value_t = SigningAlgorithm::Eddsa)]
        algorithm: SigningAlgorithm,
        /// Do not wait until old key sets and tokens have expired. Use it when somebody else knows
        /// the key.
        #[arg(long)]
        now: bool,
    },
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// As the command has them.
    pub fn run(self, config: Option<&Path>) -> anyhow::Result<()> {
        match self {
            Self::Init { dir, algorithm } => init(&dir, algorithm),
            Self::Reseal => reseal(config),
            Self::Api(command) => command.run(config),
            Self::Rotate { dir, algorithm, now } => rotate(&dir, algorithm, now),
        }
    }
}

/// Makes the missing keys and names each file made.
///
/// # Errors
/// When a file cannot be written.
fn init(dir: &Path, algorithm: SigningAlgorithm) -> anyhow::Result<()> {
    for path in crate::keys::init(dir, algorithm)? {
        println!("made {}", path.display());
    }
    Ok(())
}

/// Takes the next step of a rotation of the signing key, and says what follows.
///
/// # Errors
/// When it is too early for the step, or a file cannot be changed.
fn rotate(dir: &Path, algorithm: SigningAlgorithm, now: bool) -> anyhow::Result<()> {
    let wait = if now { rotation::Waiting::None } else { rotation::Waiting::Safe };
    match rotation::advance(dir, algorithm, wait)? {
        Step::Prepared => println!(
            "1 of 3: made the next key. Restart every replica, which publishes it; verifiers that \
             keep the key set learn it within five minutes. Then rotate again."
        ),
        Step::Switched => println!(
            "2 of 3: the next key signs from the next start of each replica. Restart them. Tokens \
             of the previous key stay valid. In an hour, rotate again."
        ),
        Step::Retired => println!(
            "3 of 3: the previous key is gone. Restart every replica. Devices that have not \
             signed in since are no longer known, and are again at their next sign-in."
        ),
    }
    Ok(())
}

/// Moves every person's key to the active seal key.
///
/// # Errors
/// When the database cannot be reached, or a row does not open.
fn reseal(config: Option<&Path>) -> anyhow::Result<()> {
    with_store(config, async |store| {
        let total = store.outdated().await?.rows();
        let style = ProgressStyle::with_template("{bar:30} {pos} of {len}, {eta} left")?;
        let bar = ProgressBar::new(total).with_style(style);
        loop {
            let moved = store.reseal(SystemClock.now()).await?;
            bar.inc(moved as u64);
            if moved == 0 {
                break;
            }
        }
        bar.finish_and_clear();
        let left = store.outdated().await?.rows();
        anyhow::ensure!(left == 0, "{left} rows are in use: run it again");
        println!(
            "moved {} rows. No row needs another key than the first: once every replica has been \
             restarted with it, the others can be taken out of the list.",
            bar.position()
        );
        Ok(())
    })
}
