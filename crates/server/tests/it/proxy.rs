//! The example configurations of proxies, each run before three replicas. All keep the same
//! promises, with the largest bodies that docs/api.md allows.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use faceauth_domain::capture::MAX_IMAGE_BYTES;
use faceauth_domain::clip::MAX_CLIP_BYTES;
use faceauth_test_support::photos;
use image::{Rgb, RgbImage};
use serde_json::Value;

use crate::observability::{scrape, value};
use crate::server::{Server, form};

pub mod kind;
pub mod running;

use kind::Kind;
use running::{Got, Proxy, free_port};

/// The body that nginx refuses by itself: more than 24 MiB.
const ABOVE_EVERY_LIMIT: usize = 12 * 1024 * 1024 + 1;

/// Sign-ins a minute that each replica allows a client.
const SIGN_INS: usize = 5;

/// Longest until a replica that came back gets requests again: a check every two seconds, or five
/// seconds without it, on a busy machine.
const BACK_WITHIN: Duration = Duration::from_secs(60);

/// Longest until an answered request is in the log of its replica.
const LOGGED_WITHIN: Duration = Duration::from_secs(20);

/// Makes a module of tests for each proxy.
macro_rules! proxies {
    ($($module:ident: $kind:expr;)+) => {$(
        mod $module {
            use super::*;

            #[tokio::test(flavor = "multi_thread")]
            async fn it_keeps_its_promises_before_three_replicas() {
                promises($kind).await;
            }

            #[test]
            fn a_service_that_is_away_or_silent_is_answered_as_a_problem() {
                away_or_silent($kind);
            }
        }
    )+};
}

proxies! {
    nginx: Kind::Nginx;
    caddy: Kind::Caddy;
    haproxy: Kind::Haproxy;
}

/// A photo with bytes behind its end, as phones append clips, up to `length`.
fn padded(photo: &str, length: usize) -> Vec<u8> {
    let mut bytes = photos::bytes(photo);
    bytes.resize(length, 0);
    bytes
}

/// Bytes of a clip by their start, which no decoder opens.
fn clip(length: usize) -> Vec<u8> {
    let mut bytes = b"\0\0\0\x18ftypisom\0\0\0\0isommp42".to_vec();
    bytes.resize(length, 0);
    bytes
}

/// Three replicas on one database, with limits, before which a proxy stands.
struct Deployment {
    proxy: Proxy,
    replicas: Vec<Server>,
    /// Where each of them tells its metrics.
    metrics: Vec<u16>,
}

impl Deployment {
    async fn start(kind: Kind) -> Self {
        let bind = || format!("127.0.0.1:{}", free_port());
        let limit = SIGN_INS.to_string();
        let metrics = vec![free_port(), free_port(), free_port()];
        let metrics_bind = |at: usize| format!("127.0.0.1:{}", metrics[at]);
        let first = Server::start_with(
            &format!("proxy-{kind:?}"),
            &[
                ("FACEAUTH__SERVER__TRUSTED_PROXIES", "[\"127.0.0.1/32\"]"),
                ("FACEAUTH__LIMITS__SIGN_IN_PER_MINUTE", &limit),
                ("FACEAUTH__SERVER__BIND", &bind()),
                ("FACEAUTH__SERVER__METRICS_BIND", &metrics_bind(0)),
            ],
        )
        .await;
        let another = |at: usize| {
            first.another(&[
                ("FACEAUTH__SERVER__BIND", &bind()),
                ("FACEAUTH__SERVER__METRICS_BIND", &metrics_bind(at)),
            ])
        };
        let others = [another(1), another(2)];
        let replicas: Vec<Server> = [first].into_iter().chain(others).collect();
        let address = |at: usize| replicas[at].base().replace("http://", "");
        let addresses = [address(0), address(1), address(2)];
        let proxy = Proxy::start(kind, "deployment", &addresses, &[]);
        Self { proxy, replicas, metrics }
    }

    /// How many frames all replicas have looked at before their capture was whole.
    fn looked_ahead(&self) -> f64 {
        let of = |port: &u16| value(&scrape(*port), "faceauth_frames_ahead_total");
        self.metrics.iter().map(of).sum()
    }

    /// How many requests of this path each replica has answered.
    fn answered(&self, path: &str) -> Vec<usize> {
        let path = format!("\"path\":\"{path}\"");
        let of = |replica: &Server| {
            let log = replica.log();
            log.lines().filter(|line| line.contains("answered") && line.contains(&path)).count()
        };
        self.replicas.iter().map(of).collect()
    }

    /// Asks for `path` in the name of `client`.
    fn ask(&self, client: &str, path: &str) -> u16 {
        self.proxy.curl_from(client, path, &[]).status
    }
}

async fn promises(kind: Kind) {
    let mut deployment = Deployment::start(kind).await;
    names_are_read_alike_however_they_are_written(&deployment);
    the_largest_documented_bodies_pass(&deployment);
    a_capture_passes_while_it_is_made(&deployment);
    batches_pass_or_are_refused(kind, &deployment);
    a_client_has_its_limit_once(&deployment);
    a_replica_that_goes_away_is_left_out(kind, &mut deployment);
}

fn names_are_read_alike_however_they_are_written(deployment: &Deployment) {
    let Deployment { proxy, replicas, .. } = deployment;
    for version in ["--http1.1", "--http2"] {
        let health = proxy.curl("/healthz", &[version]);
        assert_eq!(health.status, 200);
        assert_eq!(health.header("strict-transport-security"), "max-age=31536000");
        let spoken = health.headers.starts_with("HTTP/2 ");
        assert_eq!(spoken, version == "--http2", "{}", health.headers);
    }
    // What the inside alone may ask stays inside.
    for hidden in
        ["/readyz", "/%72eadyz", "//readyz", "/x/../readyz", "/readyz/", "/readyz%2f", "/METRICS"]
    {
        let got = proxy.curl(hidden, &[]);
        assert_eq!((got.status, got.code().as_str()), (404, "not_found"), "{hidden}");
        assert_eq!(got.header("strict-transport-security"), "max-age=31536000", "{hidden}");
        assert_eq!(got.header("retry-after"), "", "{hidden}");
    }
    assert_eq!(deployment.answered("/readyz/"), [0; 3], "the proxy itself answers");
    // The proxy does not rewrite a name: the service answers as it does without one.
    for path in ["/%76erify", "/verif%79", "//verify", "/nothing%2Fhere"] {
        let direct = replicas[0].post(path, "text/plain", b"x");
        let content_type = "Content-Type: text/plain";
        let got = proxy.curl_from("127.0.0.9", path, &["-H", content_type, "-d", "x"]);
        assert_eq!((got.status, got.code()), (direct.status, direct.code()), "{path}");
    }

    let plain = format!("http://127.0.0.1:{}/verify?x=1", proxy.plain);
    let config = ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false);
    let agent = ureq::Agent::new_with_config(config.build());
    let moved = agent.get(plain).header("Host", "login.example.org").call().expect("an answer");
    assert!((301..=308).contains(&moved.status().as_u16()), "{}", moved.status());
    let location = moved.headers()["location"].to_str().expect("a text");
    assert!(location.starts_with("https://login.example.org"), "{location}");
    assert!(location.ends_with("/verify?x=1"), "{location}");
}

/// Sends a clip for a fresh session.
fn send_clip(proxy: &Proxy, client: &str, length: usize) -> Got {
    let json = "Content-Type: application/json";
    let session = proxy.curl_from(client, "/liveness/sessions", &["-H", json, "-d", "{}"]);
    assert_eq!(session.status, 201, "{}", String::from_utf8_lossy(&session.body));
    let session: Value = serde_json::from_slice(&session.body).expect("JSON");
    let text = |name: &str| format!("{name}={}", session[name].as_str().expect("a text"));
    let file = format!("video_clip=@{};type=video/mp4", proxy.file("clip.mp4", &clip(length)));
    let (id, nonce) = (text("session_id"), text("nonce"));
    proxy.curl_from(client, "/liveness", &["-F", &id, "-F", &nonce, "-F", &file])
}

fn the_largest_documented_bodies_pass(deployment: &Deployment) {
    let proxy = &deployment.proxy;
    // A picture of 10 MiB, over both versions of HTTP, at two replicas.
    let photo = proxy.file("photo.jpg", &padded(photos::OBAMA, MAX_IMAGE_BYTES));
    let picture = format!("face_image=@{photo}");
    let consent = ["-F", "consent.granted=true", "-F", "consent.policy_version=1"];
    let form = [&["--http2", "-F", "username=barack", "-F", &picture][..], &consent].concat();
    let enrolled = proxy.curl_from("127.0.0.11", "/register", &form);
    assert_eq!(enrolled.status, 201, "{}", String::from_utf8_lossy(&enrolled.body));
    let sign_in = ["--http1.1", "-F", "username=barack", "-F", &picture];
    for client in ["127.0.0.12", "127.0.0.13", "127.0.0.14"] {
        assert_eq!(proxy.curl_from(client, "/verify", &sign_in).status, 200);
    }

    // The largest clip reaches the decoder, which finds nothing in it.
    assert_eq!(send_clip(proxy, "127.0.0.15", MAX_CLIP_BYTES).status, 422);
    // Above the limit of the service, and above that of the proxy if it has one, a problem comes.
    let above = send_clip(proxy, "127.0.0.16", MAX_CLIP_BYTES + 1);
    assert_eq!((above.status, above.code().as_str()), (413, "payload_too_large"));
    let file = format!("@{}", proxy.file("huge", &clip(ABOVE_EVERY_LIMIT)));
    for version in ["--http1.1", "--http2"] {
        let arguments = [version, "-H", "Content-Type: application/json", "--data-binary", &file];
        let huge = proxy.curl_from("127.0.0.17", "/verify", &arguments);
        assert_eq!((huge.status, huge.code().as_str()), (413, "payload_too_large"));
        assert_eq!(huge.header("strict-transport-security"), "max-age=31536000");
    }
}

/// A body without a length is passed on bit by bit, so the service looks at each frame while the
/// next one is sent.
fn a_capture_passes_while_it_is_made(deployment: &Deployment) {
    const FRAMES: u8 = 8;
    const FRAME_MS: u32 = 500;
    /// What is sent of a frame at once, and how often while the frame before it is waited for: more
    /// than the slowest line carries.
    const PIECE: usize = 4 * 1024;
    const PIECE_EVERY: Duration = Duration::from_millis(100);
    /// What follows a picture in its file is not looked at, and takes its time.
    const FRAME_BYTES: usize = 25 * PIECE;
    let proxy = &deployment.proxy;
    for (client, version) in [("127.0.0.21", "--http2"), ("127.0.0.22", "--http1.1")] {
        let json = ["-H", "Content-Type: application/json", "-d", "{}"];
        let session: Value =
            serde_json::from_slice(&proxy.curl_from(client, "/liveness/sessions", &json).body)
                .expect("a session");
        let text = |name: &str| session[name].as_str().expect("a text").as_bytes();
        let times: Vec<String> =
            (0..u32::from(FRAMES)).map(|index| (index * FRAME_MS).to_string()).collect();
        let picture = |index| {
            let shade = Rgb([16 * index; 3]);
            let mut jpeg = photos::jpeg(&RgbImage::from_pixel(320, 240, shade), 90);
            jpeg.resize(FRAME_BYTES, 0);
            jpeg
        };
        let pictures: Vec<Vec<u8>> = (0..FRAMES).map(picture).collect();
        let pairs = times.iter().zip(&pictures).flat_map(|(time, picture)| {
            [("t_ms", None, time.as_bytes()), ("frames", Some("image/jpeg"), picture.as_slice())]
        });
        let fields: Vec<_> =
            [("session_id", None, text("session_id")), ("nonce", None, text("nonce"))]
                .into_iter()
                .chain(pairs)
                .collect();
        let (media_type, body) = form(&fields);

        let before = deployment.looked_ahead();
        let mut posting = proxy.begin(client, "/liveness", version, &media_type);
        let mut pieces = body.chunks(PIECE).enumerate().peekable();
        while let Some((index, piece)) = pieces.next() {
            // So many frames are there, but for a few bytes of the last of them.
            let whole = (index * PIECE / FRAME_BYTES).min(usize::from(FRAMES) - 1);
            let seen = deployment.looked_ahead() - before;
            if pieces.peek().is_none() {
                let others = f64::from(FRAMES - 1);
                assert!(seen >= others, "{version}: {seen} frames before the last piece");
            }
            posting.send(piece);
            if seen < whole as f64 {
                std::thread::sleep(PIECE_EVERY);
            }
        }
        let got = posting.end();
        assert_eq!(got.status, 200, "{}", String::from_utf8_lossy(&got.body));
        let verdict: Value = serde_json::from_slice(&got.body).expect("JSON");
        assert_eq!(verdict["live"], false, "{verdict}");
    }
}

fn batches_pass_or_are_refused(kind: Kind, deployment: &Deployment) {
    let proxy = &deployment.proxy;
    if !kind.carries_batches() {
        // What the proxy cannot carry is refused at once, under every name, instead of hanging.
        for batch in ["/register/batch", "/register/%62atch", "//register//batch"] {
            let got = proxy.curl(batch, &["-X", "POST", "-d", "{}"]);
            assert_eq!((got.status, got.code().as_str()), (403, "enrolment_not_allowed"));
            assert_eq!(got.header("strict-transport-security"), "max-age=31536000");
        }
        return;
    }
    // Many megabytes, whose first lines are answered long before the last ones are sent.
    const LINES: usize = 24;
    let create = ["keys", "api", "create", "--label", "batch", "--scope", "enrol", "--days", "1"];
    let key = deployment.replicas[0].operator(&create).output().expect("run").stdout;
    let key = format!("X-Api-Key: {}", String::from_utf8(key).expect("text").trim());
    let line = format!(
        "{{\"username\":\"a\",\"face_image\":\"{}\",\"consent\":{{\"policy_version\":\"1\",\
         \"granted\":true}}}}\n",
        "A".repeat(1024 * 1024)
    );
    let file = format!("@{}", proxy.file("batch", line.repeat(LINES).as_bytes()));
    for version in ["--http1.1", "--http2"] {
        let arguments = ["-H", "Content-Type: application/x-ndjson", "--data-binary", &file];
        let got = proxy.curl("/register/batch", &[&[version, "-H", &key], &arguments[..]].concat());
        assert_eq!(got.status, 200, "{}", String::from_utf8_lossy(&got.body));
        let answers = String::from_utf8_lossy(&got.body).lines().count();
        assert_eq!(answers, LINES, "{}", String::from_utf8_lossy(&got.body));
    }
}

/// Each replica counts by itself, so a client has to stay at one. What the client says of itself in
/// `X-Forwarded-For` changes nothing.
fn a_client_has_its_limit_once(deployment: &Deployment) {
    let proxy = &deployment.proxy;
    for (client, other) in [("127.0.0.31", "127.0.0.32"), ("127.0.0.33", "127.0.0.34")] {
        let sign_in = |at: usize, client| {
            let forged = format!("X-Forwarded-For: 203.0.113.{at}");
            let arguments = ["-H", &forged, "-H", "Content-Type: text/plain", "-d", "x"];
            proxy.curl_from(client, "/verify", &arguments)
        };
        for at in 0..SIGN_INS {
            assert_eq!(sign_in(at, client).status, 415, "{at} of {client}");
        }
        let refused = sign_in(SIGN_INS, client);
        assert_eq!((refused.status, refused.code().as_str()), (429, "rate_limited"));
        assert_eq!(sign_in(0, other).status, 415, "another client has its own");
    }
}

fn a_replica_that_goes_away_is_left_out(kind: Kind, deployment: &mut Deployment) {
    // Clients are spread, and each one stays where it is.
    let clients: Vec<String> = (1..=40).map(|at| format!("127.0.1.{at}")).collect();
    for client in &clients {
        let path = format!("/of-{client}");
        assert_eq!([deployment.ask(client, &path), deployment.ask(client, &path)], [404; 2]);
        let started = Instant::now();
        // The log arrives a little after the answer.
        while deployment.answered(&path).iter().sum::<usize>() < 2 {
            assert!(started.elapsed() < LOGGED_WITHIN, "{:?}", deployment.answered(&path));
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(deployment.answered(&path).contains(&2), "{:?}", deployment.answered(&path));
    }
    let homes: Vec<usize> = clients.iter().map(|client| home(deployment, client)).collect();
    for replica in 0..deployment.replicas.len() {
        assert!(homes.contains(&replica), "replica {replica} has no clients: {homes:?}");
    }

    // Nobody notices that a replica is killed, not even with a body, except where the proxy cannot
    // send a body to another one. There the first client learns when to try again.
    let (client, gone) = (&clients[0], homes[0]);
    deployment.replicas[gone].kill();
    while deployment.replicas[gone].ended().is_none() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let form = ["-F", "username=barack", "-F", "face_image=x"];
    let post = || deployment.proxy.curl_from(client, "/verify", &form);
    if !kind.retries_bodies() {
        let first = post();
        let answer = (first.status, first.code());
        // On a slow machine its next check comes first, and then nothing is lost.
        let known = [(502, "overloaded"), (415, "unsupported_media_type")];
        assert!(known.contains(&(answer.0, answer.1.as_str())), "{answer:?} for {client}");
    }
    let posted = post();
    assert_eq!(
        (posted.status, posted.code().as_str()),
        (415, "unsupported_media_type"),
        "{client}"
    );
    for client in &clients {
        assert_eq!(deployment.ask(client, "/healthz"), 200, "{client}");
    }

    // It comes back, and so do its clients.
    deployment.replicas[gone].restart();
    let started = Instant::now();
    for asked in 0.. {
        assert!(started.elapsed() < BACK_WITHIN, "no client after {:?}", started.elapsed());
        let path = format!("/back-{asked}");
        assert_eq!(deployment.ask(client, &path), 404);
        if deployment.answered(&path)[gone] == 1 {
            return;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Which replica a client that asked twice was sent to.
fn home(deployment: &Deployment, client: &str) -> usize {
    let answered = deployment.answered(&format!("/of-{client}"));
    answered.iter().position(|count| *count == 2).expect("one replica")
}

fn away_or_silent(kind: Kind) {
    let silent: Vec<TcpListener> =
        (0..3).map(|_| TcpListener::bind("127.0.0.1:0").expect("a port")).collect();
    let address = |at: usize| silent[at].local_addr().expect("an address").to_string();
    let addresses = [address(0), address(1), address(2)];
    let proxy = Proxy::start(kind, "silent", &addresses, &[kind.impatient()]);
    let got = proxy.curl("/me", &[]);
    // A proxy that has found out by its own checks that nobody answers says 503.
    assert!(matches!(got.status, 503 | 504), "{}", got.headers);
    assert_eq!((got.code().as_str(), got.header("retry-after").as_str()), ("overloaded", "5"));
    drop(silent);
    let got = proxy.curl("/me", &[]);
    assert!(matches!(got.status, 502 | 503), "{}", got.headers);
    assert_eq!((got.code().as_str(), got.header("retry-after").as_str()), ("overloaded", "5"));
    assert_eq!(got.header("strict-transport-security"), "max-age=31536000");
    assert_eq!(proxy.curl("/readyz", &[]).header("retry-after"), "");
}

/// A head that nginx cannot read is a problem as well. HAProxy answers with a page of its own, and
/// Caddy passes such a head on.
#[test]
fn nginx_refuses_a_large_head_as_a_problem() {
    let nobody = [1, 2, 3].map(|_| format!("127.0.0.1:{}", free_port()));
    let nginx = Proxy::start(Kind::Nginx, "head", &nobody, &[]);
    let long = format!("X-Long: {}", "x".repeat(40_000));
    let refused = nginx.curl("/healthz", &["--http1.1", "-H", &long]);
    assert_eq!((refused.status, refused.code().as_str()), (400, "invalid_field"));
}
