//! The span, the one log line and the metrics of a request. They hold no body, no header value that a client
//! chose freely, and no address. No client controls their length.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::HttpMessage;
use actix_web::dev::ServiceRequest;
use actix_web::http::{Method, StatusCode};
use faceauth_telemetry::label::{Label, Status};
use faceauth_telemetry::metrics;
use faceauth_telemetry::trace::{self, TraceParent};
use tracing::Span;

use crate::error::ErrorCode;

/// Longest piece of a path that is logged, in bytes: the longest of our own, with two
/// identifiers, is shorter. A span is written twice on a line.
const MAX_LOGGED_PATH: usize = 128;

/// A route of the table, or what stands for the requests that none answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MatchedRoute {
    method: &'static str,
    path: &'static str,
}

/// What answers a path that is in no table: a file of the page, or 404.
const NO_ROUTE: MatchedRoute = MatchedRoute { method: OTHER, path: "none" };
/// A word for whatever a client made up.
const OTHER: &str = "other";

impl MatchedRoute {
    /// A line of the table. Called when routes are registered, never for a request.
    pub(crate) fn registered(method: &Method, path: &str) -> Self {
        Self { method: self::method(method), path: interned(path) }
    }

    /// The methods that a path of the table does not have.
    pub(crate) fn other_methods(path: &str) -> Self {
        Self { method: OTHER, path: interned(path) }
    }
}

/// The same text for as long as the process lives. Every event loop registers the same table, so
/// each path is kept once.
fn interned(path: &str) -> &'static str {
    static PATHS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut paths = PATHS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(kept) = paths.get(path) {
        return kept;
    }
    let kept: &'static str = Box::leak(path.to_owned().into_boxed_str());
    paths.insert(kept);
    kept
}

/// The path or the method of a route, as a label.
#[derive(Debug, Clone, Copy)]
struct Word(&'static str);

impl Label for Word {
    fn word(self) -> &'static str {
        self.0
    }
}

impl Label for ErrorCode {
    fn word(self) -> &'static str {
        self.as_str()
    }
}

/// Which route answers a request, once that is known. The request carries a clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Matched(Rc<Cell<Option<MatchedRoute>>>);

impl Matched {
    fn route(&self) -> MatchedRoute {
        self.0.get().unwrap_or(NO_ROUTE)
    }
}

/// When a part of the request's body was last read. The request carries a clone.
///
/// How long a body takes is the client's matter: a page sends a capture for as long as the person
/// moves. So what the service takes counts from here.
#[derive(Debug, Clone, Default)]
pub(crate) struct Arrived(Rc<Cell<Option<Instant>>>);

impl Arrived {
    /// A part of the body has been read, or the body has ended.
    pub(crate) fn note(&self) {
        self.0.set(Some(Instant::now()));
    }

    /// From the last part of the body, or from `began` on when none was read, until now.
    fn elapsed(&self, began: Instant) -> Duration {
        self.0.get().unwrap_or(began).elapsed()
    }
}

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
        status = tracing::field::Empty,
    );
    if let Some(place) = trace::begin(&span, trace_parent(request)) {
        span.record("trace_id", place.trace_id());
    }
    span
}

/// Writes down which route answers, however its path was spelled.
pub(crate) fn route_found(request: &ServiceRequest, route: MatchedRoute) {
    Span::current().record("route", route.path);
    if let Some(matched) = request.extensions().get::<Matched>() {
        matched.0.set(Some(route));
    }
}

/// Counts a refusal.
pub(crate) fn refused(code: ErrorCode) {
    metrics::refusals(code);
}

/// The line that ends a request which `began` with its head, and its metrics.
pub(crate) fn request_done(
    status: StatusCode,
    began: Instant,
    arrived: &Arrived,
    matched: &Matched,
) {
    let MatchedRoute { method, path } = matched.route();
    metrics::requests(Word(method), Word(path), Status::new(status.as_u16()));
    metrics::request_seconds(Word(method), Word(path), arrived.elapsed(began));
    Span::current().record("status", status.as_u16());
    let elapsed_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    if status.is_server_error() {
        tracing::warn!(status = status.as_u16(), elapsed_ms, "answered");
    } else {
        tracing::info!(status = status.as_u16(), elapsed_ms, "answered");
    }
}

/// A method that HTTP knows; others are words that a client made up.
fn method(method: &Method) -> &'static str {
    const KNOWN: [&str; 9] =
        ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or(OTHER)
}

/// The beginning of a long text.
fn shortened(text: &str) -> Cow<'_, str> {
    if text.len() <= MAX_LOGGED_PATH {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(MAX_LOGGED_PATH);
    Cow::Owned(format!("{}...", &text[..end]))
}

/// The trace of a caller. `None` when there is no header, when it is malformed, and when there are
/// several (W3C Trace Context, 3.2).
fn trace_parent(request: &ServiceRequest) -> Option<TraceParent> {
    let mut values = request.headers().get_all(trace::HEADER);
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() { None } else { TraceParent::parse(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_body_took_to_arrive_does_not_count() {
        let began = Instant::now().checked_sub(Duration::from_secs(60)).expect("a minute ago");
        let arrived = Arrived::default();
        assert!(arrived.elapsed(began) >= Duration::from_secs(60));
        let clone = arrived.clone();
        clone.note();
        assert!(arrived.elapsed(began) < Duration::from_secs(60));
    }

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
