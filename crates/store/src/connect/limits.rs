//! The limits of the server's side: of statements, of locks, of transactions that stand still.
//!
//! A connection of its own sets them. Behind a pooler in transaction mode a `SET` would stay with a
//! server process and not with us. So there the role has them, and a connection is refused that
//! does not find them.

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::{Array, BigInt, Text};
use diesel_async::RunQueryDsl;

use crate::link::Link;

/// Longest one statement of a request runs, in milliseconds. Every query is an index
/// look-up of a few rows, so one that takes longer is stuck. Less than
/// [`CALL_TIMEOUT`](crate::connection::CALL_TIMEOUT), at which the connection would be cut.
const STATEMENT_TIMEOUT_MS: u32 = 3_000;

/// Longest a statement waits for a row lock, in milliseconds. Locks are held for a few
/// statements of one short transaction.
const LOCK_TIMEOUT_MS: u32 = 2_000;

/// Longest a transaction stays open without a statement, in milliseconds. Frees the
/// locks of a process that was suspended, or whose connection has died.
const IDLE_IN_TRANSACTION_TIMEOUT_MS: u32 = 3_000;

/// Every setting and its limit in milliseconds.
const LIMITS: [(&str, u32); 3] = [
    ("statement_timeout", STATEMENT_TIMEOUT_MS),
    ("lock_timeout", LOCK_TIMEOUT_MS),
    ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION_TIMEOUT_MS),
];

/// Sets them for a session.
pub(super) fn set() -> String {
    LIMITS.map(|(setting, ms)| format!("SET {setting} = {ms}; ")).concat()
}

/// A limit as the server has it.
#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    ms: i64,
}

/// Refuses a connection whose role does not have them. Tighter ones are fine.
pub(super) async fn check(link: &mut Link) -> QueryResult<()> {
    let names = LIMITS.map(|(setting, _)| setting);
    let found: Vec<Found> = diesel::sql_query(
        "SELECT name, setting::bigint AS ms FROM pg_catalog.pg_settings WHERE name = ANY ($1)",
    )
    .bind::<Array<Text>, _>(&names[..])
    .load(link)
    .await?;
    let of = |setting: &str| found.iter().find(|found| found.name == setting).map_or(0, |f| f.ms);
    match LIMITS.into_iter().find(|&(setting, ms)| !is_kept(of(setting), ms)) {
        None => Ok(()),
        Some((setting, ms)) => Err(Error::DatabaseError(
            DatabaseErrorKind::UnableToSendCommand,
            Box::new(format!(
                "behind a pooler the role needs a limit: ALTER ROLE ... SET {setting} = '{ms}ms', \
                 then RECONNECT in the console of PgBouncer"
            )),
        )),
    }
}

/// Whether a limit of the server is one, and no longer than ours. Nought means none.
fn is_kept(found_ms: i64, limit_ms: u32) -> bool {
    (1..=i64::from(limit_ms)).contains(&found_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_limit_and_a_longer_one_are_refused() {
        let kept = [0, 1, 2_999, 3_000, 3_001].map(|found| is_kept(found, 3_000));
        assert_eq!(kept, [false, true, true, true, false]);
    }
}
