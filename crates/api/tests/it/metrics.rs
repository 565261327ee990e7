//! Metrics: who sends what cannot make series, and no series says who.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::OnceLock;

use faceauth_telemetry::metrics::TABLE;
use faceauth_test_support::scripted::Shows;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde_json::json;

use crate::app::App;
use crate::slow::until_closed;

/// The recorder of this process. Other tests count into it, too.
fn recorder() -> &'static PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(|| PrometheusBuilder::new().install_recorder().expect("a recorder"))
}

/// One line of the text format: the name, and its labels in order.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Series {
    name: String,
    labels: Vec<(String, String)>,
}

impl Series {
    fn parse(line: &str) -> Self {
        let (series, _) = line.rsplit_once(' ').expect("a value");
        let Some((name, labels)) = series.split_once('{') else {
            return Self { name: series.to_owned(), labels: Vec::new() };
        };
        let labels = labels.trim_end_matches("\"}").split("\",");
        let labels = labels.map(|label| {
            let (name, word) = label.split_once("=\"").expect("a label");
            (name.to_owned(), word.to_owned())
        });
        Self { name: name.to_owned(), labels: labels.collect() }
    }

    fn label(&self, wanted: &str) -> Option<&str> {
        self.labels.iter().find(|(name, _)| name == wanted).map(|(_, word)| word.as_str())
    }

    /// The name of the metric that a line of a histogram or a summary belongs to.
    fn metric(&self) -> &str {
        let ends = ["_bucket", "_sum", "_count"];
        let known = |name: &str| TABLE.iter().any(|metric| metric.name == name);
        let short = ends.iter().filter_map(|end| self.name.strip_suffix(end));
        short.into_iter().find(|name| known(name)).unwrap_or(&self.name)
    }
}

fn series(text: &str) -> Vec<Series> {
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(Series::parse)
        .collect()
}

/// What a stranger may throw: names, paths, methods, ids, codes, statuses.
fn throw_everything(app: &App, round: usize) {
    let name = format!("stranger-{round}");
    let path = format!("/{name}/%2e%2e/{round}?user={name}");
    for method in ["GET", "POST", "DELETE", "PATCH", "BREW", &format!("M{round}")] {
        app.send(method, &path, &[("user-agent", &name)], &[]);
        for known in ["/verify", "/me", "/healthz", &format!("/me/faces/{name}"), "/docs/x/y"] {
            app.send(method, known, &[("x-request-id", &name)], name.as_bytes());
        }
    }
    app.register(&name, Shows::Person(1));
    app.verify(&name, Shows::Person(2));
    app.post("/detect", &json!({"image": name}));
    app.with_token("GET", "/me", &name);
    app.send("POST", "/verify", &[("content-type", &format!("text/{name}"))], b"{}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_strangers_send_makes_no_series_and_stands_in_none() {
    recorder();
    let app = App::start().await;
    throw_everything(&app, 0);
    let known: BTreeSet<Series> = series(&recorder().render()).into_iter().collect();
    for round in 1..20 {
        throw_everything(&app, round);
    }
    let text = recorder().render();
    assert!(!text.contains("stranger") && !text.contains("BREW"), "{text}");
    assert!(!text.contains("127.0.0.1"), "{text}");

    let found = series(&text);
    let mut by_metric: BTreeMap<&str, usize> = BTreeMap::new();
    for one in &found {
        let metric = TABLE.iter().find(|metric| metric.name == one.metric());
        let metric = metric.unwrap_or_else(|| panic!("{one:?} is not in the table"));
        for (label, word) in &one.labels {
            // Without the buckets that the binary sets, a histogram has quantiles.
            if ["le", "quantile"].contains(&label.as_str()) {
                continue;
            }
            let place = metric.labels.iter().position(|known| known == label);
            let place = place.unwrap_or_else(|| panic!("{label} of {one:?} is not in the table"));
            if let Some(Some(words)) = (metric.words)().get(place) {
                assert!(words.contains(&word.as_str()), "{one:?}");
            }
        }
        *by_metric.entry(metric.name).or_default() += 1;
    }
    // Tests beside this one make series, too: of the routes that they ask, never of strangers.
    let routes = |found: &mut dyn Iterator<Item = &Series>| -> BTreeSet<(String, String)> {
        found
            .filter(|one| one.name == "faceauth_http_requests_total")
            .map(|one| {
                (one.label("method").unwrap().to_owned(), one.label("route").unwrap().to_owned())
            })
            .collect()
    };
    let bound = lines_of_the_table();
    let seen = routes(&mut found.iter());
    assert!(routes(&mut known.iter()).is_subset(&seen));
    assert!(seen.iter().all(|pair| bound.contains(pair)), "{seen:?}");
    let most = |label: &str| match label {
        // The pairs count once.
        "method" => 1,
        "route" => bound.len(),
        "code" => faceauth_api::error::ErrorCode::ALL.len(),
        other => panic!("{other} is listed nowhere"),
    };
    for (name, count) in by_metric {
        let metric = TABLE.iter().find(|metric| metric.name == name).expect("in the table");
        assert!(count <= metric.most_series(most), "{name}: {count}");
    }
    // What one address for Prometheus serves at the most.
    let all: usize = TABLE.iter().map(|metric| metric.most_series(most)).sum();
    assert!(all < 6_000, "{all} series");
}

/// Every pair of a method and a route that may be counted, from the OpenAPI document and the few
/// routes beside it.
fn lines_of_the_table() -> BTreeSet<(String, String)> {
    let document: serde_json::Value =
        serde_json::from_str(&faceauth_api::openapi_json()).expect("a document");
    let paths = document["paths"].as_object().expect("paths");
    let documented = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().expect("methods");
        methods.keys().map(move |method| (method.to_uppercase(), path.clone()))
    });
    let beside = ["/openapi.json", "/docs", "/docs/{file:.*}", "/.well-known/security.txt"];
    let mut lines: BTreeSet<(String, String)> =
        documented.chain(beside.map(|path| ("GET".to_owned(), path.to_owned()))).collect();
    let others: Vec<_> = lines.iter().map(|(_, path)| ("other".to_owned(), path.clone())).collect();
    lines.extend(others);
    lines.insert(("other".to_owned(), "none".to_owned()));
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_refusals_and_decisions_are_counted_by_what_they_were() {
    recorder();
    let app = App::start().await;
    let value = |line: &str| -> f64 {
        let text = recorder().render();
        let found = text.lines().find_map(|known| known.strip_prefix(line)?.trim().parse().ok());
        found.unwrap_or(0.0)
    };
    let lines = [
        "faceauth_http_requests_total{method=\"POST\",route=\"/verify\",status=\"401\"}",
        "faceauth_http_requests_total{method=\"POST\",route=\"/verify\",status=\"200\"}",
        "faceauth_http_requests_total{method=\"other\",route=\"/verify\",status=\"405\"}",
        "faceauth_http_requests_total{method=\"GET\",route=\"/me/faces\",status=\"401\"}",
        "faceauth_refusals_total{code=\"authentication_failed\"}",
        "faceauth_decisions_total{kind=\"verify\",reason=\"non_match\"}",
        "faceauth_decisions_total{kind=\"verify\",reason=\"accepted\"}",
        "faceauth_decisions_total{kind=\"register\",reason=\"accepted\"}",
        "faceauth_stage_duration_seconds_count{stage=\"database\"}",
        "faceauth_database_wait_seconds_count",
    ];
    let before = lines.map(value);
    assert_eq!(app.register("ada", Shows::Person(1)).status, 201);
    assert_eq!(app.verify("ada", Shows::Person(1)).status, 200);
    // Another spelling of the path is the same route.
    let wrong = crate::app::probe("ada", Shows::Person(2));
    assert_eq!(app.post("/%76erify", &wrong).status, 401);
    assert_eq!(app.send("BREW", "/verify", &[], &[]).status, 405);
    assert_eq!(app.get("/me/faces").status, 401);
    for (line, before) in lines.iter().zip(before) {
        // Other tests count as well.
        assert!(value(line) > before, "{line}: {before}\n{}", recorder().render());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_have_an_address_of_their_own() {
    let app = App::start().await;
    assert_eq!(app.get("/metrics").status, 404);

    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let (ready, is_ready) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = faceauth_api::serve_metrics(listener, || "up 1\n".to_owned());
            let server = server.expect("a server");
            ready.send(server.handle()).expect("the test waits");
            server.await.expect("a clean end");
        });
    });
    let handle = is_ready.recv().expect("the server starts");
    let config = ureq::Agent::config_builder().http_status_as_error(false).build();
    let agent = ureq::Agent::new_with_config(config);
    let mut answer = agent.get(format!("{base}/metrics")).call().expect("an answer");
    assert_eq!(answer.status(), 200);
    let format = "text/plain; version=0.0.4; charset=utf-8";
    assert_eq!(answer.headers()["content-type"], format);
    assert_eq!(answer.body_mut().read_to_string().expect("a text"), "up 1\n");
    // Nothing else is there: neither the API nor probes.
    for path in ["/", "/healthz", "/verify"] {
        let answer = agent.get(format!("{base}{path}")).call().expect("an answer");
        assert_eq!(answer.status(), 404, "{path}");
    }
    // Who falls silent in a request does not keep one of the few connections.
    let mut silent = TcpStream::connect(base.trim_start_matches("http://")).expect("connect");
    let head = "GET /metrics HTTP/1.1\r\nHost: metrics.test\r\nTransfer-Encoding: chunked\r\n\r\n";
    silent.write_all(format!("{head}5\r\nhello\r\n").as_bytes()).expect("send");
    assert_eq!(until_closed(&mut silent), 200);
    handle.stop(false).await;
    thread.join().expect("the server ends");
}
