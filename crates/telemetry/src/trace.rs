//! The identity of a trace, on its way from service to service (W3C Trace Context).
//!
//! Traces are exported by the binary, when an operator asks for it. It installs [`Tracing`]; until
//! then a trace of a caller is only written into the log.

use std::fmt;
use std::sync::OnceLock;

use tracing::Span;

/// The name of the header.
pub const HEADER: &str = "traceparent";

/// A `traceparent`: the trace, the span of the caller, and whether the caller records it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceParent {
    /// The trace.
    pub trace: u128,
    /// The span that calls.
    pub span: u64,
    /// Whether the caller records it.
    pub sampled: bool,
}

impl TraceParent {
    /// Reads the value of the header. `None` when it is malformed, as the specification asks.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let mut fields = value.split('-');
        let version = hex(fields.next()?, 2)?;
        let trace = hex(fields.next()?, 32)?;
        let span = hex(fields.next()?, 16)?;
        let flags = hex(fields.next()?, 2)?;
        // A later version may have more fields; version ff is forbidden.
        if version == 0xff || (version == 0 && fields.next().is_some()) || trace == 0 || span == 0 {
            return None;
        }
        Some(Self { trace, span: u64::try_from(span).ok()?, sampled: flags & 1 == 1 })
    }

    /// The trace, as logs show it.
    #[must_use]
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace)
    }
}

impl fmt::Display for TraceParent {
    /// The value of the header.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace, self.span, u8::from(self.sampled))
    }
}

/// A number of exactly `digits` lowercase hexadecimal digits.
fn hex(text: &str, digits: usize) -> Option<u128> {
    let lowercase = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() != digits || !text.bytes().all(lowercase) {
        return None;
    }
    u128::from_str_radix(text, 16).ok()
}

/// What exports traces.
pub trait Tracing: Send + Sync {
    /// Makes `span` a part of the caller's trace.
    fn adopt(&self, span: &Span, parent: TraceParent);

    /// Where `span` stands. `None` when it is not recorded.
    fn place(&self, span: &Span) -> Option<TraceParent>;
}

static TRACING: OnceLock<Box<dyn Tracing>> = OnceLock::new();

/// Installs what exports traces. The first one stays.
pub fn install(tracing: Box<dyn Tracing>) {
    // A second one would be a mistake of tests alone.
    let _ = TRACING.set(tracing);
}

/// Continues the trace of a caller in `span`, or begins one. Returns where the span stands: the
/// exporter's answer, or the caller's trace when nothing is exported.
pub fn begin(span: &Span, parent: Option<TraceParent>) -> Option<TraceParent> {
    let Some(tracing) = TRACING.get() else { return parent };
    if let Some(parent) = parent {
        tracing.adopt(span, parent);
    }
    tracing.place(span).or(parent)
}

/// Where the current span stands, for what happens later because of it. `None` when no trace is
/// exported.
#[must_use]
pub fn current() -> Option<TraceParent> {
    TRACING.get()?.place(&Span::current())
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_traceparent_is_read_and_written_again() {
        let parent = TraceParent::parse(VALUE).expect("well-formed");
        assert!(parent.sampled);
        assert_eq!(parent.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(parent.to_string(), VALUE);
    }

    #[test]
    fn what_the_specification_forbids_is_no_traceparent() {
        let forbidden = [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ];
        for value in forbidden {
            assert_eq!(TraceParent::parse(value), None, "{value}");
        }
        // A later version may add fields.
        let later = "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more";
        assert!(TraceParent::parse(later).is_some());
    }
}
