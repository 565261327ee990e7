//! The example configuration of the proxy, run against what docs/api.md allows.

use std::net::TcpListener;

use faceauth_domain::capture::MAX_IMAGE_BYTES;
use faceauth_domain::clip::MAX_CLIP_BYTES;
use faceauth_test_support::photos;
use serde_json::Value;

use crate::server::Server;

mod nginx;

use nginx::{Got, Nginx};

/// What the example allows of a body that is not a batch.
const PROXY_LIMIT: usize = 24 * 1024 * 1024;

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

/// Sends a clip for a fresh session.
fn send_clip(nginx: &Nginx, length: usize) -> Got {
    let json = "Content-Type: application/json";
    let session = nginx.curl("/liveness/sessions", &["-H", json, "-d", "{}"]);
    assert_eq!(session.status, 201, "{}", String::from_utf8_lossy(&session.body));
    let session: Value = serde_json::from_slice(&session.body).expect("JSON");
    let text = |name: &str| format!("{name}={}", session[name].as_str().expect("a text"));
    let file = format!("video_clip=@{};type=video/mp4", nginx.file("clip.mp4", &clip(length)));
    let (id, nonce) = (text("session_id"), text("nonce"));
    nginx.curl("/liveness", &["-F", &id, "-F", &nonce, "-F", &file])
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_documented_bodies_pass_the_proxy() {
    let server = Server::start_with(
        "proxy-bodies",
        &[("FACEAUTH__SERVER__TRUSTED_PROXIES", "[\"127.0.0.1/32\"]")],
    )
    .await;
    let nginx = Nginx::start("nginx-bodies", server.base(), &[]);

    // A picture of 10 MiB, over both versions of HTTP.
    let photo = nginx.file("photo.jpg", &padded(photos::OBAMA, MAX_IMAGE_BYTES));
    let picture = format!("face_image=@{photo}");
    let consent = ["-F", "consent.granted=true", "-F", "consent.policy_version=1"];
    let form = [&["--http2", "-F", "username=barack", "-F", &picture][..], &consent].concat();
    let enrolled = nginx.curl("/register", &form);
    assert_eq!(enrolled.status, 201, "{}", String::from_utf8_lossy(&enrolled.body));
    let sign_in = ["--http1.1", "-F", "username=barack", "-F", &picture];
    assert_eq!(nginx.curl("/verify", &sign_in).status, 200);

    // A clip of 20 MiB reaches the decoder, which finds nothing in it.
    assert_eq!(send_clip(&nginx, MAX_CLIP_BYTES).status, 422);
    // Above the limit the service answers, and above its own the proxy, both as a problem.
    let above = send_clip(&nginx, MAX_CLIP_BYTES + 1024 * 1024);
    assert_eq!((above.status, above.code().as_str()), (413, "payload_too_large"));
    for version in ["--http1.1", "--http2"] {
        let file = nginx.file("huge", &clip(PROXY_LIMIT + 1));
        let huge = nginx.curl("/verify", &[version, "--data-binary", &format!("@{file}")]);
        assert_eq!((huge.status, huge.code().as_str()), (413, "payload_too_large"));
        assert_eq!(huge.header("strict-transport-security"), "max-age=31536000");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_read_alike_however_they_are_written() {
    let server = Server::start("proxy-paths").await;
    let nginx = Nginx::start("nginx-paths", server.base(), &[]);
    let health = nginx.curl("/healthz", &[]);
    assert_eq!(health.status, 200);
    assert_eq!(health.header("strict-transport-security"), "max-age=31536000");
    // What the inside alone may ask stays inside.
    for hidden in ["/readyz", "/%72eadyz", "//readyz", "/x/../readyz", "/readyz/", "/METRICS"] {
        let got = nginx.curl(hidden, &[]);
        assert_eq!((got.status, got.code().as_str()), (404, "not_found"), "{hidden}");
        assert_eq!(got.header("strict-transport-security"), "max-age=31536000", "{hidden}");
    }
    // The proxy does not rewrite a name: the service answers as it does without one.
    for path in ["/%76erify", "/verif%79", "//verify", "/nothing%2Fhere"] {
        let direct = server.post(path, "text/plain", b"x");
        let got = nginx.curl(path, &["-H", "Content-Type: text/plain", "-d", "x"]);
        assert_eq!((got.status, got.code()), (direct.status, direct.code()), "{path}");
    }
    // What nginx cannot carry is refused at once, under every name, instead of hanging.
    for batch in ["/register/batch", "/register/%62atch", "//register//batch"] {
        let got = nginx.curl(batch, &["-X", "POST", "-d", "{}"]);
        assert_eq!((got.status, got.code().as_str()), (403, "enrolment_not_allowed"), "{batch}");
        assert_eq!(got.header("strict-transport-security"), "max-age=31536000");
    }
    // A header that nginx itself refuses.
    let long = format!("X-Long: {}", "x".repeat(40_000));
    let refused = nginx.curl("/healthz", &["--http1.1", "-H", &long]);
    assert_eq!((refused.status, refused.code().as_str()), (400, "invalid_field"));

    let plain = format!("http://127.0.0.1:{}/verify?x=1", nginx.plain);
    let config = ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false);
    let agent = ureq::Agent::new_with_config(config.build());
    let moved = agent.get(plain).header("Host", "login.example.org").call().expect("an answer");
    assert_eq!(moved.status(), 301);
    assert_eq!(moved.headers()["location"], "https://login.example.org/verify?x=1");
}

#[test]
fn a_service_that_is_away_or_silent_is_answered_as_a_problem() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", silent.local_addr().expect("an address"));
    let quick = [("proxy_read_timeout 60s", "proxy_read_timeout 1s")];
    let nginx = Nginx::start("nginx-silent", &address, &quick);
    let got = nginx.curl("/verify", &["-d", "{}"]);
    assert_eq!((got.status, got.code().as_str()), (504, "overloaded"));
    assert_eq!(got.header("retry-after"), "5");
    drop(silent);
    let got = nginx.curl("/verify", &["-d", "{}"]);
    assert_eq!((got.status, got.code().as_str()), (502, "overloaded"));
    assert_eq!(got.header("retry-after"), "5");
    assert_eq!(got.header("strict-transport-security"), "max-age=31536000");
    assert_eq!(nginx.curl("/readyz", &[]).header("retry-after"), "");
}
