//! How the process of a test is started, and what becomes of its log.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use faceauth_test_support::database::TestDatabase;
use faceauth_test_support::paths;
use serde_json::Value;

/// Longest the models may take to load on a busy machine.
const READY_WITHIN: Duration = Duration::from_secs(120);

/// Longest a line may be on its way on a busy machine.
const LINE_WITHIN: Duration = Duration::from_secs(10);

/// How often it is looked whether a log is read again, or has a line.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// How often a service whose log nobody can read is asked whether it is ready.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// The least a pipe holds: one page. A log that is not read fills it within a few requests.
const SMALL_PIPE: i32 = 4096;

/// The binary under test.
pub fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_faceauth"))
}

/// The binary under test with nothing of this process's environment but the runtime.
pub fn faceauth() -> Command {
    at(&binary())
}

/// The same of another binary.
fn at(program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("ORT_DYLIB_PATH", paths::onnx_runtime())
        .env("FACEAUTH__MODELS__MANIFEST", paths::manifest())
        .env("FACEAUTH__MODELS__WEIGHTS_DIR", paths::weights());
    command
}

/// Where a process writes its log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogTo {
    /// To the test, which reads it.
    #[default]
    Test,
    /// To a disk that is full.
    FullDisk,
}

/// What is special about a start.
#[derive(Debug, Clone, Copy, Default)]
pub struct Way<'a> {
    /// Another binary than the one under test.
    pub program: Option<&'a Path>,
    /// Variables on top of those of the server.
    pub variables: &'a [(&'a str, &'a str)],
    /// Where the log goes.
    pub log: LogTo,
}

/// What a process has logged so far.
#[derive(Clone, Default)]
pub struct Log {
    text: Arc<Mutex<String>>,
    unread: Arc<AtomicBool>,
    markers: Arc<AtomicUsize>,
}

impl Log {
    pub fn text(&self) -> String {
        self.text.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A path that nobody has asked for.
    pub fn next_marker(&self) -> String {
        format!("/up-to-here-{}", self.markers.fetch_add(1, Ordering::Relaxed))
    }

    /// The log, once it has the line of a request for `path`, or has not got it for long.
    pub fn text_with(&self, path: &str) -> String {
        let (line, started) = (format!("\"{path}\""), Instant::now());
        loop {
            let text = self.text();
            if text.contains(&line) || started.elapsed() > LINE_WITHIN {
                return text;
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Leaves what comes in the pipe from now on, or reads it again.
    pub fn leave_unread(&self, unread: bool) {
        self.unread.store(unread, Ordering::Relaxed);
    }

    /// Reads the log, and sends the address once the service says that it is ready.
    fn follow(&self, stderr: impl Read + Send + 'static) -> Receiver<String> {
        let (sender, address) = std::sync::mpsc::channel();
        let Self { text, unread, .. } = self.clone();
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let event: Value = serde_json::from_str(&line).unwrap_or_default();
                if event["message"] == "ready" {
                    let _ = sender.send(event["bind"].as_str().unwrap_or_default().to_owned());
                }
                {
                    let mut text = text.lock().unwrap_or_else(PoisonError::into_inner);
                    text.push_str(&line);
                    text.push('\n');
                }
                while unread.load(Ordering::Relaxed) {
                    thread::sleep(LOOK_EVERY);
                }
            }
        });
        address
    }
}

/// Starts the service, follows its log and answers where it listens, once it is ready.
pub fn launch(
    database: &TestDatabase,
    keys: &str,
    variables: &[(String, String)],
    way: &Way<'_>,
    log: &Log,
) -> (Child, String) {
    let mut command = way.program.map_or_else(faceauth, at);
    command
        .arg("serve")
        .env("DATABASE_URL", database.url())
        .env("FACEAUTH__MODE", "development")
        .env("FACEAUTH__SERVER__BIND", "127.0.0.1:0")
        // Nobody is sent away because the machine is busy with other tests.
        .env("FACEAUTH__LIMITS__MAX_WAIT_MS", "30000")
        .env("FACEAUTH__KEYS__DIR", keys)
        .env("FACEAUTH__TOKENS__ISSUER", "http://faceauth.test")
        .env("FACEAUTH__LIMITS__SIGN_IN_PER_MINUTE", "1000000")
        .env("FACEAUTH__LIMITS__DETECT_PER_MINUTE", "1000000")
        .env("FACEAUTH__LIMITS__ACCOUNT_PER_MINUTE", "1000000")
        .env("FACEAUTH__LIMITS__OTHER_PER_MINUTE", "1000000")
        .env("FACEAUTH__LOG__FORMAT", "json")
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .envs(way.variables.iter().copied());
    match way.log {
        LogTo::Test => {
            let mut child = command.stderr(Stdio::piped()).spawn().expect("start faceauth");
            let stderr = child.stderr.take().expect("standard error");
            nix::fcntl::fcntl(&stderr, nix::fcntl::FcntlArg::F_SETPIPE_SZ(SMALL_PIPE))
                .expect("a small pipe");
            let address = log.follow(stderr).recv_timeout(READY_WITHIN);
            (child, address.expect("the service gets ready"))
        }
        LogTo::FullDisk => {
            // Every byte that is written there finds no space.
            let full = OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
            let child = command.stderr(full).spawn().expect("start faceauth");
            let bind = variables.iter().rfind(|(name, _)| name == "FACEAUTH__SERVER__BIND");
            let address = &bind.expect("a service that cannot say its address gets one").1;
            wait_until_ready(address);
            (child, address.clone())
        }
    }
}

fn wait_until_ready(address: &str) {
    let started = Instant::now();
    while ureq::get(format!("http://{address}/readyz")).call().is_err() {
        assert!(started.elapsed() < READY_WITHIN, "the service does not get ready");
        thread::sleep(ASK_EVERY);
    }
}
