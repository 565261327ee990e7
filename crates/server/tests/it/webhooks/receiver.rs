//! A receiver of webhooks on loopback: it checks signatures and answers as it is told.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;
use standardwebhooks::Webhook;
use ureq::http::{HeaderMap, HeaderName, HeaderValue};

/// Longest that a test waits for events on a busy machine.
pub const RECEIVED_WITHIN: Duration = Duration::from_secs(120);

/// How a receiver answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// With this status, and a redirect to itself.
    Status(u16),
    /// 200 after a while.
    After(Duration),
    /// Never.
    Silent,
    /// The connection is closed without an answer.
    HangsUp,
    /// 200 with a body that has no end.
    Floods,
}

/// A request that came.
#[derive(Debug, Clone)]
pub struct Received {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// Whether it was answered with success.
    pub taken: bool,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub fn id(&self) -> &str {
        self.headers["webhook-id"].to_str().expect("a text")
    }

    pub fn kind(&self) -> String {
        self.json()["type"].as_str().expect("a word").to_owned()
    }

    pub fn is_signed_with(&self, secret: &str) -> bool {
        Webhook::new(secret).expect("a secret").verify(&self.body, &self.headers).is_ok()
    }
}

/// The receiver.
pub struct Receiver {
    pub address: String,
    mood: Arc<Mutex<Mood>>,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    /// One that speaks plain HTTP.
    pub fn start(mood: Mood) -> Self {
        Self::listen(mood, None)
    }

    /// One with a certificate for 127.0.0.1, `tls.pem` in `folder`, that it signed itself.
    pub fn start_tls(mood: Mood, folder: &Path) -> Self {
        let (certificate, key) = (folder.join("tls.pem"), folder.join("tls.key"));
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
            .args(["-nodes", "-days", "2", "-subj", "/CN=receiver"])
            .args(["-addext", "subjectAltName=IP:127.0.0.1"])
            // An authority is no server to rustls.
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&certificate)
            .output()
            .expect("run openssl");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let chain = vec![CertificateDer::from_pem_file(&certificate).expect("a certificate")];
        let key = PrivateKeyDer::from_pem_file(&key).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("a server");
        Self::listen(mood, Some(Arc::new(tls)))
    }

    fn listen(mood: Mood, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let (mood, received) = (Arc::new(Mutex::new(mood)), Arc::<Mutex<Vec<Received>>>::default());
        let (asked, kept) = (Arc::clone(&mood), Arc::clone(&received));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (asked, kept, tls) = (Arc::clone(&asked), Arc::clone(&kept), tls.clone());
                thread::spawn(move || match tls {
                    None => serve(stream, &asked, &kept),
                    Some(tls) => {
                        let connection = ServerConnection::new(tls).expect("a connection");
                        serve(StreamOwned::new(connection, stream), &asked, &kept);
                    }
                });
            }
        });
        Self { address, mood, received }
    }

    pub fn set_mood(&self, mood: Mood) {
        *self.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was received, once `enough` says so.
    pub fn wait_until(&self, enough: impl Fn(&[Received]) -> bool) -> Vec<Received> {
        let until = Instant::now() + RECEIVED_WITHIN;
        loop {
            let received = self.received();
            if enough(&received) {
                return received;
            }
            assert!(Instant::now() < until, "{} requests came", received.len());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Reads requests from a connection and answers each, as long as it lives.
fn serve(mut stream: impl Read + Write, mood: &Mutex<Mood>, received: &Mutex<Vec<Received>>) {
    while let Some((path, headers, body)) = request(&mut stream) {
        let mood = *mood.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = matches!(mood, Mood::Status(200..=299) | Mood::After(_) | Mood::Floods);
        let keep = Received { path, headers, body, taken };
        received.lock().unwrap_or_else(PoisonError::into_inner).push(keep);
        let status = match mood {
            Mood::Status(status) => status,
            Mood::After(pause) => {
                thread::sleep(pause);
                200
            }
            Mood::Silent => {
                // Until the client gives up.
                let _ = stream.read(&mut [0]);
                return;
            }
            Mood::HangsUp => return,
            Mood::Floods => {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
                while stream.write_all(b"4\r\nmore\r\n").is_ok() {}
                return;
            }
        };
        let head = format!(
            "HTTP/1.1 {status} Said\r\nlocation: /elsewhere\r\ncontent-length: 2\r\n\r\nok"
        );
        if stream.write_all(head.as_bytes()).is_err() {
            return;
        }
    }
}

/// The next request: its path, headers and body.
fn request(stream: &mut impl Read) -> Option<(String, HeaderMap, Vec<u8>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).expect("a text");
    let mut lines = head.lines();
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers: HeaderMap = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| {
            let name: HeaderName = name.to_ascii_lowercase().parse().expect("a name");
            (name, value.parse::<HeaderValue>().expect("a value"))
        })
        .collect();
    let length = headers.get("content-length").map_or("0", |value| value.to_str().expect("text"));
    let mut body = vec![0; length.parse().expect("a length")];
    stream.read_exact(&mut body).ok()?;
    Some((path, headers, body))
}
