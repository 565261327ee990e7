//! The log of this process, for tests that read it. Servers run on threads of their own, so one
//! subscriber listens to all of them.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, reload};

/// The target of security events, as docs/operations.md names it.
const SECURITY_EVENTS: &str = "faceauth::security";

/// Longest that something takes to be logged on a busy machine.
const LOGGED_WITHIN: Duration = Duration::from_secs(60);

static LOG: OnceLock<Log> = OnceLock::new();

/// The target of the store.
const STORE: &str = "faceauth_store";

/// What was logged since a test first asked.
pub struct Log {
    everything: Captured,
    events: Captured,
    store: Captured,
    filter: reload::Handle<EnvFilter, Registry>,
}

/// Listens from now on.
pub fn log() -> &'static Log {
    LOG.get_or_init(|| {
        let [everything, events, store] = [(); 3].map(|()| Captured::default());
        let (filter, handle) = reload::Layer::new(EnvFilter::new("off"));
        let all = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(everything.clone())
            .with_filter(filter);
        // As an operator who selects these alone: spans are dropped.
        let selected = tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(events.clone())
            .with_filter(Targets::new().with_target(SECURITY_EVENTS, tracing::Level::INFO));
        let warnings = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(store.clone())
            .with_filter(Targets::new().with_target(STORE, tracing::Level::WARN));
        let registry = tracing_subscriber::registry().with(all).with(selected).with(warnings);
        registry.try_init().expect("the only one");
        Log { everything, events, store, filter: handle }
    })
}

impl Log {
    /// Keeps what `filter` selects from now on, of every test that runs.
    pub fn keep(&self, filter: &str) {
        self.filter.reload(EnvFilter::new(filter)).expect("a subscriber");
    }

    /// What was kept.
    pub fn everything(&self) -> String {
        self.everything.text()
    }

    /// Waits until `text` was kept.
    pub async fn wait_for(&self, text: &str) {
        let began = Instant::now();
        while !self.everything().contains(text) {
            assert!(began.elapsed() < LOGGED_WITHIN, "not in the log: {text}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What the store has warned of.
    pub fn warnings_of_the_store(&self) -> String {
        self.store.text()
    }

    /// The security events of a request.
    pub fn events(&self, request_id: &str) -> Vec<Value> {
        let text = self.events.text();
        let lines = text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON"));
        lines.filter(|event: &Value| event["request_id"] == request_id).collect()
    }
}

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
