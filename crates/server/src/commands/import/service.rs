//! The other side: `POST /register/batch` of the running service.

use std::time::Duration;

use serde::Deserialize;
use ureq::Agent;
use ureq::http::header::RETRY_AFTER;

/// Longest a request may take: five pictures of each person, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(600);

/// How often a request is sent again that was refused for want of room or by a limit.
const RETRIES: u32 = 10;

/// Seconds until it is sent again: when the service does not say, and at most.
const WAIT_SECONDS: (u64, u64) = (5, 60);

/// What became of a line.
#[derive(Deserialize)]
pub(super) struct Answer {
    /// The line of the request, from 1.
    pub(super) line: usize,
    /// 201 when the person was enrolled.
    pub(super) status: u16,
    /// Why they were not.
    pub(super) problem: Option<Problem>,
}

/// The problem document of a line, or of a request.
#[derive(Deserialize)]
pub(super) struct Problem {
    /// One of the closed list in docs/api.md.
    pub(super) code: String,
    /// A sentence for people.
    #[serde(default)]
    pub(super) detail: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}. {}", self.code, self.detail)
    }
}

/// The lines that were answered, and why the others were not.
pub(super) struct Answers {
    /// Results, in the order of the lines.
    pub(super) lines: Vec<Answer>,
    /// Set when there are fewer results than lines; nothing after it will fare better.
    pub(super) broken: Option<String>,
}

/// A service that enrols.
pub(super) struct Service<'a> {
    agent: Agent,
    url: &'a str,
    key: String,
}

impl<'a> Service<'a> {
    /// The service at `url`, called with an API key of the scope `enrol`.
    pub(super) fn new(url: &'a str, key: String) -> Self {
        let config =
            Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE));
        Self { agent: Agent::new_with_config(config.build()), url: url.trim_end_matches('/'), key }
    }

    /// Sends lines, and waits and sends them again while the service has no room for them.
    pub(super) fn enrol(&self, body: &str) -> Answers {
        for _ in 0..RETRIES {
            match self.send(body) {
                Ok(Reply::Answers(answers)) => return answers,
                Ok(Reply::Later(wait)) => std::thread::sleep(wait),
                Err(broken) => return Answers { lines: Vec::new(), broken: Some(broken) },
            }
        }
        let broken = format!("{} had no room for a long time", self.url);
        Answers { lines: Vec::new(), broken: Some(broken) }
    }

    fn send(&self, body: &str) -> Result<Reply, String> {
        let mut answer = self
            .agent
            .post(format!("{}/register/batch", self.url))
            .header("Content-Type", "application/x-ndjson")
            .header("X-Api-Key", &self.key)
            .send(body)
            .map_err(|error| format!("{} does not answer: {error}", self.url))?;
        let status = answer.status().as_u16();
        if matches!(status, 429 | 503) {
            let seconds = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
            let seconds = seconds.and_then(|text| text.parse().ok()).unwrap_or(WAIT_SECONDS.0);
            return Ok(Reply::Later(Duration::from_secs(seconds.clamp(1, WAIT_SECONDS.1))));
        }
        let text = answer.body_mut().read_to_string();
        if status != 200 {
            let problem = text.ok().and_then(|text| serde_json::from_str::<Problem>(&text).ok());
            return Err(problem.map_or_else(
                || format!("{} answers with {status}", self.url),
                |problem| problem.to_string(),
            ));
        }
        let text =
            text.map_err(|error| format!("the answer of {} broke off: {error}", self.url))?;
        Ok(Reply::Answers(read(&text)))
    }
}

enum Reply {
    Answers(Answers),
    /// Not now.
    Later(Duration),
}

/// Results up to the first line that is not a result.
fn read(text: &str) -> Answers {
    let mut lines = Vec::new();
    for line in text.lines() {
        match serde_json::from_str(line) {
            Ok(answer) => lines.push(answer),
            Err(_) => {
                let broken = Some("the answer is no list of results".to_owned());
                return Answers { lines, broken };
            }
        }
    }
    Answers { lines, broken: None }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    use super::*;

    /// A service that gives these answers one after the other; its address.
    fn service(answers: Vec<String>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        url
    }

    fn http(head: &str, body: &str) -> String {
        let length = body.len();
        format!("HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
    }

    #[test]
    fn a_service_without_room_is_waited_for() {
        let url = service(vec![
            http("429 Too Many Requests\r\nRetry-After: 0", ""),
            http("503 Service Unavailable\r\nRetry-After: 1", ""),
            http("200 OK", "{\"line\":1,\"status\":201}\n"),
        ]);
        let answers = Service::new(&url, "key".into()).enrol("{}\n");
        assert_eq!(answers.broken, None);
        assert_eq!((answers.lines[0].line, answers.lines[0].status), (1, 201));
    }

    #[test]
    fn what_was_answered_before_the_end_counts() {
        let url = service(vec![http("200 OK", "{\"line\":1,\"status\":201}\n{\"line\":2,")]);
        let answers = Service::new(&url, "key".into()).enrol("{}\n{}\n");
        assert_eq!(answers.lines.len(), 1);
        assert!(answers.broken.is_some());
    }

    #[test]
    fn a_refused_request_and_a_missing_service_are_said() {
        let problem = "{\"code\":\"token_invalid\",\"detail\":\"Sign in again.\"}";
        let url = service(vec![http("401 Unauthorized", problem), http("502 Bad Gateway", "<p>")]);
        let called = Service::new(&url, "key".into());
        let broken = called.enrol("{}\n").broken.unwrap();
        assert_eq!(broken, "token_invalid. Sign in again.");
        assert!(called.enrol("{}\n").broken.unwrap().contains("502"));
        let nobody = Service::new("http://127.0.0.1:1", "key".into());
        assert!(nobody.enrol("{}\n").broken.unwrap().contains("does not answer"));
    }
}
