//! The span and the one log line of a request. They hold no body, no header value that a client
//! chose freely, and no address. No client controls their length.

use std::borrow::Cow;

use actix_web::dev::ServiceRequest;
use actix_web::http::{Method, StatusCode};
use tracing::Span;

/// Longest piece of a path that is logged, in bytes: the longest of our own, with two
/// identifiers, is shorter. A span is written twice on a line.
const MAX_LOGGED_PATH: usize = 128;

/// The span everything of one request is logged in.
pub(crate) fn request_span(request: &ServiceRequest, request_id: &str) -> Span {
    let span = tracing::info_span!(
        "request",
        request_id,
        method = method(request.method()),
        // Paths hold no secrets: ids at most. Queries are left out.
        path = shortened(request.path()).as_ref(),
        route = tracing::field::Empty,
        trace_id = tracing::field::Empty,
    );
    if let Some(trace_id) = trace_id(request) {
        span.record("trace_id", trace_id);
    }
    span
}

/// Writes down which route answers, however its path was spelled.
pub(crate) fn route_found(path: &str) {
    Span::current().record("route", path);
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

/// A method that HTTP knows; others are words that a client made up.
fn method(method: &Method) -> &str {
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
        Method::TRACE,
        Method::CONNECT,
    ];
    if known.contains(method) { method.as_str() } else { "other" }
}

/// The beginning of a long text.
fn shortened(text: &str) -> Cow<'_, str> {
    if text.len() <= MAX_LOGGED_PATH {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(MAX_LOGGED_PATH);
    Cow::Owned(format!("{}...", &text[..end]))
}

/// The trace id of a W3C `traceparent` header, if it is well-formed.
fn trace_id(request: &ServiceRequest) -> Option<&str> {
    let value = request.headers().get("traceparent")?.to_str().ok()?;
    let mut fields = value.split('-');
    let (_version, trace_id) = (fields.next()?, fields.next()?);
    let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    (trace_id.len() == 32 && trace_id.chars().all(hex)).then_some(trace_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_client_decides_how_long_a_line_is() {
        assert_eq!(shortened("/verify"), "/verify");
        assert_eq!(shortened(&"a".repeat(70_000)).len(), MAX_LOGGED_PATH + 3);
        assert!(shortened(&"\u{e9}".repeat(70_000)).len() <= MAX_LOGGED_PATH + 3);
        let made_up = Method::from_bytes("X".repeat(70_000).as_bytes()).expect("a method");
        assert_eq!(method(&made_up), "other");
        assert_eq!(method(&Method::DELETE), "DELETE");
    }
}
