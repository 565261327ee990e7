//! Sign-ins on a running service.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
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

/// People who were enrolled to be measured.
pub struct Service {
    agent: Agent,
    url: String,
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
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .max_idle_connections(CONNECTIONS)
            .max_idle_connections_per_host(CONNECTIONS);
        let agent = Agent::new_with_config(config.build());
        let url = url.trim_end_matches('/').to_owned();
        let mut service = Self { agent, url, sign_ins: Vec::new(), next: AtomicUsize::new(0) };
        for _ in 0..PEOPLE {
            let username = format!("bench-{}", Uuid::new_v4().simple());
            let name = ("username", username.as_str());
            let consent =
                [name, ("consent.granted", "true"), ("consent.policy_version", policy_version)];
            let answer = service.post("/register", &form(&consent, enrolled));
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
        let (status, text) = self.post("/verify", sign_in)?;
        ensure!(status == 200, "the enrolled people could not be erased: {}", told(status, &text));
        let tokens: Tokens = serde_json::from_str(&text).context("an answer without a token")?;
        let answer = self
            .agent
            .delete(format!("{}/me", self.url))
            .header("Authorization", format!("Bearer {}", tokens.access_token))
            .call()
            .context("the service does not answer")?;
        if answer.status() != 204 {
            bail!("the enrolled people could not be erased: {}", answer.status());
        }
        Ok(())
    }

    fn post(&self, path: &str, body: &[u8]) -> anyhow::Result<(u16, String)> {
        let mut answer = self
            .agent
            .post(format!("{}{path}", self.url))
            .header("Content-Type", format!("multipart/form-data; boundary={BOUNDARY}"))
            .send(body)
            .with_context(|| format!("{} does not answer", self.url))?;
        // Read to the end, so that the connection can be used again.
        let text = answer.body_mut().read_to_string().context("the answer broke off")?;
        Ok((answer.status().as_u16(), text))
    }
}

impl Target for Service {
    fn work(&self) -> Result<(), String> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.sign_ins.len();
        match self.post("/verify", &self.sign_ins[turn]) {
            Ok((200, _)) => Ok(()),
            Ok((status, text)) => {
                let problem: Option<Problem> = serde_json::from_str(&text).ok();
                Err(problem.map_or_else(|| status.to_string(), |problem| problem.code))
            }
            Err(_) => Err("no answer".to_owned()),
        }
    }
}

fn told(status: u16, text: &str) -> String {
    match serde_json::from_str::<Problem>(text) {
        Ok(Problem { code, detail }) => format!("{code}. {detail}"),
        Err(_) => format!("status {status}"),
    }
}

/// A form with these fields and a picture.
fn form(fields: &[(&str, &str)], image: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(image.len() + 1024);
    for (name, value) in fields {
        let part = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        body.extend_from_slice(part.as_bytes());
    }
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"face_image\"; \
         filename=\"face\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(image);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    body
}
