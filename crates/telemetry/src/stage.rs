//! How long a part of the work takes: a histogram, and a span for traces.

use std::time::Instant;

use tracing::Span;

use crate::label::Stage;
use crate::metrics;

/// The target of the spans of stages. They are at the level DEBUG, which logs leave out.
pub const SPANS: &str = "faceauth_telemetry::stage";

/// The span of a stage, inside the current one. The name of a span is fixed when it is compiled.
fn span(stage: Stage) -> Span {
    macro_rules! named {
        ($($variant:ident $name:literal;)*) => {
            match stage {
                $(Stage::$variant => tracing::debug_span!(target: SPANS, $name),)*
            }
        };
    }
    named! {
        Decode "decode";
        DecodeClip "decode_clip";
        Detect "detect";
        Landmarks "landmarks";
        Align "align";
        Pad "pad";
        Embed "embed";
        Database "database";
    }
}

/// Does `work` and measures it as `stage`.
pub fn measured<T>(stage: Stage, work: impl FnOnce() -> T) -> T {
    let running = Running::begin(stage);
    running.span.in_scope(work)
}

/// A stage that ends when this is dropped, for work that waits in between.
#[must_use]
pub struct Running {
    stage: Stage,
    since: Instant,
    span: Span,
}

impl Running {
    /// The stage begins now.
    pub fn begin(stage: Stage) -> Self {
        Self { stage, since: Instant::now(), span: span(stage) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        metrics::stage_seconds(self.stage, self.since.elapsed());
    }
}
