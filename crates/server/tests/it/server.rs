//! A running `faceauth serve` with a database and keys of its own.

use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::Arc;
use std::time::Duration;

use faceauth_test_support::database::TestDatabase;
use serde_json::Value;
use ureq::Agent;

mod launch;

use launch::{Log, launch};
pub use launch::{LogTo, Way, binary, faceauth};

/// Longest a client waits for an answer. The service promises one before.
const ANSWER_WITHIN: Duration = Duration::from_secs(180);

/// A folder that is removed at the end.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("faceauth-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("make a temporary folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A server in development mode without limits per client.
pub struct Server {
    child: Child,
    base: String,
    agent: Agent,
    log: Log,
    keys: Arc<Folder>,
    variables: Vec<(String, String)>,
    database: Arc<TestDatabase>,
}

/// Status and body of an answer.
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("no JSON ({e}): {}", String::from_utf8_lossy(&self.body)))
    }

    /// The problem code, or "" of a success.
    pub fn code(&self) -> String {
        if self.status < 400 {
            return String::new();
        }
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// A part of a form: name, content type if it is a file, content.
pub type Field<'a> = (&'a str, Option<&'a str>, &'a [u8]);

impl Server {
    pub async fn start(name: &str) -> Self {
        Self::start_with(name, &[]).await
    }

    /// Starts with these variables on top.
    pub async fn start_with(name: &str, variables: &[(&str, &str)]) -> Self {
        Self::start_on(TestDatabase::create().await, name, variables)
    }

    /// Starts on `database`, with these variables on top.
    pub fn start_on(database: TestDatabase, name: &str, variables: &[(&str, &str)]) -> Self {
        Self::start_in(database, name, variables, &Way::default())
    }

    /// The same, in another way.
    pub fn start_in(
        database: TestDatabase,
        name: &str,
        variables: &[(&str, &str)],
        way: &Way<'_>,
    ) -> Self {
        let keys = Folder::new(name);
        let dir = keys.0.to_str().expect("a readable path");
        let made = faceauth().args(["keys", "init", "--dir", dir]).output().expect("run faceauth");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Self::replica(Arc::new(database), Arc::new(keys), owned(variables), way)
    }

    /// Starts another replica: the same database and keys, and these variables on top.
    pub fn another(&self, variables: &[(&str, &str)]) -> Self {
        self.another_in(variables, &Way::default())
    }

    /// The same, in another way.
    pub fn another_in(&self, variables: &[(&str, &str)], way: &Way<'_>) -> Self {
        let variables = [self.variables.clone(), owned(variables)].concat();
        Self::replica(Arc::clone(&self.database), Arc::clone(&self.keys), variables, way)
    }

    fn replica(
        database: Arc<TestDatabase>,
        keys: Arc<Folder>,
        variables: Vec<(String, String)>,
        way: &Way<'_>,
    ) -> Self {
        let log = Log::default();
        let dir = keys.0.to_str().expect("a readable path");
        let (child, address) = launch(&database, dir, &variables, way, &log);
        let agent = Agent::new_with_config(
            Agent::config_builder()
                .http_status_as_error(false)
                .timeout_global(Some(ANSWER_WITHIN))
                .build(),
        );
        let base = format!("http://{address}");
        Self { child, base, agent, log, keys, variables, database }
    }

    /// Kills the process, as a crash does.
    pub fn kill(&self) {
        self.signal("-KILL");
    }

    /// Tells the process to drain and end.
    pub fn terminate(&self) {
        self.signal("-TERM");
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(sent.expect("run kill").success());
    }

    /// Asks the process to stop, as a supervisor does.
    pub fn tell_to_stop(&self) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(told.expect("run kill").success());
    }

    /// Starts another process in place of the one that has ended, or was killed.
    pub fn restart(&mut self) {
        self.restart_in(&Way::default());
    }

    /// The same, in another way than before.
    pub fn restart_in(&mut self, way: &Way<'_>) {
        self.child.wait().expect("wait for the server");
        let (child, address) = launch(&self.database, self.keys(), &self.variables, way, &self.log);
        self.child = child;
        self.base = format!("http://{address}");
    }

    /// How the process ended, if it has.
    pub fn ended(&mut self) -> Option<std::process::ExitStatus> {
        self.child.try_wait().expect("ask for the server")
    }

    /// Where it listens.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The folder of its keys.
    pub fn keys(&self) -> &str {
        self.keys.0.to_str().expect("a readable path")
    }

    /// Waits for the end of the process.
    pub fn wait(mut self) -> std::process::ExitStatus {
        self.child.wait().expect("wait for faceauth")
    }

    /// Its database.
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// A command of an operator of this deployment.
    pub fn operator(&self, arguments: &[&str]) -> Command {
        let mut command = faceauth();
        command
            .args(arguments)
            .env("DATABASE_URL", self.database.url())
            .env("FACEAUTH__KEYS__DIR", &self.keys.0);
        command
    }

    pub fn get(&self, path: &str, token: Option<&str>) -> Answer {
        self.try_get(path, token).expect("an answer")
    }

    /// What is answered, unless the connection breaks.
    pub fn try_get(&self, path: &str, token: Option<&str>) -> Result<Answer, ureq::Error> {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        if let Some(token) = token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        answer(request.call()?)
    }

    pub fn delete(&self, path: &str, token: &str) -> Answer {
        let request = self.agent.delete(format!("{}{path}", self.base));
        let request = request.header("Authorization", format!("Bearer {token}"));
        request.call().and_then(answer).expect("an answer")
    }

    pub fn post(&self, path: &str, content_type: &str, body: &[u8]) -> Answer {
        self.try_post(path, content_type, None, body).expect("an answer")
    }

    /// What is answered, unless the connection breaks.
    pub fn try_post(
        &self,
        path: &str,
        content_type: &str,
        idempotency_key: Option<&str>,
        body: &[u8],
    ) -> Result<Answer, ureq::Error> {
        let request = self.agent.post(format!("{}{path}", self.base));
        let mut request = request.header("Content-Type", content_type);
        if let Some(key) = idempotency_key {
            request = request.header("Idempotency-Key", key);
        }
        request.send(body).and_then(answer)
    }

    /// Posts a form.
    pub fn form(&self, path: &str, fields: &[Field<'_>]) -> Answer {
        let (content_type, body) = form(fields);
        self.post(path, &content_type, &body)
    }

    /// Enrols `username` with one photo.
    pub fn register(&self, username: &str, photo: &[u8]) -> Answer {
        let (content_type, body) = enrolment(username, photo);
        self.post("/register", &content_type, &body)
    }

    /// Signs in as `username` with one photo.
    pub fn verify(&self, username: &str, photo: &[u8]) -> Answer {
        let (content_type, body) = sign_in(username, photo);
        self.post("/verify", &content_type, &body)
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Resident memory of the process in KiB.
    pub fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .expect("the server's /proc entry");
        status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok())
            .expect("VmRSS")
    }

    /// Everything it has logged. A thread of the service writes its log, so this asks for a path of
    /// its own and waits for that line.
    pub fn log(&self) -> String {
        let marker = self.log.next_marker();
        match self.try_get(&marker, None) {
            Ok(_) => self.log.text_with(&marker),
            Err(_) => self.log.text(),
        }
    }

    /// Leaves what it logs unread from now on, or reads it again.
    pub fn leave_log_unread(&self, unread: bool) {
        self.log.leave_unread(unread);
    }

    /// Tells it to stop and waits: a clean end is success.
    pub fn stop(mut self) -> std::process::ExitStatus {
        self.tell_to_stop();
        self.child.wait().expect("wait for faceauth")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn owned(variables: &[(&str, &str)]) -> Vec<(String, String)> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn answer(mut response: ureq::http::Response<ureq::Body>) -> Result<Answer, ureq::Error> {
    let status = response.status().as_u16();
    let body = response.body_mut().read_to_vec()?;
    Ok(Answer { status, body })
}

/// The form that enrols `username` with one photo: its content type and its bytes.
pub fn enrolment(username: &str, photo: &[u8]) -> (String, Vec<u8>) {
    form(&[
        ("username", None, username.as_bytes()),
        ("consent.granted", None, b"true"),
        ("consent.policy_version", None, b"test"),
        ("face_image", Some("application/octet-stream"), photo),
    ])
}

/// The form that signs in as `username` with one photo: its content type and its bytes.
pub fn sign_in(username: &str, photo: &[u8]) -> (String, Vec<u8>) {
    form(&[
        ("username", None, username.as_bytes()),
        ("face_image", Some("application/octet-stream"), photo),
    ])
}

pub fn form(fields: &[Field<'_>]) -> (String, Vec<u8>) {
    const BOUNDARY: &str = "----faceauth-test-boundary-7d1f";
    let mut body = Vec::new();
    for (name, media_type, content) in fields {
        body.extend(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"").bytes(),
        );
        if let Some(media_type) = media_type {
            body.extend(format!("; filename=\"photo\"\r\nContent-Type: {media_type}").bytes());
        }
        body.extend(b"\r\n\r\n");
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    (format!("multipart/form-data; boundary={BOUNDARY}"), body)
}
