//! What commands that work on the database share.

use std::path::Path;

use faceauth_store::Store;
use faceauth_store::seal::Sealer;

use crate::config::{Config, Mode};
use crate::keys::Keys;
use crate::settings;

/// Runs `task` with the configured database and keys.
///
/// # Errors
/// When configuration or keys are not usable, or the task fails.
pub fn with_store<T>(
    config: Option<&Path>,
    task: impl AsyncFnOnce(Store) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let config = Config::load(config)?;
    let keys = Keys::load(&config.keys, config.mode == Mode::Production)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::connect(&settings::store(&config)?, Sealer::new(keys.seal)).await?;
        task(store).await
    })
}
