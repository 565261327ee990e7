//! Metrics and traces of a running service.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use faceauth_telemetry::metrics::TABLE;
use faceauth_test_support::photos;

use crate::server::Server;

/// Longest a batch of spans takes to leave: the exporter sends every five seconds.
const EXPORTED_WITHIN: Duration = Duration::from_secs(60);

/// A free port of this machine.
pub fn port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

pub fn scrape(port: u16) -> String {
    let url = format!("http://127.0.0.1:{port}/metrics");
    let mut answer = ureq::get(url).call().expect("metrics");
    answer.body_mut().read_to_string().expect("a text")
}

/// The value of a line of the text format.
pub fn value(text: &str, series: &str) -> f64 {
    let found = text.lines().find_map(|line| line.strip_prefix(series)?.trim().parse().ok());
    found.unwrap_or_else(|| panic!("no {series} in\n{text}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_is_measured_stage_by_stage() {
    let port = port();
    let bind = format!("127.0.0.1:{port}");
    let server = Server::start_with("metrics", &[("FACEAUTH__SERVER__METRICS_BIND", &bind)]).await;
    assert_eq!(server.get("/metrics", None).status, 404);
    server.register("ada", &photos::bytes(photos::OBAMA));
    server.verify("ada", &photos::bytes(photos::OBAMA));

    let text = scrape(port);
    for stage in ["decode", "detect", "landmarks", "align", "pad", "embed", "database"] {
        let count = format!("faceauth_stage_duration_seconds_count{{stage=\"{stage}\"}}");
        assert!(value(&text, &count) >= 2.0, "{stage}");
    }
    assert!(text.contains("faceauth_stage_duration_seconds_bucket{stage=\"detect\",le=\"0.04\"}"));
    assert_eq!(value(&text, "faceauth_decisions_total{kind=\"verify\",reason=\"accepted\"}"), 1.0);
    assert_eq!(value(&text, "faceauth_queue_wait_seconds_count{task=\"recognise\"}"), 1.0);
    for (gauge, least) in [
        ("faceauth_workers", 1.0),
        ("faceauth_database_connections_max", 1.0),
        ("faceauth_database_connections{state=\"idle\"}", 1.0),
        ("faceauth_key_written_timestamp_seconds{key=\"token_signing\"}", 1e9),
        ("faceauth_key_written_timestamp_seconds{key=\"template_seal\"}", 1e9),
        ("faceauth_weights_written_timestamp_seconds{weights=\"embedding\"}", 1e9),
        ("faceauth_start_timestamp_seconds", 1e9),
    ] {
        assert!(value(&text, gauge) >= least, "{gauge}");
    }
    // What has not happened is zero, and not missing.
    assert_eq!(value(&text, "faceauth_decisions_total{kind=\"verify\",reason=\"locked\"}"), 0.0);
    assert_eq!(value(&text, "faceauth_clips_total{result=\"failed\"}"), 0.0);
    // Nothing is left behind when nothing happens.
    for gauge in
        ["faceauth_queue_depth", "faceauth_workers_busy", "faceauth_http_requests_in_flight"]
    {
        assert_eq!(value(&text, gauge), 0.0, "{gauge}");
    }
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(value(&text, &format!("faceauth_build_info{{version=\"{version}\"}}")), 1.0);
    assert!(!text.contains("ada"), "{text}");
    // Every metric says what it is.
    for line in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let name = line.split(' ').next().unwrap_or_default();
        assert!(TABLE.iter().any(|metric| metric.name == name), "{name}");
        assert!(text.contains(&format!("# HELP {name} ")), "{name}");
    }
}

/// A collector of traces: it keeps what it is sent. A frozen one takes connections and says nothing.
struct Collector {
    address: String,
    batches: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Collector {
    fn start(frozen: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let batches = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&batches);
        std::thread::spawn(move || {
            let mut held = Vec::new();
            for stream in listener.incoming().flatten() {
                if frozen {
                    held.push(stream);
                } else if let Some(batch) = receive(stream) {
                    kept.lock().unwrap_or_else(PoisonError::into_inner).push(batch);
                }
            }
        });
        Self { address: format!("http://{address}/v1/traces"), batches }
    }

    fn received(&self) -> Vec<u8> {
        self.batches.lock().unwrap_or_else(PoisonError::into_inner).concat()
    }

    /// What was received, once it contains `wanted`.
    fn wait_for(&self, wanted: &[u8]) -> Vec<u8> {
        let until = Instant::now() + EXPORTED_WITHIN;
        loop {
            let received = self.received();
            if contains(&received, wanted) {
                return received;
            }
            assert!(Instant::now() < until, "not received: {wanted:?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// Reads one request, and answers it.
fn receive(stream: TcpStream) -> Option<Vec<u8>> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    reader.into_inner().write_all(answer).ok()?;
    Some(body)
}

fn contains(text: &[u8], wanted: &[u8]) -> bool {
    text.windows(wanted.len()).any(|window| window == wanted)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_goes_on_in_the_service_and_names_nobody() {
    let collector = Collector::start(false);
    let settings = [
        ("FACEAUTH__TRACING__OTLP_ENDPOINT", collector.address.as_str()),
        ("FACEAUTH__LOG__FORMAT", "json"),
    ];
    let server = Server::start_with("traces", &settings).await;
    server.register("trace-ada", &photos::bytes(photos::OBAMA));
    server.verify("trace-ada", &photos::bytes(photos::OBAMA));
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let parent = format!("00-{trace}-00f067aa0ba902b7-01");
    let url = format!("{}/me/faces/secret-id?user=trace-ada", server.base());
    let answer = ureq::delete(url).header("traceparent", &parent).call();
    assert!(answer.is_err(), "nobody is signed in");

    let id = u128::from_str_radix(trace, 16).expect("hexadecimal").to_be_bytes();
    let received = collector.wait_for(&id);
    let received = [received, collector.wait_for(b"POST /verify")].concat();
    for span in ["POST /register", "DELETE /me/faces/{id}", "database", "decode", "detect", "embed"]
    {
        assert!(contains(&received, span.as_bytes()), "{span}");
    }
    let parent_span = 0x00f0_67aa_0ba9_02b7_u64.to_be_bytes();
    assert!(contains(&received, &parent_span), "the caller's span is the parent");
    for private in ["ada", "secret-id", "127.0.0.1", "request_id", "account:", "security event"] {
        assert!(!contains(&received, private.as_bytes()), "{private}");
    }
    // Logs and traces are found by the same id, also of traces that begin here.
    let log = server.log();
    assert!(log.contains(&format!("\"trace_id\":\"{trace}\"")), "{log}");
    let verify = log.lines().find(|line| line.contains("\"route\":\"/verify\"")).expect("a line");
    assert!(verify.contains("\"trace_id\":\""), "{verify}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_collector_holds_up_neither_requests_nor_the_end() {
    let collector = Collector::start(true);
    let settings = [("FACEAUTH__TRACING__OTLP_ENDPOINT", collector.address.as_str())];
    let server = Server::start_with("frozen-traces", &settings).await;
    // Many times what the queue of spans holds.
    for _ in 0..3000 {
        assert_eq!(server.get("/healthz", None).status, 200);
    }
    server.register("ada", &photos::bytes(photos::OBAMA));
    server.verify("ada", &photos::bytes(photos::OBAMA));
    // The exporter waits for the collector once more, and then the process ends.
    assert!(server.stop().success());
}
