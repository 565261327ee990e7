//! HTTP.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;

use super::lenient;

/// HTTP.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    pub bind: SocketAddr,
    /// Where Prometheus scrapes; nowhere when not set.
    pub metrics_bind: Option<SocketAddr>,
    pub http_workers: usize,
    pub frontend_dir: Option<PathBuf>,
    /// Address of the page; `tokens.issuer` when not set and the service serves the page.
    pub page_url: Option<String>,
    #[serde(deserialize_with = "lenient::list")]
    pub cors_origins: Vec<String>,
    #[serde(deserialize_with = "lenient::list")]
    pub trusted_proxies: Vec<String>,
    pub max_in_flight: usize,
    /// 5 in production, 0 in development when not set.
    pub drain_seconds: Option<u64>,
    /// Closed in production, open in development when not set.
    pub docs: Option<bool>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([127, 0, 0, 1], 8080)),
            metrics_bind: None,
            // The event loops only move bytes; the cores are for analysis.
            http_workers: 2,
            frontend_dir: None,
            page_url: None,
            cors_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            // Bodies of 10 MiB: at most 160 MiB of them are in memory.
            max_in_flight: 16,
            drain_seconds: None,
            docs: None,
        }
    }
}
