//! The span and the one log line of a request. Neither holds a body, a header value that
//! a client chose freely, or an address.

use actix_web::dev::ServiceRequest;
use actix_web::http::StatusCode;
use tracing::Span;

/// The span everything of one request is logged in.
pub(crate) fn request_span(request: &ServiceRequest, request_id: &str) -> Span {
    let span = tracing::info_span!(
        "request",
        request_id,
        method = %request.method(),
        // Paths hold no secrets: ids at most. Queries are left out.
        path = request.path(),
        trace_id = tracing::field::Empty,
    );
    if let Some(trace_id) = trace_id(request) {
        span.record("trace_id", trace_id);
    }
    span
}

/// The line that ends it.
pub(crate) fn request_done(status: StatusCode, elapsed: std::time::Duration) {
    let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    if status.is_server_error() {
        tracing::warn!(status = status.as_u16(), elapsed_ms, "answered");
    } else {
        tracing::info!(status = status.as_u16(), elapsed_ms, "answered");
    }
}

/// The trace id of a W3C `traceparent` header, if it is well-formed.
fn trace_id(request: &ServiceRequest) -> Option<&str> {
    let value = request.headers().get("traceparent")?.to_str().ok()?;
    let mut fields = value.split('-');
    let (_version, trace_id) = (fields.next()?, fields.next()?);
    let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    (trace_id.len() == 32 && trace_id.chars().all(hex)).then_some(trace_id)
}
