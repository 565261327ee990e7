//! How clients are told apart.

use super::finding::Finding;
use crate::config::{Config, Mode};

/// Whose word about a client's address counts.
pub(super) fn check(config: &Config) -> Finding {
    let trusted = &config.server.trusted_proxies;
    if config.mode == Mode::Production && trusted.is_empty() {
        Finding::poor(
            "proxies",
            "none is trusted: every request counts for the address that it comes from",
            "name the address of your proxy in `server.trusted_proxies`, or all its clients share \
             one limit. Without a proxy, this is as it should be.",
        )
    } else if trusted.is_empty() {
        Finding::good("proxies", "none")
    } else {
        Finding::good("proxies", format!("{} may name its clients", trusted.join(", ")))
    }
}
