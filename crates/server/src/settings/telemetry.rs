//! Logs and traces.

use anyhow::ensure;

use crate::config::{self, Config, LogFormat, Mode};
use crate::traces::TraceSettings;

/// How the process logs.
pub fn log(config: &Config) -> (LogFormat, &str) {
    let by_mode = match config.mode {
        Mode::Production => LogFormat::Json,
        Mode::Development => LogFormat::Pretty,
    };
    (config.log.format.unwrap_or(by_mode), &config.log.filter)
}

/// Where traces go; `None` when nobody asked for them.
///
/// # Errors
/// When the address or the share is not usable.
pub fn traces(config: &Config) -> anyhow::Result<Option<TraceSettings>> {
    let config::Tracing { otlp_endpoint, sample_ratio } = &config.tracing;
    ensure!(
        (0.0..=1.0).contains(sample_ratio),
        "tracing.sample_ratio lies between 0 and 1: the share of traces to record"
    );
    let Some(endpoint) = otlp_endpoint else { return Ok(None) };
    ensure!(
        endpoint.starts_with("http://"),
        "tracing.otlp_endpoint is an http:// address: of a collector on this machine or in its \
         private network, which encrypts what leaves it"
    );
    Ok(Some(TraceSettings { endpoint: endpoint.clone(), sample_ratio: *sample_ratio }))
}
