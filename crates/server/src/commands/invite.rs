//! `faceauth invite`: invitations to enrol, made by the operator.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use clap::{ArgGroup, Args};
use faceauth_api::invitation;
use faceauth_domain::clock::Clock;
use faceauth_domain::user::Username;

use super::database::with_store;
use crate::clock::SystemClock;
use crate::config::{Config, Registration};
use crate::settings;

/// The arguments of the command line.
#[derive(Args)]
#[command(group(ArgGroup::new("what").required(true).args(["username", "list", "revoke"])))]
pub struct Arguments {
    /// Whom to invite: the name that the account will have. Takes back an earlier invitation for
    /// the name.
    username: Option<Username>,
    /// How long the invitation is good, such as 12h or 7d: a minute to thirty days.
    #[arg(long = "for", value_name = "TIME", default_value = "7d", value_parser = lifetime,
        requires = "username")]
    ttl: TimeDelta,
    /// List the invitations that nobody has used, without their secrets.
    #[arg(long)]
    list: bool,
    /// Take the invitation for a name back.
    #[arg(long, value_name = "NAME")]
    revoke: Option<Username>,
}

/// Reads how long an invitation is good.
fn lifetime(text: &str) -> Result<TimeDelta, String> {
    let time: Duration = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    let time = TimeDelta::from_std(time).ok().filter(|time| invitation::is_ttl(*time));
    time.ok_or_else(|| "an invitation lasts a minute to thirty days".to_owned())
}

/// Makes, lists or takes back.
///
/// # Errors
/// As each of them has them.
pub fn run(config: Option<&Path>, arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { username, ttl, list: _, revoke } = arguments;
    match (username, revoke) {
        (Some(username), _) => invite(config, username, ttl),
        (None, Some(username)) => take_back(config, &username),
        (None, None) => list(config),
    }
}

/// Prints the link, or the secret alone where nobody has said where the page is.
///
/// # Errors
/// When the name has an account, invitations do not count, or the database cannot be reached.
fn invite(config: Option<&Path>, username: Username, ttl: TimeDelta) -> anyhow::Result<()> {
    let settings = Config::load(config)?;
    if matches!(settings.policy.registration, Some(Registration::Service | Registration::Closed)) {
        anyhow::bail!("set policy.registration to \"invite\": invitations do not count here");
    }
    let page = settings::page_url(&settings)?;
    let name = username.as_str().to_owned();
    let now = SystemClock.now();
    let (fresh, new) = invitation::begin(username, None, ttl, now).context("no randomness")?;
    let invited = with_store(config, async |store| Ok(store.invite(&new).await?))?;
    ensure!(invited, "{name} has an account: reset it where its owner cannot sign in");
    eprintln!(
        "For {name} alone, once, until {}. It is not stored and cannot be shown again.",
        minute(new.invitation.expires_at)
    );
    match page {
        Some(page) => println!("{}", invitation::link(&page, &fresh.secret)),
        None => println!("{}", &*fresh.secret),
    }
    Ok(())
}

/// Lists the invitations.
///
/// # Errors
/// When the database cannot be reached.
fn list(config: Option<&Path>) -> anyhow::Result<()> {
    let invitations = with_store(config, async |store| Ok(store.invitations().await?))?;
    let now = SystemClock.now();
    println!("{:<8} {:<21} {:<13} name", "state", "ends", "made by");
    for one in invitations {
        let state = if one.expires_at <= now { "expired" } else { "good" };
        let made_by = one.made_by.as_deref().unwrap_or("command line");
        let name = one.username.as_str();
        println!("{state:<8} {:<21} {made_by:<13} {name}", minute(one.expires_at));
    }
    Ok(())
}

/// Takes an invitation back.
///
/// # Errors
/// When there is none, or the database cannot be reached.
fn take_back(config: Option<&Path>, username: &Username) -> anyhow::Result<()> {
    let revoked =
        with_store(config, async |store| Ok(store.revoke_invitation(&username.key()).await?))?;
    ensure!(revoked, "there is no invitation for {}", username.as_str());
    println!("the invitation for {} is taken back", username.as_str());
    Ok(())
}

fn minute(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    #[test]
    fn one_thing_is_done_at_a_time() {
        let parse = |words: &str| Line::try_parse_from(words.split(' '));
        assert_eq!(parse("invite ada").unwrap().arguments.ttl, invitation::DEFAULT_TTL);
        for good in ["invite ada --for 3d", "invite --list", "invite --revoke ada"] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for odd in ["invite", "invite ada --list", "invite ada --revoke bob", "invite --for 3d"] {
            assert!(parse(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn lifetimes_are_read_with_their_unit() {
        assert_eq!(lifetime("7d"), Ok(TimeDelta::days(7)));
        assert_eq!(lifetime("90min"), Ok(TimeDelta::minutes(90)));
        for odd in ["", "7", "-1d", "59s", "31d", "1000000y"] {
            assert!(lifetime(odd).is_err(), "{odd}");
        }
    }
}
