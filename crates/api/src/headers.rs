//! What every answer carries: the request id, security headers, and the body of a
//! refusal, which needs the request id.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, AcceptEncoding, Encoding, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError};
use faceauth_telemetry::guard::request_in_flight;
use futures_util::FutureExt;
use tracing::Instrument;
use uuid::Uuid;

use crate::error::{ApiError, ErrorCode, PROBLEM_JSON, PendingOauth, PendingProblem};
use crate::header_names::{API_VERSION, REQUEST_ID};
use crate::source::{Source, log_denied, log_refusal};
use crate::{foreign, telemetry};

/// Longest request id taken over from a client.
const MAX_REQUEST_ID: usize = 64;

/// What the page may load: itself, pictures it holds in memory, and WebAssembly, which its face
/// finder is made of. That keyword allows compiling modules and no `eval` (CSP Level 3, 6.1).
const PAGE_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob: data:; media-src 'self' blob:; \
                           object-src 'none'; base-uri 'none'; form-action 'self'; \
                           frame-ancestors 'none'";

/// Drops an `Accept-Encoding` that allows no coding at all, not even `identity`. The answer is then
/// sent without coding (RFC 9110, 12.5.3), where a library would answer 406.
pub(crate) async fn acceptable<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let codings = [Encoding::identity(), Encoding::gzip(), Encoding::deflate()];
    let wish = request.get_header::<AcceptEncoding>();
    if wish.is_some_and(|wish| wish.negotiate(codings.iter()).is_none()) {
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    next.call(request).await
}

/// Wraps everything: gives the request its id and span, catches panics, writes problems.
pub(crate) async fn envelope(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let request_id = request_id(request.headers());
    let span = telemetry::request_span(&request, &request_id);
    let source = Source::new(&request, request_id);
    request.extensions_mut().insert(source.clone());
    let matched = telemetry::Matched::default();
    request.extensions_mut().insert(matched.clone());
    let arrived = telemetry::Arrived::default();
    request.extensions_mut().insert(arrived.clone());
    let in_flight = request_in_flight();
    let answered = async {
        // Handlers do not panic; if one does, the client gets an answer and the others
        // of this event loop go on.
        let outcome = AssertUnwindSafe(next.call(request)).catch_unwind().await;
        let (outcome, status) = match outcome {
            Ok(Ok(response)) => {
                let (request, response) = response.into_parts();
                let response = complete(response.map_into_boxed_body(), &source);
                let status = response.status();
                (Ok(ServiceResponse::new(request, response)), status)
            }
            Ok(Err(error)) => unanswered(error, source),
            Err(_) => {
                tracing::error!("a handler panicked");
                unanswered(ApiError::new(ErrorCode::InternalError).into(), source)
            }
        };
        telemetry::request_done(status, started, &arrived, &matched);
        drop(in_flight);
        outcome
    };
    answered.instrument(span).await
}

/// An error of a layer that has dropped the request already, so that only actix can answer it.
#[derive(Debug)]
struct Unanswered {
    error: Error,
    source: Source,
}

fn unanswered<T>(error: Error, source: Source) -> (Result<T, Error>, StatusCode) {
    let unanswered = Unanswered { error, source };
    let status = unanswered.status_code();
    (Err(unanswered.into()), status)
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl ResponseError for Unanswered {
    fn status_code(&self) -> StatusCode {
        let response = self.error.error_response();
        foreign::in_our_words(&response).map_or(response.status(), |ours| ours.status_code())
    }

    fn error_response(&self) -> HttpResponse {
        complete(self.error.error_response(), &self.source)
    }
}

/// Writes the body of a refusal and the headers of every answer, and logs the refused caller.
fn complete(mut response: HttpResponse, source: &Source) -> HttpResponse {
    let pending = response.extensions_mut().remove::<PendingProblem>();
    let foreign = || {
        let ours = foreign::in_our_words(&response)?;
        Some(PendingProblem { problem: ours.problem(String::new()), denied: None })
    };
    if let Some(PendingProblem { mut problem, denied }) = pending.or_else(foreign) {
        telemetry::refused(problem.code);
        log_refusal(source, problem.code, problem.retry_after, denied);
        problem.request_id = source.request_id().to_owned();
        *response.status_mut() = problem.code.status();
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        response = response.set_body(BoxBody::new(body));
        let problem_json = HeaderValue::from_static(PROBLEM_JSON);
        response.headers_mut().insert(header::CONTENT_TYPE, problem_json);
    }
    let refused_client = response.extensions_mut().remove::<PendingOauth>();
    if let Some(denied) = refused_client.and_then(|pending| pending.denied) {
        log_denied(source, denied, None);
    }
    stamp(response.headers_mut(), source.request_id());
    response
}

/// The client's id when it is safe to repeat, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    headers
        .get(&REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .filter(|id| (1..=MAX_REQUEST_ID).contains(&id.len()) && id.chars().all(safe))
        .map_or_else(|| Uuid::new_v4().to_string(), str::to_owned)
}

fn stamp(headers: &mut HeaderMap, request_id: &str) {
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(REQUEST_ID, request_id);
    set(API_VERSION, env!("CARGO_PKG_VERSION"));
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(self), microphone=(), geolocation=()",
    );
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    // A page of another origin that may read an answer may know over which protocol it came. Over
    // HTTP/2 the element sends a capture while it is made.
    if let Some(origin) = headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).cloned() {
        headers.insert(HeaderName::from_static("timing-allow-origin"), origin);
    }
    // What answers may know better.
    for (name, value) in
        [(header::CONTENT_SECURITY_POLICY, PAGE_POLICY), (header::CACHE_CONTROL, "no-store")]
    {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}
