//! What browsers let pages of other origins do (CORS).
//!
//! The rules stand around each path that the router found, so that they can differ from path to
//! path and nothing reads the path as it was sent.

use actix_cors::Cors;
use actix_web::http::{Method, header};

use crate::header_names;
use crate::routes::Origins;
use crate::settings::Origin;

/// How long browsers may keep a preflight's answer.
const PREFLIGHT_SECONDS: usize = 600;
/// Headers that a page's tools add to every request without being asked: tracing (W3C Trace
/// Context and Baggage, Sentry) and libraries that mark their requests.
const SENT_BY_TOOLS: [&str; 5] =
    ["traceparent", "tracestate", "baggage", "sentry-trace", "x-requested-with"];

/// The rules of a deployment.
#[derive(Debug, Clone)]
pub(crate) struct CrossOrigin {
    listed: Vec<Origin>,
    methods: Vec<Method>,
}

impl CrossOrigin {
    /// `listed` are the origins that the operator named, `methods` those of any route.
    pub(crate) fn new(listed: Vec<Origin>, methods: Vec<Method>) -> Self {
        Self { listed, methods }
    }

    /// The rules for answers that `origins` may read. Cookies are never allowed.
    pub(crate) fn rules(&self, origins: Origins) -> Cors {
        match origins {
            Origins::Listed => self.listed(),
            Origins::Any => self.common().allow_any_origin().send_wildcard(),
        }
    }

    /// Exactly the configured origins; none means no browser of another origin.
    pub(crate) fn listed(&self) -> Cors {
        self.listed.iter().fold(self.common(), |cors, origin| cors.allowed_origin(origin.as_str()))
    }

    fn common(&self) -> Cors {
        Cors::default()
            .allowed_methods(self.methods.clone())
            .allowed_headers([
                header::AUTHORIZATION,
                header::CONTENT_TYPE,
                header::HeaderName::from_static("idempotency-key"),
                header_names::REQUEST_ID,
            ])
            .allowed_headers(SENT_BY_TOOLS)
            .expose_headers([
                header::LOCATION,
                header::RETRY_AFTER,
                header_names::REQUEST_ID,
                header_names::API_VERSION,
                header::HeaderName::from_static("ratelimit"),
                header::HeaderName::from_static("ratelimit-policy"),
            ])
            .max_age(PREFLIGHT_SECONDS)
    }
}
