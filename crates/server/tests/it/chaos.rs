//! Three replicas behind a balancer, of which one is killed, one is replaced and all lose their
//! database, while people enrol, sign in and renew.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use faceauth_test_support::database::TestDatabase;
use faceauth_test_support::photos;
use faceauth_test_support::proxy::Proxy as Wire;

use crate::client::{Client, Service, nothing_is_lost_or_doubled};
use crate::proxy::kind::Kind;
use crate::proxy::running::{Proxy, free_port};
use crate::server::{Answer, Server};

/// How many clients are at work.
const CLIENTS: usize = 4;

/// Rounds of all faults in a usual run; `FACEAUTH_CHAOS_ROUNDS` names another number.
const ROUNDS: usize = 1;

/// Between two faults, so that everything has settled.
const CALM: Duration = Duration::from_secs(4);

/// How long the database cannot be reached.
const CUT: Duration = Duration::from_secs(6);

/// Longest that a replica drains here: the balancer asks every two seconds.
const DRAIN_SECONDS: &str = "5";

/// The balancer, as clients see it.
impl Service for Proxy {
    fn send(
        &self,
        path: &str,
        content_type: &str,
        idempotency_key: Option<&str>,
        body: &[u8],
    ) -> Option<Answer> {
        let mut headers = vec![format!("Content-Type: {content_type}")];
        headers.extend(idempotency_key.map(|key| format!("Idempotency-Key: {key}")));
        let got = self.post(path, &headers, body)?;
        Some(Answer { status: got.status, body: got.body })
    }
}

/// What is done to the deployment.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// A replica is killed, and started again.
    Kill,
    /// A replica is told to end, and another takes its place.
    Replace,
    /// Nothing comes through to the database and back for a while.
    CutDatabase,
}

const FAULTS: [Fault; 3] = [Fault::Kill, Fault::Replace, Fault::CutDatabase];

/// When something was answered, and what was still to be done.
#[derive(Default)]
struct Log {
    successes: Mutex<Vec<Instant>>,
    /// Requests without an answer so far.
    cut: AtomicUsize,
    over: AtomicBool,
}

impl Log {
    fn work(&self, client: &mut Client, balancer: &Proxy, portrait: &[u8]) {
        while !self.over.load(Ordering::Relaxed) {
            let refused = client.refused;
            if !client.take_step(balancer, portrait) {
                self.cut.fetch_add(1, Ordering::Relaxed);
            } else if client.refused == refused {
                self.successes.lock().expect("no panic").push(Instant::now());
            }
        }
    }

    /// The longest time without a success that touches the time from `since` on.
    fn longest_gap(&self, since: Instant) -> Duration {
        let successes = self.successes.lock().expect("no panic");
        let pairs = successes.windows(2).filter(|pair| pair[1] > since);
        pairs.map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
    }
}

fn inject(fault: Fault, replicas: &mut [Server], wire: &Wire) {
    match fault {
        Fault::Kill => {
            replicas[0].kill();
            replicas[0].restart();
        }
        Fault::Replace => {
            replicas[1].terminate();
            replicas[1].restart();
        }
        Fault::CutDatabase => {
            wire.freeze_all();
            thread::sleep(CUT);
            wire.thaw();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_replicas_lose_nothing_and_double_nothing_whatever_happens() {
    let rounds = std::env::var("FACEAUTH_CHAOS_ROUNDS")
        .map_or(ROUNDS, |text| text.parse().expect("a number"));
    let database = TestDatabase::create().await;
    let wire = Wire::start(&database).await;
    let bind = || format!("127.0.0.1:{}", free_port());
    let first = Server::start_on(
        database,
        "chaos",
        &[
            ("DATABASE_URL", wire.url()),
            ("FACEAUTH__SERVER__TRUSTED_PROXIES", "[\"127.0.0.1/32\"]"),
            ("FACEAUTH__SERVER__DRAIN_SECONDS", DRAIN_SECONDS),
            ("FACEAUTH__SERVER__BIND", &bind()),
        ],
    );
    let another = || first.another(&[("FACEAUTH__SERVER__BIND", &bind())]);
    let others = [another(), another()];
    let mut replicas: Vec<Server> = [first].into_iter().chain(others).collect();
    let address = |at: usize| replicas[at].base().replace("http://", "");
    let addresses = [address(0), address(1), address(2)];
    let balancer = Proxy::start(Kind::Haproxy, "chaos", &addresses, &[]);
    let portrait = photos::bytes(photos::OBAMA);
    let mut clients: Vec<Client> = (0..CLIENTS).map(Client::new).collect();
    let log = Log::default();

    thread::scope(|scope| {
        for client in &mut clients {
            let (log, balancer, portrait) = (&log, &balancer, &portrait);
            scope.spawn(move || log.work(client, balancer, portrait));
        }
        for fault in FAULTS.into_iter().cycle().take(rounds * FAULTS.len()) {
            thread::sleep(CALM);
            let (began, cut) = (Instant::now(), log.cut.load(Ordering::Relaxed));
            inject(fault, &mut replicas, &wire);
            thread::sleep(CALM);
            let cut = log.cut.load(Ordering::Relaxed) - cut;
            let gap = log.longest_gap(began);
            println!("{fault:?}: {cut} without an answer, at most {gap:?} without any");
        }
        log.over.store(true, Ordering::Relaxed);
    });
    // What was cut off last is sent again as well, and every client goes on to a new name.
    for client in &mut clients {
        let until = client.number + 1;
        while client.number < until {
            client.take_step(&balancer, &portrait);
        }
    }

    let sum = |of: fn(&Client) -> usize| clients.iter().map(of).sum::<usize>();
    println!(
        "{} answered, {} told to come again, {} without an answer, {} enrolled, {} told to wait",
        sum(|client| client.answered),
        sum(|client| client.refused),
        sum(|client| client.cut),
        sum(|client| client.enrolled.len()),
        sum(|client| client.waited),
    );
    nothing_is_lost_or_doubled(&clients, replicas[0].database()).await;
}
