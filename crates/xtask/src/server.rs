//! Building, configuring and running the `faceauth` binary.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::environment;
use crate::process;
use crate::setup::Ready;

/// The name of the binary.
const BINARY: &str = "faceauth";
/// The program it starts for clips; it looks for it beside itself.
const CLIP_BINARY: &str = "faceauth-clip";

/// How long the server may take to load its weights and warm up.
const READY_LIMIT: Duration = Duration::from_secs(90);

/// How often it is asked whether it is ready.
const ASK_EVERY: Duration = Duration::from_millis(200);

/// The development build of the server.
pub struct Server<'a> {
    ready: &'a Ready,
    binary: PathBuf,
    database_url: String,
}

/// What else of the workspace has been, or will be, built.
///
/// Cargo picks the features of shared dependencies by what is built together, so asking
/// for the binary in the company it had saves building forty crates twice.
#[derive(Clone, Copy)]
pub enum Beside {
    /// Nothing.
    Nothing,
    /// Every test.
    Tests,
}

/// A server that answers requests.
pub struct Serving {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl<'a> Server<'a> {
    /// Builds the binary.
    ///
    /// # Errors
    /// When it does not compile.
    pub fn build(ready: &'a Ready, database_url: String, beside: Beside) -> Result<Server<'a>> {
        let binary = build(&ready.layout.root, beside)?;
        Ok(Server { ready, binary, database_url })
    }

    /// One of the binary's commands, configured for this clone.
    #[must_use]
    pub fn command(&self, words: &[&str]) -> Command {
        let layout = &self.ready.layout;
        let mut command = Command::new(&self.binary);
        self.configure(&mut command);
        command.args(words).current_dir(&layout.root);
        command
    }

    /// Where the binary is.
    #[must_use]
    pub fn program(&self) -> &Path {
        &self.binary
    }

    /// Gives `command` the settings of this clone, for a program that runs the binary itself.
    pub fn configure(&self, command: &mut Command) {
        let layout = &self.ready.layout;
        environment::strip_cargo(command);
        command
            .env("FACEAUTH__MODE", "development")
            .env("FACEAUTH__KEYS__DIR", layout.keys())
            .env("FACEAUTH__MODELS__WEIGHTS_DIR", layout.weights())
            .env("FACEAUTH__SERVER__FRONTEND_DIR", layout.frontend().join("dist"))
            .env("ORT_DYLIB_PATH", &self.ready.runtime_library)
            .env("DATABASE_URL", &self.database_url);
        // A developer may try another manifest.
        if std::env::var_os("FACEAUTH__MODELS__MANIFEST").is_none() {
            let manifest = layout.root.join("models/manifest.toml");
            command.env("FACEAUTH__MODELS__MANIFEST", manifest);
        }
    }

    /// Makes the keys that are missing and brings the database up to date.
    ///
    /// # Errors
    /// When either fails.
    pub fn prepare(&self) -> Result<()> {
        let keys = self.ready.layout.keys();
        let keys = keys.to_str().context("the path of the clone is not UTF-8")?;
        process::read(&mut self.command(&["keys", "init", "--dir", keys]))?;
        process::read(&mut self.command(&["migrate"]))?;
        Ok(())
    }

    /// Starts serving on `address` with further `settings`, and waits until it is ready.
    ///
    /// # Errors
    /// When it ends or is not ready in time.
    pub fn serve(
        &self,
        address: SocketAddr,
        settings: &[(&str, &str)],
        output: Output,
    ) -> Result<Serving> {
        // Should we be killed, the kernel ends the server for us: it would keep the port.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM", "--"]).arg(&self.binary).arg("serve");
        self.configure(&mut command);
        command.current_dir(&self.ready.layout.root).stdin(Stdio::null());
        command.env("FACEAUTH__SERVER__BIND", address.to_string());
        command.envs(settings.iter().copied());
        if let Output::File(path) = output {
            let log = fs::File::create(path)
                .with_context(|| format!("cannot write {}", path.display()))?;
            command.stdout(log.try_clone()?).stderr(log);
        }
        // A process group of its own. On Ctrl-C we stop it ourselves, before the database.
        command.process_group(0);
        let child = command.spawn().context("cannot start the server")?;
        let mut serving = Serving { child, address };
        serving.wait_until_ready()?;
        Ok(serving)
    }
}

/// Where the log of a server goes.
pub enum Output<'a> {
    /// To the terminal.
    Terminal,
    /// To a file.
    File(&'a Path),
}

impl Serving {
    fn wait_until_ready(&mut self) -> Result<()> {
        let end = Instant::now() + READY_LIMIT;
        while !answers(self.address, "/readyz") {
            process::check_interrupted()?;
            if let Some(status) = self.child.try_wait()? {
                bail!("the server did not start ({status})");
            }
            if Instant::now() > end {
                bail!("the server is not ready after {} seconds", READY_LIMIT.as_secs());
            }
            process::sleep(ASK_EVERY);
        }
        Ok(())
    }

    /// Waits until the server ends.
    ///
    /// # Errors
    /// [`process::Interrupted`] when a signal comes first; the server is stopped then.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        process::wait(&mut self.child)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        process::stop(&mut self.child);
    }
}

/// Whether nobody listens on `address`.
#[must_use]
pub fn is_free(address: SocketAddr) -> bool {
    TcpListener::bind(address).is_ok()
}

/// A free port of this machine.
///
/// # Errors
/// When there is none.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}

/// Whether `path` is answered with 200.
fn answers(address: SocketAddr, path: &str) -> bool {
    const PATIENCE: Duration = Duration::from_secs(2);
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        Ok(&status == b"HTTP/1.1 200")
    };
    ask().unwrap_or(false)
}

/// Builds the server and its clip program, and asks cargo where it put the server.
fn build(root: &Path, beside: Beside) -> Result<PathBuf> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--workspace", "--bin", BINARY, "--bin", CLIP_BINARY]);
    if matches!(beside, Beside::Tests) {
        cargo.arg("--tests");
    }
    cargo.arg("--message-format=json-render-diagnostics").current_dir(root);
    environment::strip_cargo(&mut cargo);
    let mut child = cargo.stdout(Stdio::piped()).spawn().context("cannot run cargo")?;
    let mut stdout = child.stdout.take().context("the output was asked for")?;
    let reader = std::thread::spawn(move || {
        let mut messages = String::new();
        stdout.read_to_string(&mut messages).map(|_| messages)
    });
    let status = process::wait(&mut child)?;
    let messages = reader.join().map_err(|_| anyhow::anyhow!("cannot read from cargo"))??;
    if !status.success() {
        bail!("the server does not compile");
    }
    executable(&messages).context("cargo did not say where it put the server")
}

/// The path of the server in cargo's messages.
fn executable(messages: &str) -> Option<PathBuf> {
    #[derive(Deserialize)]
    struct Message {
        executable: PathBuf,
        target: Target,
        profile: Profile,
    }
    #[derive(Deserialize)]
    struct Target {
        name: String,
    }
    #[derive(Deserialize)]
    struct Profile {
        test: bool,
    }
    messages
        .lines()
        // Most lines are about something else and do not parse as this.
        .filter_map(|line| serde_json::from_str::<Message>(line).ok())
        .find(|message| message.target.name == BINARY && !message.profile.test)
        .map(|message| message.executable)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};

    use super::*;

    #[test]
    fn cargo_tells_where_the_server_is() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"serde"},"profile":{"test":false},"executable":null}
{"reason":"compiler-artifact","target":{"name":"faceauth"},"profile":{"test":true},"executable":"/t/debug/deps/faceauth-1"}
{"reason":"compiler-artifact","target":{"name":"other"},"profile":{"test":false},"executable":"/t/debug/other"}
{"reason":"compiler-artifact","target":{"name":"faceauth"},"profile":{"test":false},"executable":"/t/debug/faceauth"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(executable(messages), Some(PathBuf::from("/t/debug/faceauth")));
        assert_eq!(executable("{}"), None);
    }

    #[test]
    fn a_taken_port_is_not_free() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        assert!(!is_free(listener.local_addr().unwrap()));
    }

    #[test]
    fn only_a_200_is_an_answer() {
        for (reply, expected) in [("HTTP/1.1 200 OK", true), ("HTTP/1.1 503 No", false)] {
            let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
            let address = listener.local_addr().unwrap();
            let server = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                // The whole request: closing with some of it unread resets the connection.
                let request: Vec<String> = BufReader::new(&stream)
                    .lines()
                    .map(Result::unwrap)
                    .take_while(|line| !line.is_empty())
                    .collect();
                assert!(request[0].starts_with("GET /readyz"));
                // In one piece: the client disconnects when it has read the status.
                stream.write_all(format!("{reply}\r\n\r\n").as_bytes()).unwrap();
            });
            assert_eq!(answers(address, "/readyz"), expected);
            server.join().unwrap();
        }
    }
}
