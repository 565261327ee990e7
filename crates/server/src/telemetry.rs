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
use crate::lines::{Lines, Lost};
use crate::traces::{self, TraceSettings, Traces};

/// What logs and traces of this process leave by. Dropping it sends the last of them.
pub struct Telemetry {
    // In this order: the end of the traces may be worth a line.
    _traces: Option<Traces>,
    lines: Lines,
}

impl Telemetry {
    /// What counts the log lines that are lost.
    #[must_use]
    pub fn lost_lines(&self) -> Lost {
        self.lines.lost()
    }
}

/// Installs the subscriber of this process. `filter` has the syntax of `RUST_LOG`.
///
/// # Errors
/// When `filter` is malformed, the collector's address is none, or a subscriber is installed already.
pub fn install(
    format: LogFormat,
    filter: &str,
    traces: Option<&TraceSettings>,
) -> anyhow::Result<Telemetry> {
    let filter = EnvFilter::try_new(filter)?;
    let (lines, writer) = Lines::start();
    let written = fmt::layer().with_writer(writer).with_span_events(FmtSpan::NONE);
    let written = match format {
        LogFormat::Json => written.json().flatten_event(true).boxed(),
        LogFormat::Pretty => written.compact().with_ansi(std::io::stderr().is_terminal()).boxed(),
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
    let installed = Registry::default().with(spans).with(written.with_filter(filter)).try_init();
    installed.map_err(|e| anyhow::anyhow!("cannot install the log subscriber: {e}"))?;
    Ok(Telemetry { _traces: traces, lines })
}
