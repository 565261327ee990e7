//! A proxy with its example running on loopback, and curl before it.

use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::kind::{Kind, Place};
use crate::server::Folder;

/// The name the examples serve.
const HOST: &str = "login.example.org";

/// The account `nobody` of Debian, for when the tests run as root.
const NOBODY: u32 = 65534;

/// Longest it may take to listen on a busy machine.
const UP_WITHIN: Duration = Duration::from_secs(20);

/// Longest an exchange may take: forty megabytes and three analyses on a busy machine.
const EXCHANGE_SECONDS: &str = "120";

/// A running proxy with its example as its only configuration.
pub struct Proxy {
    child: Child,
    folder: Folder,
    tls: u16,
    /// The port of plain HTTP.
    pub plain: u16,
}

/// What curl got.
#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub headers: String,
    pub body: Vec<u8>,
}

impl Got {
    /// The problem code; fails on anything that is no problem document.
    pub fn code(&self) -> String {
        assert!(
            self.header("content-type").starts_with("application/problem+json"),
            "{}{}",
            self.headers,
            String::from_utf8_lossy(&self.body)
        );
        let problem: Value = serde_json::from_slice(&self.body).expect("JSON");
        assert_eq!(problem["status"], self.status, "{problem}");
        assert!(problem["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{problem}");
        problem["code"].as_str().expect("a code").to_owned()
    }

    /// The value of a header, or "".
    pub fn header(&self, name: &str) -> String {
        let prefix = format!("{name}:");
        let line = self.headers.lines().find(|line| line.to_ascii_lowercase().starts_with(&prefix));
        line.map_or("", |line| line[prefix.len()..].trim()).to_owned()
    }
}

impl Proxy {
    /// Starts it before the three `replicas`. `changes` are made to the example on top of addresses
    /// and files.
    pub fn start(kind: Kind, name: &str, replicas: &[String; 3], changes: &[(&str, &str)]) -> Self {
        let program = kind.program();
        assert!(Path::new(program).exists(), "no {program}: `./dev test rust` installs it");
        let folder = Folder::new(&format!("{name}-{kind:?}"));
        certificate(&folder.0);
        let (tls, plain) = (free_port(), free_port());
        let root = folder.0.to_str().expect("a path");
        let mut command = kind.command(&Place { root, tls, plain, replicas }, changes);
        let log = File::create(folder.0.join("log")).expect("a log");
        command.stderr(log.try_clone().expect("a log")).stdout(log);
        // Only root may chown it.
        let is_root = fs::metadata("/proc/self").expect("a process").uid() == 0;
        if is_root {
            give_away(&folder.0);
            command.uid(NOBODY).gid(NOBODY);
        }
        let child = command.spawn().expect("start the proxy");
        let mut proxy = Self { child, folder, tls, plain };
        proxy.wait();
        proxy
    }

    fn wait(&mut self) {
        let started = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.tls)).is_err() {
            let ended = self.child.try_wait().expect("wait for the proxy").is_some();
            assert!(!ended && started.elapsed() < UP_WITHIN, "the proxy: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.0.join("log")).unwrap_or_default()
    }

    /// A file for curl to send.
    pub fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.folder.0.join(name);
        fs::write(&path, bytes).expect("write");
        path.to_str().expect("a path").to_owned()
    }

    /// curl that trusts this server and knows its address. It writes headers and body.
    fn command(&self, path: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("curl");
        command
            .args(["--silent", "--show-error", "--include", "--path-as-is"])
            .args(["--max-time", EXCHANGE_SECONDS, "--noproxy", "*"])
            // A form is sent at once, not after a second of waiting for 100 Continue.
            .args(["--header", "Expect:"])
            .args(["--resolve", &format!("{HOST}:{}:127.0.0.1", self.tls)])
            .arg("--cacert")
            .arg(self.folder.0.join("tls.pem"))
            .args(arguments)
            .arg(format!("https://{HOST}:{}{path}", self.tls));
        command
    }

    /// Runs curl from the loopback address `client`.
    pub fn curl_from(&self, client: &str, path: &str, arguments: &[&str]) -> Got {
        self.curl(path, &[&["--interface", client], arguments].concat())
    }

    /// Posts `body`; `None` when no whole answer comes.
    pub fn post(&self, path: &str, headers: &[String], body: &[u8]) -> Option<Got> {
        let mut command = self.command(path, &["--data-binary", "@-"]);
        for header in headers {
            command.arg("--header").arg(header);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut running = command.spawn().expect("run curl");
        let mut input = running.stdin.take().expect("standard input");
        // curl may end before it has read everything; then it says so by its status.
        let _ = input.write_all(body);
        drop(input);
        let output = running.wait_with_output().expect("wait for curl");
        output.status.success().then(|| got(&output.stdout))
    }

    /// Begins to post a form whose body comes later, from the loopback address `client`.
    pub fn begin(&self, client: &str, path: &str, version: &str, media_type: &str) -> Posting {
        let media_type = format!("Content-Type: {media_type}");
        let streamed = ["-X", "POST", "-T", "-", "-H", &media_type, version, "--interface", client];
        let mut command = self.command(path, &streamed);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut running = command.spawn().expect("run curl");
        let input = running.stdin.take().expect("standard input");
        Posting { running, input }
    }

    /// Runs curl.
    pub fn curl(&self, path: &str, arguments: &[&str]) -> Got {
        let output = self.command(path, arguments).output().expect("run curl");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{path}: {said} {}", self.log());
        got(&output.stdout)
    }
}

/// A request whose body is sent piece by piece.
pub struct Posting {
    running: Child,
    input: ChildStdin,
}

impl Posting {
    /// Sends a piece.
    pub fn send(&mut self, piece: &[u8]) {
        self.input.write_all(piece).expect("curl reads");
        self.input.flush().expect("curl reads");
    }

    /// Ends the body. The answer.
    pub fn end(self) -> Got {
        drop(self.input);
        let output = self.running.wait_with_output().expect("wait for curl");
        assert!(output.status.success(), "curl: {}", output.status);
        got(&output.stdout)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // TERM, so that a master ends its worker.
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &pid]).status();
        let _ = self.child.wait();
    }
}

/// Splits what `curl --include` wrote.
fn got(text: &[u8]) -> Got {
    let end = text.windows(4).position(|four| four == b"\r\n\r\n").expect("headers") + 4;
    let headers = String::from_utf8_lossy(&text[..end]).into_owned();
    let status = headers.split_whitespace().nth(1).and_then(|status| status.parse().ok());
    Got { status: status.expect("a status"), headers, body: text[end..].to_vec() }
}

/// A key and a certificate for [`HOST`] by itself.
fn certificate(folder: &Path) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
        .args(["-days", "2", "-subj", &format!("/CN={HOST}")])
        .args(["-addext", &format!("subjectAltName=DNS:{HOST}")])
        .arg("-keyout")
        .arg(folder.join("tls.key"))
        .arg("-out")
        .arg(folder.join("tls.pem"))
        .output()
        .expect("run openssl");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let read = |name: &str| fs::read(folder.join(name)).expect("read");
    let both = [read("tls.pem"), read("tls.key")].concat();
    fs::write(folder.join("tls.both"), both).expect("write");
}

fn give_away(folder: &Path) {
    chown(folder, Some(NOBODY), Some(NOBODY)).expect("chown");
    for entry in fs::read_dir(folder).expect("a folder") {
        chown(entry.expect("an entry").path(), Some(NOBODY), Some(NOBODY)).expect("chown");
    }
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
