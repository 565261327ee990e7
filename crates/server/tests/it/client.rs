//! Clients that enrol, sign in, renew and show that they are alive, and send the same again when no
//! answer came.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use faceauth_test_support::database::TestDatabase;
use faceauth_test_support::head::Person;
use serde_json::json;

use crate::challenge::{Challenge, head};
use crate::server::{Answer, Server, enrolment, sign_in};

/// Renewals after a sign-in.
const RENEWALS: u32 = 3;

/// How long a client waits that is told to wait.
const WAIT: Duration = Duration::from_secs(1);

/// Of so many liveness sessions that a client opens, it answers one: a capture costs as much as
/// ten sign-ins.
const ANSWER_EVERY: usize = 3;

/// Statuses of a proxy whose replica has not answered. What became of the request is unknown.
const CUT_OFF: [u16; 2] = [502, 504];

/// The status that says to come again, and how soon a client does.
const COME_AGAIN: u16 = 503;
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
    Renew {
        token: String,
        retry_key: String,
        left: u32,
    },
    Open,
    /// Sent before or not, because a session that has decided says so the second time.
    Answer {
        body: Vec<u8>,
        again: bool,
    },
}

/// An enrolment that was confirmed.
pub struct Enrolled {
    pub name: String,
    pub at: Instant,
}

/// Somebody who enrols, signs in, renews, opens a liveness session, answers it now and then, and
/// begins again under another name.
pub struct Client {
    id: usize,
    pub number: usize,
    step: Step,
    pub enrolled: Vec<Enrolled>,
    pub answered: usize,
    /// Requests that were left without an answer.
    pub cut: usize,
    /// Answers that nobody should get, in words.
    pub wrong: Vec<String>,
    /// Liveness captures that signed in.
    pub alive: usize,
    /// Why captures were refused: a rendered head now and then is by itself.
    pub unlike: Vec<String>,
    /// Sign-ins that had to wait: those that kills cut off count until it is clear that nobody
    /// decides them.
    pub waited: usize,
    /// Requests that were told to come again, by the service or by what stands before it.
    pub refused: usize,
    /// Captures that were made.
    performances: usize,
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
            wrong: Vec::new(),
            alive: 0,
            unlike: Vec::new(),
            waited: 0,
            refused: 0,
            performances: 0,
        }
    }

    fn name(&self) -> String {
        format!("c{}.{}", self.id, self.number)
    }

    /// Sends the next request, or the last one again. Answers whether there was an answer.
    pub fn take_step(&mut self, service: &impl Service, portrait: &[u8]) -> bool {
        let answered = self.sent(service, portrait);
        *(if answered { &mut self.answered } else { &mut self.cut }) += 1;
        if let Step::Answer { again, .. } = &mut self.step {
            *again = true;
        }
        answered
    }

    fn sent(&mut self, service: &impl Service, portrait: &[u8]) -> bool {
        let name = self.name();
        let json = |body: Vec<u8>| ("application/json".to_owned(), body);
        let (path, key, (content_type, body), expected) = match &self.step {
            Step::Enrol => ("/register", Some(&name), enrolment(&name, portrait), 201),
            Step::SignIn => ("/verify", None, sign_in(&name, portrait), 200),
            Step::Renew { token, retry_key, .. } => {
                let body = json!({"refresh_token": token, "retry_key": retry_key});
                ("/token/refresh", None, json(body.to_string().into_bytes()), 200)
            }
            Step::Open => {
                let body = json!({"username": name}).to_string().into_bytes();
                ("/liveness/sessions", None, json(body), 201)
            }
            Step::Answer { body, .. } => ("/verify", None, json(body.clone()), 200),
        };
        let sent = service.send(path, &content_type, key.map(String::as_str), &body);
        let Some(answer) = sent else { return false };
        if CUT_OFF.contains(&answer.status) {
            return false;
        }
        if answer.status == COME_AGAIN {
            self.refused += 1;
            thread::sleep(COME_AGAIN_AFTER);
            return true;
        }
        let signs_in = matches!(self.step, Step::SignIn | Step::Answer { .. });
        if answer.code() == "too_many_failures" && signs_in {
            self.waited += 1;
            thread::sleep(WAIT);
            return true;
        }
        let (expected, got) = (answer.status == expected, answer.code());
        if got == "liveness_failed" && matches!(self.step, Step::Answer { .. }) {
            self.unlike.push(answer.json()["liveness"]["reasons"].to_string());
            self.step = Step::Open;
            return true;
        }
        let decided = ["session_consumed", "session_expired"].contains(&got.as_str())
            && matches!(self.step, Step::Answer { again: true, .. });
        if !(expected || decided) {
            self.wrong.push(format!("{path} of {name}: {} {got}", answer.status));
            self.begin_again();
            return true;
        }
        self.go_on(name, &answer, expected);
        true
    }

    /// What comes after the last step, which ended with `answer`.
    fn go_on(&mut self, name: String, answer: &Answer, expected: bool) {
        let token = || answer.json()["refresh_token"].as_str().expect("a token").to_owned();
        self.step = match self.step {
            Step::Enrol => {
                self.enrolled.push(Enrolled { name, at: Instant::now() });
                Step::SignIn
            }
            Step::SignIn => self.renew(token(), RENEWALS),
            Step::Renew { left, .. } if left > 1 => self.renew(token(), left - 1),
            Step::Renew { .. } => Step::Open,
            Step::Open if (self.number + self.id).is_multiple_of(ANSWER_EVERY) => {
                let body = self.perform(&Challenge::of(&answer.json(), None));
                Step::Answer { body, again: false }
            }
            // Its answer was lost; whether it was accepted is not known.
            Step::Answer { .. } if !expected => Step::Open,
            Step::Answer { .. } => {
                self.alive += 1;
                return self.begin_again();
            }
            Step::Open => return self.begin_again(),
        };
    }

    fn begin_again(&mut self) {
        self.number += 1;
        self.step = Step::Enrol;
    }

    /// Does what a challenge asks before a camera. No two performances are alike, nor do two frames of
    /// them: a service that was killed in the middle of a capture knows its frames again.
    fn perform(&mut self, challenge: &Challenge) -> Vec<u8> {
        self.performances += 1;
        let seed = (self.id * 10_000 + self.performances) as u64;
        let capture = challenge.capture(&head(Person::Obama, &challenge.performed(seed)));
        json!({"username": self.name(), "liveness": capture}).to_string().into_bytes()
    }

    fn renew(&self, token: String, left: u32) -> Step {
        Step::Renew {
            token,
            retry_key: format!("{:-<43}", format!("{}.{left}", self.name())),
            left,
        }
    }
}

/// What the database has of each account: faces, and refresh tokens that were taken back.
pub async fn accounts(database: &TestDatabase) -> BTreeMap<String, (i64, i64)> {
    let database = database.client().await;
    let all = "SELECT u.username, (SELECT count(*) FROM templates t WHERE t.user_id = u.id), \
               (SELECT count(*) FROM refresh_tokens r WHERE r.user_id = u.id \
               AND r.revoked_at IS NOT NULL) FROM users u";
    let rows = database.query(all, &[]).await.expect("the accounts");
    rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect()
}

/// Fails unless exactly those who were told so have an account, with one face, nobody was taken for
/// a thief because an answer was lost, and every answer was one that is due.
pub async fn nothing_is_lost_or_doubled(clients: &[Client], database: &TestDatabase) {
    let wrong: Vec<_> = clients.iter().flat_map(|client| &client.wrong).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    let enrolled = clients.iter().flat_map(|client| &client.enrolled);
    let confirmed: BTreeMap<_, _> = enrolled.map(|one| (one.name.clone(), (1, 0))).collect();
    assert_eq!(accounts(database).await, confirmed);
}
