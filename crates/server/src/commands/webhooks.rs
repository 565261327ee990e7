//! `faceauth webhooks`: events that the receiver has not taken.

use std::path::Path;

use anyhow::ensure;
use chrono::TimeDelta;
use clap::{Args, Subcommand};
use faceauth_domain::clock::Clock;
use faceauth_store::outbox::{OutboxCount, OutboxEntry};
use uuid::Uuid;

use super::database::with_store;
use crate::clock::SystemClock;

/// Most events that are listed. The number of all of them stands below the list.
const MOST_LISTED: u32 = 200;

/// What is done with events.
#[derive(Subcommand)]
pub enum Command {
    /// List the oldest events, never whose they are: those that wait, and those that were given up.
    List,
    /// Deliver events that were given up, or one that waits, at once. They are tried for a day again.
    Retry(Retried),
}

/// Which events.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Retried {
    /// The event, as `list` shows it.
    id: Option<Uuid>,
    /// All that were given up.
    #[arg(long)]
    all: bool,
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// When the database cannot be reached, or there is no such event.
    pub fn run(self, config: Option<&Path>) -> anyhow::Result<()> {
        match self {
            Self::List => list(config),
            Self::Retry(Retried { id, all: _ }) => retry(config, id),
        }
    }
}

fn list(config: Option<&Path>) -> anyhow::Result<()> {
    let (entries, count) = with_store(config, async |store| {
        Ok((store.outbox_entries(MOST_LISTED).await?, store.outbox_count().await?))
    })?;
    let now = SystemClock.now();
    println!("{:<36} {:<26} {:<8} {:>6} {:>6}  last", "id", "type", "state", "age", "tries");
    for OutboxEntry { id, kind, at, tries, last_result, dead_at, .. } in entries {
        let state = if dead_at.is_some() { "dead" } else { "pending" };
        let (age, last) = (age(now - at), last_result.unwrap_or_default());
        println!("{id:<36} {kind:<26} {state:<8} {age:>6} {tries:>6}  {last}");
    }
    let OutboxCount { pending, dead } = count;
    println!("{pending} pending, {dead} dead");
    Ok(())
}

fn retry(config: Option<&Path>, id: Option<Uuid>) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let retried = with_store(config, async |store| Ok(store.retry_events(id, now).await?))?;
    ensure!(
        id.is_none() || retried > 0,
        "there is no such event, or it is being delivered now: see `faceauth webhooks list`"
    );
    println!("{retried} to be delivered");
    Ok(())
}

/// An age in its largest unit.
fn age(age: TimeDelta) -> String {
    match age.num_seconds().max(0) {
        seconds @ 0..60 => format!("{seconds}s"),
        seconds @ 60..3_600 => format!("{}m", seconds / 60),
        seconds @ 3_600..86_400 => format!("{}h", seconds / 3_600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_short() {
        let said = [-5, 0, 59, 60, 3_599, 3_600, 86_399, 86_400, 600_000]
            .map(|seconds| age(TimeDelta::seconds(seconds)));
        assert_eq!(said, ["0s", "0s", "59s", "1m", "59m", "1h", "23h", "1d", "6d"]);
    }
}
