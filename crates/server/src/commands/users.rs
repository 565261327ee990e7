//! `faceauth users`: what an operator does for an account.

use std::path::Path;

use faceauth_domain::user::Username;
use faceauth_store::Store;
use faceauth_store::seal::Sealer;

use crate::config::{Config, Mode};
use crate::keys::Keys;
use crate::settings;

/// Forgets the failed sign-ins of `username`.
///
/// # Errors
/// When the database cannot be reached.
pub fn unlock(config: Option<&Path>, username: &Username) -> anyhow::Result<()> {
    let unlocked = with_store(config, async |store| Ok(store.unlock(&username.key()).await?))?;
    let outcome = if unlocked { "may sign in again" } else { "has no failed sign-ins" };
    println!("{} {outcome}", username.as_str());
    Ok(())
}

/// Runs `task` with the configured database.
fn with_store<T>(
    config: Option<&Path>,
    task: impl AsyncFnOnce(Store) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let config = Config::load(config)?;
    let keys = Keys::load(&config.keys.dir, config.mode == Mode::Production)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::connect(&settings::store(&config)?, Sealer::new(keys.seal)).await?;
        task(store).await
    })
}
