//! Logs and traces.

use serde::Deserialize;

use super::lenient;

/// Logs.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// JSON in production, pretty in development when not set.
    pub format: Option<LogFormat>,
    /// The syntax of `RUST_LOG`.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: None, filter: "info,ort=warn".to_owned() }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Pretty,
}

/// Traces.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tracing {
    /// The collector's address for traces, OTLP over HTTP. None are made when it is not set.
    #[serde(deserialize_with = "lenient::optional_text")]
    pub otlp_endpoint: Option<String>,
    /// The share of the traces that begin here.
    #[serde(deserialize_with = "lenient::number")]
    pub sample_ratio: f64,
}

impl Default for Tracing {
    fn default() -> Self {
        Self { otlp_endpoint: None, sample_ratio: 1.0 }
    }
}
