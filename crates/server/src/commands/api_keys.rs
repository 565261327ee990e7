//! `faceauth keys api`: keys of services that call the API.

use std::path::Path;

use anyhow::{Context, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use clap::Subcommand;
use faceauth_api::api_key;
use faceauth_domain::clock::Clock;
use faceauth_domain::scope::Scope;
use faceauth_store::api_keys::NewApiKey;
use uuid::Uuid;

use super::database::with_store;
use crate::clock::SystemClock;

/// Longest label, as the database has it.
const LABEL_MAX_CHARS: usize = 100;

/// What is done with the keys of services.
#[derive(Subcommand)]
pub enum Command {
    /// Make a key and print it, once.
    Create {
        /// Whose it is, for people.
        #[arg(long)]
        label: String,
        /// What it may do: enrol, invite, scores:read, accounts:reset; may be repeated.
        #[arg(long, required = true)]
        scope: Vec<Scope>,
        /// Days until it expires.
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: u32,
    },
    /// List the keys, without their secrets.
    List,
    /// Take a key back, at once.
    Revoke {
        /// What stands between the underscores of the key.
        prefix: String,
    },
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// As the command has them.
    pub fn run(self, config: Option<&Path>) -> anyhow::Result<()> {
        match self {
            Self::Create { label, scope, days } => create(config, &label, &scope, days),
            Self::List => list(config),
            Self::Revoke { prefix } => revoke(config, &prefix),
        }
    }
}

/// Makes a key and prints it. It cannot be shown again.
///
/// # Errors
/// When the label is empty or too long, or the database cannot be reached.
fn create(config: Option<&Path>, label: &str, scopes: &[Scope], days: u32) -> anyhow::Result<()> {
    let length = label.chars().count();
    ensure!((1..=LABEL_MAX_CHARS).contains(&length), "a label has 1 to {LABEL_MAX_CHARS} letters");
    let mut scopes = scopes.to_vec();
    scopes.sort_unstable();
    scopes.dedup();
    let fresh = api_key::generate().context("no randomness")?;
    let now = SystemClock.now();
    let key = NewApiKey {
        id: Uuid::new_v4(),
        prefix: fresh.prefix.clone(),
        secret_hash: fresh.hash,
        label: label.to_owned(),
        scopes,
        created_at: now,
        expires_at: Some(now + TimeDelta::days(i64::from(days))),
    };
    with_store(config, async |store| Ok(store.create_api_key(&key).await?))?;
    eprintln!("Keep it now: it is not stored and cannot be shown again.");
    println!("{}", &*fresh.key);
    Ok(())
}

/// Lists the keys.
///
/// # Errors
/// When the database cannot be reached.
fn list(config: Option<&Path>) -> anyhow::Result<()> {
    let keys = with_store(config, async |store| Ok(store.api_keys().await?))?;
    let now = SystemClock.now();
    let day = |time: Option<DateTime<Utc>>| {
        time.map_or_else(|| "never".to_owned(), |time| time.format("%Y-%m-%d").to_string())
    };
    println!(
        "{:<10} {:<9} {:<12} {:<12} {:<36} label",
        "prefix", "state", "expires", "last used", "scopes"
    );
    for key in keys {
        let state = match (key.revoked_at, key.expires_at) {
            (Some(_), _) => "revoked",
            (None, Some(end)) if end <= now => "expired",
            _ => "good",
        };
        let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        println!(
            "{:<10} {state:<9} {:<12} {:<12} {:<36} {}",
            key.prefix,
            day(key.expires_at),
            day(key.last_used_at),
            scopes.join(" "),
            key.label
        );
    }
    Ok(())
}

/// Takes a key back.
///
/// # Errors
/// When there is no such key that is good, or the database cannot be reached.
fn revoke(config: Option<&Path>, prefix: &str) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let revoked = with_store(config, async |store| Ok(store.revoke_api_key(prefix, now).await?))?;
    ensure!(revoked, "there is no such key, or it was taken back before");
    println!("{prefix} is revoked");
    Ok(())
}
