//! Clients that enrol, sign in and renew, and send the same again when no answer came.

use std::thread;
use std::time::Duration;

use faceauth_test_support::database::TestDatabase;
use serde_json::json;

use crate::server::{Answer, Server, enrolment, sign_in};

/// Renewals after a sign-in.
const RENEWALS: u32 = 3;

/// How long a client waits that is told to wait.
const WAIT: Duration = Duration::from_secs(1);

/// Statuses that say to come again, and how soon a client does.
const COME_AGAIN: [u16; 3] = [502, 503, 504];
const COME_AGAIN_AFTER: Duration = Duration::from_millis(200);

/// What clients talk to.
pub trait Service {
    /// Posts `body`; `None` when the connection breaks.
    fn send(
        &self,
        path: &str,
        content_type: &str,
        idempotency_key: Option<&str>,
        body: &[u8],
    ) -> Option<Answer>;
}

impl Service for Server {
    fn send(
        &self,
        path: &str,
        content_type: &str,
        idempotency_key: Option<&str>,
        body: &[u8],
    ) -> Option<Answer> {
        self.try_post(path, content_type, idempotency_key, body).ok()
    }
}

/// What a client sends next. It sends the same again when no answer came.
#[derive(Clone)]
enum Step {
    Enrol,
    SignIn,
    Renew { token: String, retry_key: String, left: u32 },
}

/// Somebody who enrols, signs in, renews, and begins again under another name.
pub struct Client {
    id: usize,
    pub number: usize,
    step: Step,
    /// Names whose enrolment was confirmed.
    pub enrolled: Vec<String>,
    pub answered: usize,
    /// Requests that a kill left without an answer.
    pub cut: usize,
    /// Sign-ins that had to wait: those that kills cut off count until it is clear that nobody
    /// decides them.
    pub waited: usize,
    /// Requests that were told to come again, by the service or by what stands before it.
    pub refused: usize,
}

impl Client {
    pub fn new(id: usize) -> Self {
        Self {
            id,
            number: 0,
            step: Step::Enrol,
            enrolled: Vec::new(),
            answered: 0,
            cut: 0,
            waited: 0,
            refused: 0,
        }
    }

    fn name(&self) -> String {
        format!("c{}.{}", self.id, self.number)
    }

    /// Sends the next request, or the last one again. Answers whether there was an answer; it is
    /// always the expected one, or says to come again.
    pub fn take_step(&mut self, service: &impl Service, portrait: &[u8]) -> bool {
        let answered = self.sent(service, portrait);
        *(if answered { &mut self.answered } else { &mut self.cut }) += 1;
        answered
    }

    fn sent(&mut self, service: &impl Service, portrait: &[u8]) -> bool {
        let name = self.name();
        let (path, key, (content_type, body), expected) = match &self.step {
            Step::Enrol => ("/register", Some(&name), enrolment(&name, portrait), 201),
            Step::SignIn => ("/verify", None, sign_in(&name, portrait), 200),
            Step::Renew { token, retry_key, .. } => {
                let body = json!({"refresh_token": token, "retry_key": retry_key}).to_string();
                ("/token/refresh", None, ("application/json".to_owned(), body.into_bytes()), 200)
            }
        };
        let sent = service.send(path, &content_type, key.map(String::as_str), &body);
        let Some(answer) = sent else { return false };
        if COME_AGAIN.contains(&answer.status) {
            self.refused += 1;
            thread::sleep(COME_AGAIN_AFTER);
            return true;
        }
        if answer.code() == "too_many_failures" && matches!(self.step, Step::SignIn) {
            self.waited += 1;
            thread::sleep(WAIT);
            return true;
        }
        assert_eq!(answer.status, expected, "{path} of {name}: {}", answer.code());
        let token = || answer.json()["refresh_token"].as_str().expect("a token").to_owned();
        self.step = match self.step {
            Step::Enrol => {
                self.enrolled.push(name);
                Step::SignIn
            }
            Step::SignIn => self.renew(token(), RENEWALS),
            Step::Renew { left, .. } if left > 1 => self.renew(token(), left - 1),
            Step::Renew { .. } => {
                self.number += 1;
                Step::Enrol
            }
        };
        true
    }

    fn renew(&self, token: String, left: u32) -> Step {
        Step::Renew {
            token,
            retry_key: format!("{:-<43}", format!("{}.{left}", self.name())),
            left,
        }
    }
}

/// Fails unless exactly those who were told so have an account, with one face, and nobody was taken
/// for a thief because an answer was lost.
pub async fn nothing_is_lost_or_doubled(clients: &[Client], database: &TestDatabase) {
    let database = database.client().await;
    let faces = "SELECT u.username, count(t.id) FROM users u LEFT JOIN templates t \
                 ON t.user_id = u.id GROUP BY u.id";
    let rows = database.query(faces, &[]).await.expect("the accounts");
    let mut accounts: Vec<(String, i64)> = rows.iter().map(|r| (r.get(0), r.get(1))).collect();
    accounts.sort();
    let enrolled = clients.iter().flat_map(|client| &client.enrolled);
    let mut confirmed: Vec<(String, i64)> = enrolled.map(|name| (name.clone(), 1)).collect();
    confirmed.sort();
    assert_eq!(accounts, confirmed);
    let revoked = "SELECT count(*) FROM refresh_tokens WHERE revoked_at IS NOT NULL";
    let revoked: i64 = database.query_one(revoked, &[]).await.expect("a count").get(0);
    assert_eq!(revoked, 0);
}
