//! What stands between the service and Postgres.

use std::time::Duration;

use diesel::result::ConnectionError;
use secrecy::SecretString;
use tokio::time::timeout;
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::connect::Target;
use crate::error::{Cause, StoreError};

/// Whether a pooler hands the connections of the database out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pooler {
    /// None, or one that keeps a session together: each connection has a server process of its own.
    #[default]
    None,
    /// One that gives each transaction any server process, as PgBouncer does in transaction mode.
    /// Statements are not prepared, and the role of the database must have the limits.
    Transaction,
}

/// How often two connections are compared. A pooler that is not busy shows itself the first time,
/// because it hands out the process that became free last. One that takes turns needs a few.
const COMPARISONS: u32 = 8;

/// Longest that the comparison takes: some twenty round trips.
const COMPARISON_TIMEOUT: Duration = Duration::from_secs(5);

/// Checks, for an operator, that a connection can be made by the URL and this way. Says whether
/// server processes are shared, as behind a pooler in transaction mode. A busy pooler may hide that.
///
/// # Errors
/// [`StoreError`] when no connection can be made, or its role has no limits where it needs them.
pub async fn are_processes_shared(url: &SecretString, pooler: Pooler) -> Result<bool, StoreError> {
    let target =
        Target::parse(url).map_err(|error| StoreError::Database(Cause::new(error.to_string())))?;
    if pooler == Pooler::Transaction {
        target.connect_pooled().await.map_err(|error| unavailable(&error))?;
    }
    shared(&target).await.map_err(|error| unavailable(&error))
}

/// Whether two connections that are open at the same time were seen to use one server process. That
/// cannot be unless somebody stands between.
pub(crate) async fn shared(target: &Target) -> Result<bool, ConnectionError> {
    let (one, _one) = target.reach().await?;
    let (other, _other) = target.reach().await?;
    let comparing = async {
        let first = process(&one).await;
        for _ in 0..COMPARISONS {
            let (one, other) = (process(&one).await, process(&other).await);
            if one.is_some() && (one == other || one != first) {
                return true;
            }
        }
        false
    };
    Ok(timeout(COMPARISON_TIMEOUT, comparing).await.unwrap_or(false))
}

/// The number of the server process that answers. Asked without a prepared statement.
async fn process(client: &Client) -> Option<String> {
    let answer = client.simple_query("SELECT pg_catalog.pg_backend_pid()").await.ok()?;
    answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    })
}

fn unavailable(error: &ConnectionError) -> StoreError {
    StoreError::Unavailable(Cause::from(error))
}
