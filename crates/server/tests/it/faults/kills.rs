//! A service that is killed again and again while people enrol, sign in and renew.

use std::thread;
use std::time::Duration;

use faceauth_test_support::photos;
use serde_json::json;

use crate::server::{Server, enrolment, sign_in};

/// Kills in a usual run; `FACEAUTH_KILLS` names another number.
const KILLS: usize = 4;
/// How many clients are at work.
const CLIENTS: usize = 4;
/// Renewals after a sign-in.
const RENEWALS: u32 = 3;
/// When a kill comes after the start, in milliseconds: from here, and so many steps later.
const KILL_AFTER_MS: u64 = 150;
const KILL_STEP_MS: u64 = 130;
const KILL_STEPS: u64 = 7;

/// How long a client waits that is told to wait.
const WAIT: Duration = Duration::from_secs(1);

/// What a client sends next. It sends the same again when no answer came.
#[derive(Clone)]
enum Step {
    Enrol,
    SignIn,
    Renew { token: String, retry_key: String, left: u32 },
}

/// Somebody who enrols, signs in, renews, and begins again under another name.
struct Client {
    id: usize,
    number: usize,
    step: Step,
    /// Names whose enrolment was confirmed.
    enrolled: Vec<String>,
    answered: usize,
    /// Requests that a kill left without an answer.
    cut: usize,
    /// Sign-ins that had to wait: those that kills cut off count until it is clear that nobody
    /// decides them.
    waited: usize,
}

impl Client {
    fn new(id: usize) -> Self {
        Self {
            id,
            number: 0,
            step: Step::Enrol,
            enrolled: Vec::new(),
            answered: 0,
            cut: 0,
            waited: 0,
        }
    }

    fn name(&self) -> String {
        format!("c{}.{}", self.id, self.number)
    }

    /// Sends until the service is gone.
    fn work(&mut self, server: &Server, portrait: &[u8]) {
        while self.take_step(server, portrait) {
            self.answered += 1;
        }
        self.cut += 1;
    }

    /// Whether there was an answer. It is always the expected one.
    fn take_step(&mut self, server: &Server, portrait: &[u8]) -> bool {
        let name = self.name();
        let (path, key, (content_type, body), expected) = match &self.step {
            Step::Enrol => ("/register", Some(&name), enrolment(&name, portrait), 201),
            Step::SignIn => ("/verify", None, sign_in(&name, portrait), 200),
            Step::Renew { token, retry_key, .. } => {
                let body = json!({"refresh_token": token, "retry_key": retry_key}).to_string();
                ("/token/refresh", None, ("application/json".to_owned(), body.into_bytes()), 200)
            }
        };
        let sent = server.try_post(path, &content_type, key.map(String::as_str), &body);
        let Ok(answer) = sent else { return false };
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

#[tokio::test(flavor = "multi_thread")]
async fn kills_lose_nothing_and_double_nothing() {
    let kills =
        std::env::var("FACEAUTH_KILLS").map_or(KILLS, |text| text.parse().expect("a number"));
    let mut server = Server::start("kills").await;
    let portrait = photos::bytes(photos::OBAMA);
    let mut clients: Vec<Client> = (0..CLIENTS).map(Client::new).collect();
    for kill in 0..kills as u64 {
        thread::scope(|scope| {
            for client in &mut clients {
                let (server, portrait) = (&server, &portrait);
                scope.spawn(move || client.work(server, portrait));
            }
            thread::sleep(Duration::from_millis(KILL_AFTER_MS + kill % KILL_STEPS * KILL_STEP_MS));
            server.kill();
        });
        server.restart();
    }
    // What was cut off last is sent again as well, and every client goes on to a new name.
    for client in &mut clients {
        let until = client.number + 1;
        while client.number < until {
            assert!(client.take_step(&server, &portrait), "a service that lives answers");
            client.answered += 1;
        }
    }

    let answered: usize = clients.iter().map(|client| client.answered).sum();
    let cut: usize = clients.iter().map(|client| client.cut).sum();
    let waited: usize = clients.iter().map(|client| client.waited).sum();
    let enrolled: Vec<&String> = clients.iter().flat_map(|client| &client.enrolled).collect();
    let database = server.database().client().await;
    let faces = "SELECT u.username, count(t.id) FROM users u LEFT JOIN templates t \
                 ON t.user_id = u.id GROUP BY u.id";
    let rows = database.query(faces, &[]).await.expect("the accounts");
    let mut accounts: Vec<(String, i64)> = rows.iter().map(|r| (r.get(0), r.get(1))).collect();
    accounts.sort();
    let mut confirmed: Vec<(String, i64)> = enrolled.iter().map(|n| ((*n).clone(), 1)).collect();
    confirmed.sort();
    println!(
        "{kills} kills: {answered} answered, {cut} cut off and sent again, {} enrolled, {waited} told to wait",
        enrolled.len(),
    );
    // Every name that was confirmed has its one face, and there is nobody else.
    assert_eq!(accounts, confirmed);
    // Nobody was taken for a thief because an answer was lost.
    let revoked = "SELECT count(*) FROM refresh_tokens WHERE revoked_at IS NOT NULL";
    let revoked: i64 = database.query_one(revoked, &[]).await.expect("a count").get(0);
    assert_eq!(revoked, 0);
}
