//! What all replicas count together, in the database.
//!
//! Each replica counts by itself first, which costs nothing and refuses most of what is too much.
//! What passes is counted in the database, by one statement.

use std::net::IpAddr;
use std::time::Duration;

use actix_web::rt::time::timeout;
use faceauth_store::limits::{Taken, Use};
use faceauth_usecases::{Context, HashPurpose};

use crate::error::{ApiError, ErrorCode};

/// Longest that a door which needs no database waits for the count. The statement takes less than
/// a millisecond, so a database that takes this long is not well.
const OPEN_DEADLINE: Duration = Duration::from_millis(250);

/// What happens while the database does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Uncounted {
    /// The request goes on: it decides nothing and needs no database, and each replica still
    /// counts by itself.
    Passes,
    /// The request is refused: it needs the database anyway, and must not be guessed at faster
    /// because the database is slow.
    Refused,
}

/// Counts a use of a client for all replicas. Returns what the client owes then, `None` when
/// nobody counted.
pub(crate) async fn count(
    context: &Context,
    client: IpAddr,
    used: Use,
    uncounted: Uncounted,
) -> Result<Option<Taken>, ApiError> {
    let client = context.hashes.of(HashPurpose::LimitedClient, &[client.to_string().as_bytes()]);
    let counting = context.store.use_limit(&client, used);
    let counted = match uncounted {
        // The store's own deadlines hold.
        Uncounted::Refused => counting.await.map_err(|error| error.to_string()),
        Uncounted::Passes => match timeout(OPEN_DEADLINE, counting).await {
            Ok(counted) => counted.map_err(|error| error.to_string()),
            Err(_) => Err("the database takes too long".to_owned()),
        },
    };
    match (counted, uncounted) {
        (Ok(taken), _) => Ok(Some(taken)),
        (Err(cause), Uncounted::Passes) => {
            tracing::warn!(%cause, "a limit is counted by this replica alone");
            Ok(None)
        }
        (Err(cause), Uncounted::Refused) => {
            tracing::warn!(%cause, "a limit cannot be counted");
            Err(ApiError::new(ErrorCode::DatabaseUnavailable))
        }
    }
}
