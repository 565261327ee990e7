//! Where logs and traces go. Logs: standard error, JSON lines in production, readable in
//! development. Traces: the collector of the operator, if there is one.

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry, fmt};

use crate::config::LogFormat;
use crate::traces::{self, TraceSettings, Traces};

/// Installs the subscriber of this process. `filter` has the syntax of `RUST_LOG`. What is returned
/// sends the last traces when it is dropped.
///
/// # Errors
/// When `filter` is malformed, the collector's address is none, or a subscriber is installed already.
pub fn install(
    format: LogFormat,
    filter: &str,
    traces: Option<&TraceSettings>,
) -> anyhow::Result<Option<Traces>> {
    let filter = EnvFilter::try_new(filter)?;
    let lines = fmt::layer().with_writer(std::io::stderr).with_span_events(FmtSpan::NONE);
    let lines = match format {
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
        LogFormat::Pretty => lines.compact().with_ansi(std::io::stderr().is_terminal()).boxed(),
    };
    let traces = traces.map(Traces::start).transpose()?;
    let spans = traces.as_ref().map(|traces| {
        let ours = filter_fn(traces::is_exported).with_max_level_hint(LevelFilter::DEBUG);
        tracing_opentelemetry::layer()
            .with_tracer(traces.tracer())
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(ours)
    });
    let installed = Registry::default().with(spans).with(lines.with_filter(filter)).try_init();
    installed.map_err(|e| anyhow::anyhow!("cannot install the log subscriber: {e}"))?;
    Ok(traces)
}
