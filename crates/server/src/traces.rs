//! Traces over OTLP, when an operator asks for them.
//!
//! Spans leave by a queue of bounded length. A collector that is slow, frozen or gone costs
//! requests nothing: when the queue is full, spans are dropped.
//!
//! Architecture invariant: only attributes that [`ALLOWED`] names leave, and no log line does. So a
//! new field of a span stays here until somebody has decided that it holds no person, no name and
//! no address.

use std::borrow::Cow;
use std::time::Duration;

use anyhow::Context as _;
use async_trait::async_trait;
use bytes::Bytes;
use faceauth_telemetry::trace::{self, TraceParent, Tracing};
use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceContextExt as _, TraceFlags, TraceId, TraceState,
    TracerProvider as _,
};
use opentelemetry::{Context, Value};
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracer, SdkTracerProvider, SpanData,
    SpanExporter,
};
use tracing::{Metadata, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// Where traces go.
#[derive(Debug, Clone, PartialEq)]
pub struct TraceSettings {
    /// The address of the collector, with its path.
    pub endpoint: String,
    /// The share of the traces begun here that is recorded, 0 to 1.
    pub sample_ratio: f64,
}

/// How long one batch may take. A collector on the same network answers in milliseconds.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long the end of the process waits for the last spans.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(4);
/// Spans that may wait: about a hundred sign-ins, which take 2 MB.
const MAX_QUEUE: usize = 2048;

/// The fields of our spans that leave, and what OpenTelemetry calls them.
const ALLOWED: [(&str, &str); 3] = [
    ("method", "http.request.method"),
    ("route", "http.route"),
    ("status", "http.response.status_code"),
];

/// The span of a request.
const REQUEST: &str = "request";
/// The span of one try to deliver an event.
const WEBHOOK: &str = "webhook";

/// The exporter of this process. Dropping it sends what waits.
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Starts the thread that sends spans to `settings.endpoint`.
    ///
    /// # Errors
    /// When the endpoint is no address.
    pub fn start(settings: &TraceSettings) -> anyhow::Result<Self> {
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_http_client(Client::new())
            .with_endpoint(&settings.endpoint)
            .with_timeout(EXPORT_TIMEOUT)
            .build()
            .context("tracing.otlp_endpoint")?;
        let config = BatchConfigBuilder::default().with_max_queue_size(MAX_QUEUE).build();
        let processor =
            BatchSpanProcessor::builder(Allowed(exporter)).with_batch_config(config).build();
        let sampler = Sampler::TraceIdRatioBased(settings.sample_ratio);
        let provider = SdkTracerProvider::builder()
            .with_span_processor(processor)
            .with_sampler(Sampler::ParentBased(Box::new(sampler)))
            .with_resource(Resource::builder_empty().with_service_name("faceauth").build())
            .build();
        trace::install(Box::new(Bridge));
        Ok(Self(provider))
    }

    /// What makes spans.
    #[must_use]
    pub fn tracer(&self) -> SdkTracer {
        self.0.tracer("faceauth")
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        // A collector that does not answer has had its time.
        let _ = self.0.shutdown_with_timeout(SHUTDOWN_TIMEOUT);
    }
}

/// Whether something is a span of ours. Log lines are never exported.
pub fn is_exported(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target().starts_with("faceauth")
}

/// Connects our spans with the traces of callers.
struct Bridge;

impl Tracing for Bridge {
    fn adopt(&self, span: &Span, parent: TraceParent) {
        let flags = if parent.sampled { TraceFlags::SAMPLED } else { TraceFlags::default() };
        let remote = SpanContext::new(
            TraceId::from(parent.trace),
            SpanId::from(parent.span),
            flags,
            true,
            TraceState::default(),
        );
        // A span that logs and traces leave out has no parent.
        let _ = span.set_parent(Context::new().with_remote_span_context(remote));
    }

    fn place(&self, span: &Span) -> Option<TraceParent> {
        let context = span.context();
        let context = context.span().span_context().clone();
        context.is_valid().then(|| TraceParent {
            trace: u128::from_be_bytes(context.trace_id().to_bytes()),
            span: u64::from_be_bytes(context.span_id().to_bytes()),
            sampled: context.is_sampled(),
        })
    }
}

/// Lets out what [`ALLOWED`] names, in the words of OpenTelemetry.
#[derive(Debug)]
struct Allowed<E>(E);

impl<E: SpanExporter> SpanExporter for Allowed<E> {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        batch.iter_mut().for_each(tidy);
        self.0.export(batch).await
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

/// Leaves of a span what may leave the process, and names it as OpenTelemetry does.
fn tidy(span: &mut SpanData) {
    span.attributes.retain_mut(|attribute| {
        let found = ALLOWED.iter().find(|(field, _)| *field == attribute.key.as_str());
        if let Some((_, name)) = found {
            attribute.key = (*name).into();
        }
        found.is_some()
    });
    span.events = opentelemetry_sdk::trace::SpanEvents::default();
    span.links = opentelemetry_sdk::trace::SpanLinks::default();
    if let Status::Error { .. } = span.status {
        span.status = Status::error(Cow::Borrowed(""));
    }
    if span.name == REQUEST {
        as_request(span);
    } else if span.name == WEBHOOK {
        span.span_kind = SpanKind::Client;
    }
}

/// Names the span of a request by its route, and says how it ended.
fn as_request(span: &mut SpanData) {
    span.span_kind = SpanKind::Server;
    let value = |name: &str| {
        span.attributes.iter().find(|attribute| attribute.key.as_str() == name).map(|a| &a.value)
    };
    let failed = match value("http.response.status_code") {
        Some(Value::I64(status)) => *status >= 500,
        _ => false,
    };
    let name = match (value("http.request.method"), value("http.route")) {
        (Some(method), Some(route)) => format!("{} {}", method.as_str(), route.as_str()),
        (Some(method), None) => method.as_str().into_owned(),
        _ => REQUEST.to_owned(),
    };
    span.name = Cow::Owned(name);
    if failed {
        span.status = Status::error(Cow::Borrowed(""));
    }
}

/// Sends batches. It blocks the thread of the exporter, and no other.
#[derive(Debug)]
struct Client(ureq::Agent);

impl Client {
    fn new() -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(EXPORT_TIMEOUT))
            .http_status_as_error(false)
            .max_redirects(0)
            // The endpoint is what the operator wrote, whatever the environment says.
            .proxy(None);
        Self(ureq::Agent::new_with_config(config.build()))
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let request = http::Request::from_parts(parts, body.to_vec());
        let mut answer = self.0.run(request)?;
        let body = answer.body_mut().read_to_vec()?;
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = answer.status();
        Ok(response)
    }
}
