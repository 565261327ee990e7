//! Sign-ins on a running service.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use faceauth_domain::liveness::capture::Frames;
use faceauth_eval::load::drive::Target;
use serde::Deserialize;
use ureq::Agent;
use uuid::Uuid;

/// Longest a request may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Connections that are kept open.
const CONNECTIONS: usize = 256;

/// Stands between the parts of a form; pictures that were chosen to hold it are not benchmarked.
const BOUNDARY: &str = "faceauth-bench-5f1d6c2e";

/// People to enrol. Sign-ins under one name wait for each other; those of many names do not.
const PEOPLE: usize = 16;

/// A running service.
struct Door {
    agent: Agent,
    url: String,
}

impl Door {
    fn new(url: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .max_idle_connections(CONNECTIONS)
            .max_idle_connections_per_host(CONNECTIONS);
        let agent = Agent::new_with_config(config.build());
        Self { agent, url: url.trim_end_matches('/').to_owned() }
    }

    /// Sends a form.
    fn post(&self, path: &str, body: &[u8]) -> anyhow::Result<(u16, String)> {
        self.send(path, &format!("multipart/form-data; boundary={BOUNDARY}"), body)
    }

    fn send(&self, path: &str, media_type: &str, body: &[u8]) -> anyhow::Result<(u16, String)> {
        let mut answer = self
            .agent
            .post(format!("{}{path}", self.url))
            .header("Content-Type", media_type)
            .send(body)
            .with_context(|| format!("{} does not answer", self.url))?;
        // Read to the end, so that the connection can be used again.
        let text = answer.body_mut().read_to_string().context("the answer broke off")?;
        Ok((answer.status().as_u16(), text))
    }
}

/// People who were enrolled to be measured.
pub struct Service {
    door: Door,
    /// A sign-in of each.
    sign_ins: Vec<Vec<u8>>,
    next: AtomicUsize,
}

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
}

#[derive(Deserialize)]
struct Problem {
    code: String,
    detail: String,
}

impl Service {
    /// Enrols people with `enrolled` under unused names. They sign in with `image`.
    ///
    /// # Errors
    /// When the service does not answer, or does not enrol.
    pub fn enrol(
        url: &str,
        enrolled: &[u8],
        image: &[u8],
        policy_version: &str,
    ) -> anyhow::Result<Self> {
        let door = Door::new(url);
        let mut service = Self { door, sign_ins: Vec::new(), next: AtomicUsize::new(0) };
        for _ in 0..PEOPLE {
            let username = format!("bench-{}", Uuid::new_v4().simple());
            let name = ("username", username.as_str());
            let consent =
                [name, ("consent.granted", "true"), ("consent.policy_version", policy_version)];
            let answer = service.door.post("/register", &form(&consent, enrolled));
            match answer {
                Ok((201, _)) => service.sign_ins.push(form(&[name], image)),
                Ok((status, text)) => {
                    // Everybody is erased again, as far as possible.
                    service.erase().ok();
                    bail!("enrolling failed: {}", told(status, &text));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(service)
    }

    /// Erases the enrolled people.
    ///
    /// # Errors
    /// When the service does not.
    pub fn erase(&self) -> anyhow::Result<()> {
        self.sign_ins.iter().try_for_each(|sign_in| self.erase_one(sign_in))
    }

    fn erase_one(&self, sign_in: &[u8]) -> anyhow::Result<()> {
        // Erasing needs a recent sign-in, and a limit may have refused the last one.
        let (status, text) = self.door.post("/verify", sign_in)?;
        ensure!(status == 200, "the enrolled people could not be erased: {}", told(status, &text));
        let tokens: Tokens = serde_json::from_str(&text).context("an answer without a token")?;
        let answer = self
            .door
            .agent
            .delete(format!("{}/me", self.door.url))
            .header("Authorization", format!("Bearer {}", tokens.access_token))
            .call()
            .context("the service does not answer")?;
        if answer.status() != 204 {
            bail!("the enrolled people could not be erased: {}", answer.status());
        }
        Ok(())
    }
}

impl Target for Service {
    fn work(&self) -> Result<(), String> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.sign_ins.len();
        match self.door.post("/verify", &self.sign_ins[turn]) {
            Ok((200, _)) => Ok(()),
            Ok((status, text)) => Err(word(status, &text)),
            Err(_) => Err(NO_ANSWER.to_owned()),
        }
    }
}

/// Captures that a service judges, each in a session of its own. They answer steps that the service
/// has not asked for, so it refuses them, after the same work.
pub struct Captures {
    door: Door,
    /// What follows the fields that name the session.
    frames: Vec<u8>,
}

#[derive(Deserialize)]
struct Session {
    session_id: String,
    nonce: String,
}

impl Captures {
    pub fn new(url: &str, capture: &Frames) -> Self {
        let mut frames = Vec::new();
        for timed in capture.as_slice() {
            frames.extend(field("t_ms", &timed.t_ms.to_string()));
            frames.extend(file("frames", timed.image.bytes()));
        }
        frames.extend(end());
        Self { door: Door::new(url), frames }
    }

    fn session(&self) -> Result<Session, String> {
        match self.door.send("/liveness/sessions", "application/json", b"{}") {
            Ok((201, text)) => serde_json::from_str(&text).map_err(|error| error.to_string()),
            Ok((status, text)) => Err(word(status, &text)),
            Err(_) => Err(NO_ANSWER.to_owned()),
        }
    }
}

impl Target for Captures {
    fn work(&self) -> Result<(), String> {
        let session = self.session()?;
        let mut body = field("session_id", &session.session_id);
        body.extend(field("nonce", &session.nonce));
        body.extend(&self.frames);
        match self.door.post("/liveness", &body) {
            Ok((200, _)) => Ok(()),
            Ok((status, text)) => Err(word(status, &text)),
            Err(_) => Err(NO_ANSWER.to_owned()),
        }
    }
}

/// What is told of a request that nobody answered.
const NO_ANSWER: &str = "no answer";

/// The code of a problem, or the status of what is none.
fn word(status: u16, text: &str) -> String {
    let problem: Option<Problem> = serde_json::from_str(text).ok();
    problem.map_or_else(|| status.to_string(), |problem| problem.code)
}

fn told(status: u16, text: &str) -> String {
    match serde_json::from_str::<Problem>(text) {
        Ok(Problem { code, detail }) => format!("{code}. {detail}"),
        Err(_) => format!("status {status}"),
    }
}

/// A form with these fields and a picture.
fn form(fields: &[(&str, &str)], image: &[u8]) -> Vec<u8> {
    let fields = fields.iter().flat_map(|(name, value)| field(name, value));
    fields.chain(file("face_image", image)).chain(end()).collect()
}

fn field(name: &str, value: &str) -> Vec<u8> {
    format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        .into_bytes()
}

fn file(name: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; \
         filename=\"face\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    );
    [head.as_bytes(), bytes, b"\r\n"].concat()
}

fn end() -> Vec<u8> {
    format!("--{BOUNDARY}--\r\n").into_bytes()
}
