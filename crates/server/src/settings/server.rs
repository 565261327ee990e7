//! Addresses and doors of HTTP, and how it ends.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use faceauth_api::settings::{Origin, TrustedProxy};

use crate::config::{self, Config, Mode};

/// Default of `server.drain_seconds` in production. The proxies in `deploy/` ask every 2 s, and
/// HAProxy drops a replica after two failures, so two checks and one second to act. With the 20 s
/// that requests in flight have, it stays below the 30 s after which supervisors kill.
const DRAIN_SECONDS: u64 = 5;

/// Longest drain. A balancer that needs more than minutes to notice is not asking.
const MAX_DRAIN_SECONDS: u64 = 300;

/// How long the service goes on after SIGTERM, while balancers learn that it stops.
///
/// # Errors
/// When it is too long.
pub fn drain(config: &Config) -> anyhow::Result<Duration> {
    let by_mode = match config.mode {
        Mode::Production => DRAIN_SECONDS,
        Mode::Development => 0,
    };
    let seconds = config.server.drain_seconds.unwrap_or(by_mode);
    ensure!(
        seconds <= MAX_DRAIN_SECONDS,
        "server.drain_seconds is at most {MAX_DRAIN_SECONDS}: supervisors do not wait longer"
    );
    Ok(Duration::from_secs(seconds))
}

/// Where Prometheus scrapes.
///
/// # Errors
/// When it is the public port.
pub fn metrics_bind(config: &Config) -> anyhow::Result<Option<SocketAddr>> {
    let config::Server { bind, metrics_bind, .. } = &config.server;
    if let Some(metrics) = metrics_bind {
        ensure!(
            metrics.port() == 0 || metrics.port() != bind.port(),
            "server.metrics_bind has a port of its own: the public one never serves metrics"
        );
    }
    Ok(*metrics_bind)
}

/// Pages of other origins that may call the service, and the proxies that are believed.
///
/// # Errors
/// When one is malformed, or production must not have it.
pub(super) fn doors(config: &Config) -> anyhow::Result<(Vec<Origin>, Vec<TrustedProxy>)> {
    let config::Server { cors_origins, trusted_proxies, .. } = &config.server;
    let origins: Vec<Origin> = listed("server.cors_origins", cors_origins)?;
    let proxies: Vec<TrustedProxy> = listed("server.trusted_proxies", trusted_proxies)?;
    if config.mode == Mode::Production {
        check_doors(&origins, &proxies)?;
    }
    Ok((origins, proxies))
}

/// Folder of the page, where the service serves it.
///
/// # Errors
/// When there is no page in it.
pub(super) fn frontend_dir(config: &Config) -> anyhow::Result<Option<PathBuf>> {
    let dir = config.server.frontend_dir.clone();
    if let Some(dir) = &dir {
        let index = dir.join("index.html");
        ensure!(index.is_file(), "server.frontend_dir has no index.html: {}", dir.display());
    }
    Ok(dir)
}

/// Parses every text of a list.
fn listed<T: FromStr<Err: std::fmt::Display>>(
    setting: &'static str,
    texts: &[String],
) -> anyhow::Result<Vec<T>> {
    texts
        .iter()
        .map(|text| text.parse().map_err(|error| anyhow::anyhow!("{text}: {error}")))
        .collect::<anyhow::Result<_>>()
        .context(setting)
}

/// Refuses proxies and origins that a production deployment must not have.
fn check_doors(origins: &[Origin], proxies: &[TrustedProxy]) -> anyhow::Result<()> {
    if let Some(origin) = origins.iter().find(|origin| !origin.is_trustworthy()) {
        bail!(
            "server.cors_origins: anybody on the way can change the page at {}: https:// in \
             production, http:// on localhost alone",
            origin.as_str()
        );
    }
    if let Some(proxy) = proxies.iter().find(|proxy| proxy.is_too_wide()) {
        bail!(
            "server.trusted_proxies: {proxy} takes in strangers, who would choose the address \
             that they are counted under: name the proxies' own network"
        );
    }
    Ok(())
}
