//! Postgres.

use faceauth_store::StoreConfig;
use secrecy::SecretString;
use serde::Deserialize;

/// Postgres.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `DATABASE_URL` is read when this is not set.
    pub url: Option<SecretString>,
    pub max_connections: u32,
    pub pooler: Pooler,
    pub acquire_timeout_ms: u64,
    /// How long a start waits for the database.
    pub startup_seconds: u64,
}

impl Default for Database {
    fn default() -> Self {
        let timeout = StoreConfig::DEFAULT_ACQUIRE_TIMEOUT;
        Self {
            url: None,
            max_connections: StoreConfig::DEFAULT_MAX_CONNECTIONS,
            pooler: Pooler::None,
            // A database that recovers from a crash takes minutes.
            startup_seconds: 300,
            acquire_timeout_ms: timeout.as_millis().try_into().unwrap_or(u64::MAX),
        }
    }
}

/// What stands between the service and Postgres.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pooler {
    /// Nothing, or a pooler in session mode.
    #[default]
    None,
    /// A pooler in transaction mode.
    Transaction,
}
