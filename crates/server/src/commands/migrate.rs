//! `faceauth migrate`.

use std::path::Path;

use crate::config::Config;
use crate::settings;

/// Runs the pending migrations and names each.
///
/// # Errors
/// When the database cannot be reached or a migration fails.
pub fn run(config: Option<&Path>) -> anyhow::Result<()> {
    let config = Config::load(config)?;
    let store = settings::store(&config)?;
    let done = faceauth_store::migrate::run(&store.url)?;
    for name in &done {
        println!("migrated {name}");
    }
    if done.is_empty() {
        println!("the schema is up to date");
    }
    Ok(())
}
