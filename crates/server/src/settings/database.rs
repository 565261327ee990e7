//! The database, and how long a start waits for it.

use std::time::Duration;

use anyhow::{Context, ensure};
use faceauth_store::StoreConfig;
use faceauth_store::pooler::Pooler;

use crate::config::{self, Config};

/// Longest wait for the database at start-up: a supervisor should hear of it within a day.
const MAX_STARTUP_SECONDS: u64 = 86_400;

/// How long a start waits for the database.
///
/// # Errors
/// When it is no time at all, or too long.
pub fn startup(config: &Config) -> anyhow::Result<Duration> {
    let seconds = config.database.startup_seconds;
    ensure!(
        (1..=MAX_STARTUP_SECONDS).contains(&seconds),
        "database.startup_seconds lies between 1 and {MAX_STARTUP_SECONDS}"
    );
    Ok(Duration::from_secs(seconds))
}

/// The database.
///
/// # Errors
/// When there is no URL.
pub fn store(config: &Config) -> anyhow::Result<StoreConfig> {
    let url = config.database.url.clone().context("set DATABASE_URL or database.url")?;
    Ok(StoreConfig {
        url,
        max_connections: config.database.max_connections.max(1),
        acquire_timeout: Duration::from_millis(config.database.acquire_timeout_ms),
        outbox: config.webhooks.url.is_some(),
        pooler: match config.database.pooler {
            config::Pooler::None => Pooler::None,
            config::Pooler::Transaction => Pooler::Transaction,
        },
    })
}
