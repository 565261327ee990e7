//! The database: whether it is reached, what its role may do, its schema, its places, and its clock.

use std::sync::Arc;

use anyhow::Context as _;
use chrono::TimeDelta;
use faceauth_store::capacity::Capacity;
use faceauth_store::pooler::are_processes_shared;
use faceauth_store::seal::Sealer;
use faceauth_store::{Store, StoreError};

use super::finding::Finding;
use crate::clock::SystemClock;
use crate::config::{Config, Mode, Pooler};
use crate::keys::Keys;
use crate::settings;

/// Skew above which a clock gets a warning. Machines with NTP differ by milliseconds.
const TOLERABLE_SKEW: TimeDelta = TimeDelta::seconds(1);

/// Replicas for which a database should have connections: one that serves, one that starts while
/// it is replaced, and one more.
const REPLICAS: u32 = 3;

/// What was learnt from the database.
struct Reached {
    /// How far the clock of this machine is ahead of the database's.
    ahead: Option<TimeDelta>,
    capacity: Capacity,
    /// Whether a pooler in transaction mode was noticed.
    shared: bool,
}

/// How far the checks came.
enum Outcome {
    /// A pooler in transaction mode stands between, and nobody has said so.
    Pooled,
    /// The role lacks these grants, so nothing else of it was tried.
    Lacking(Vec<String>),
    /// To the end.
    Reached(Reached),
}

/// Everything about the database.
pub(super) fn check(config: &Config) -> Vec<Finding> {
    match reach(config) {
        Ok(Outcome::Reached(Reached { ahead, capacity, shared })) => {
            let mut found = vec![
                Finding::good("database", "reachable, writable, schema up to date"),
                Finding::good("privileges", "the role may do what the service does"),
            ];
            found.push(match config.database.pooler {
                Pooler::None => connections(config.database.max_connections, capacity),
                Pooler::Transaction => pooled(shared),
            });
            found.extend(ahead.map(clock));
            found
        }
        Ok(Outcome::Lacking(grants)) => vec![lacking(&grants)],
        Ok(Outcome::Pooled) => {
            let error = anyhow::anyhow!("a pooler in transaction mode stands before it");
            let fix = "set `database.pooler = \"transaction\"`, or let the pooler keep sessions.";
            vec![Finding::bad("database", &error, Some(fix))]
        }
        Err(error) => vec![Finding::bad("database", &error, fix(&error))],
    }
}

fn reach(config: &Config) -> anyhow::Result<Outcome> {
    let store_config = settings::store(config)?;
    let keys = Keys::load(&config.keys, config.mode == Mode::Production)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        // First, because nothing else works when the setting is missing.
        let shared = are_processes_shared(&store_config.url, store_config.pooler).await?;
        if shared && config.database.pooler == Pooler::None {
            return Ok(Outcome::Pooled);
        }
        let store = Store::connect(&store_config, Sealer::new(keys.seal)).await?;
        // Before readiness is asked, which needs some of them.
        let grants = store.lacking_grants().await?;
        if !grants.is_empty() {
            return Ok(Outcome::Lacking(grants));
        }
        store.ping().await?;
        let capacity = store.capacity().await.context("cannot read max_connections")?;
        let ahead = store.clock(Arc::new(SystemClock)).ahead();
        anyhow::Ok(Outcome::Reached(Reached { ahead, capacity, shared }))
    })
}

/// What to do about an error of the database.
fn fix(error: &anyhow::Error) -> Option<&'static str> {
    match error.downcast_ref::<StoreError>()? {
        StoreError::Unavailable(_) => Some(
            "see that Postgres runs, that the address in `DATABASE_URL` is right, and that \
             `pg_hba.conf` lets this machine and role in.",
        ),
        StoreError::Database(_) => Some(
            "run `faceauth migrate` with the same configuration, as the role that owns the tables.",
        ),
        StoreError::Sealing(_) => Some("give this replica the same seal keys as the others."),
    }
}

/// What to say of a role that may not do what the service does.
fn lacking(grants: &[String]) -> Finding {
    let error = anyhow::anyhow!("missing: {};", grants.join("; "));
    let fix = "run these statements as the role that owns the tables. A role that does not needs \
               all of deploy/postgres-serving-role.sql.";
    Finding::bad("privileges", &error, Some(fix))
}

/// Whether there are connections for a few replicas.
fn connections(each: u32, capacity: Capacity) -> Finding {
    let Capacity { connections, reserved } = capacity;
    let free = connections.saturating_sub(reserved);
    let detail = format!("{each} of {free} for each replica");
    if each.saturating_mul(REPLICAS) > free {
        Finding::poor(
            "connections",
            detail,
            "lower `database.max_connections`, raise `max_connections` of Postgres, or put \
             PgBouncer between them (docs/operations.md). A replica that gets none answers 503.",
        )
    } else {
        Finding::good("connections", detail)
    }
}

/// What to say of the pooler. It has the connections, and their number is its own setting.
fn pooled(shared: bool) -> Finding {
    if shared {
        Finding::good("connections", "a pooler in transaction mode has them".to_owned())
    } else {
        Finding::poor(
            "connections",
            "no pooler in transaction mode was noticed".to_owned(),
            "set `database.pooler = \"none\"` when there is none: prepared statements cost the \
             database less. A busy pooler is not always noticed.",
        )
    }
}

/// What to say of this machine's clock. It fails no check: the service follows the database's.
fn clock(ahead: TimeDelta) -> Finding {
    let seconds = ahead.abs().as_seconds_f64();
    let side = if ahead > TimeDelta::zero() { "ahead of" } else { "behind" };
    if ahead.abs() > TOLERABLE_SKEW {
        Finding::poor(
            "clock",
            format!("this machine is {seconds:.1} s {side} the database"),
            "set both by NTP. Sign-ins follow the database's clock; logs, certificates and \
             verifiers of tokens do not.",
        )
    } else {
        Finding::good("clock", format!("{seconds:.3} s {side} the database"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warns_of_clocks_that_differ() {
        for (ms, begins, says) in [
            (0, "ok", "0.000 s behind"),
            (1_000, "ok", "1.000 s ahead of"),
            (-999, "ok", "0.999 s behind"),
            (1_001, "warn", "1.0 s ahead of"),
            (-5_000, "warn", "5.0 s behind"),
        ] {
            let line = clock(TimeDelta::milliseconds(ms)).to_string();
            assert!(line.starts_with(begins) && line.contains(says), "{line}");
        }
    }

    #[test]
    fn warns_when_a_few_replicas_find_no_connection() {
        let line = |each, connections| {
            let capacity = Capacity { connections, reserved: 3 };
            super::connections(each, capacity).to_string()
        };
        assert!(line(8, 27).starts_with("ok"));
        assert!(line(8, 26).starts_with("warn"));
        assert!(line(8, 100).contains("8 of 97"));
    }
}
