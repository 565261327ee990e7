//! Three replicas behind a balancer, to which everything happens that happens to deployments, while
//! people enrol, sign in, renew and show that they are alive. `./dev chaos` runs this for longer.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use faceauth_test_support::cluster::Cluster;
use faceauth_test_support::database::TestDatabase;
use faceauth_test_support::photos;
use faceauth_test_support::proxy::Proxy as Wire;

use crate::client::{Client, Service, accounts, nothing_is_lost_or_doubled};
use crate::proxy::kind::Kind;
use crate::proxy::running::{Proxy, free_port};
use crate::server::{Answer, Server, Way};

mod faults;
mod tally;

use faults::{FAULTS, Fault, Plant, SHORT, UPGRADE};
use tally::{Log, Window, table};

/// How many clients are at work. Each has one request on its way at most.
const CLIENTS: usize = 4;

/// The end of a run whose clients are refused for ever.
const PATIENCE: Duration = Duration::from_secs(120);

/// Before and after each fault, so that everything has settled.
const CALM: Duration = Duration::from_secs(3);

const MINUTE: Duration = Duration::from_secs(60);

/// Longest that a replica drains here: the balancer asks every two seconds.
const DRAIN_SECONDS: &str = "5";

/// The balancer sends each request to another replica, so that all of them see every client, and
/// sessions that one opened are answered at another.
const EACH_TO_ANOTHER: (&str, &str) =
    ("balance hash src,ipmask(32,64)\n    hash-type consistent", "balance roundrobin");

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

/// How long the run is, and what it begins with: what `./dev chaos` sets.
struct Plan {
    /// Rounds of all faults, or of the whole upgrade; nothing for the short form.
    rounds: Option<usize>,
    /// Further rounds begin before this has passed.
    at_least: Duration,
    /// The binary of another release, from which everything is upgraded.
    from: Option<PathBuf>,
    /// Where the table goes besides standard output.
    table: Option<PathBuf>,
}

impl Plan {
    fn read() -> Self {
        let number = |name: &str| {
            std::env::var(name).ok().map(|text| text.parse::<u32>().expect("a number"))
        };
        let path = |name: &str| std::env::var_os(name).map(PathBuf::from);
        Self {
            rounds: number("FACEAUTH_CHAOS_ROUNDS").map(|rounds| rounds as usize),
            at_least: number("FACEAUTH_CHAOS_MINUTES").unwrap_or_default() * MINUTE,
            from: path("FACEAUTH_CHAOS_FROM"),
            table: path("FACEAUTH_CHAOS_TABLE"),
        }
    }
}

/// Works until the run is over.
fn work(log: &Log, client: &mut Client, balancer: &Proxy, portrait: &[u8]) {
    while !log.is_over() {
        let before = (client.refused, client.wrong.len());
        if !client.take_step(balancer, portrait) {
            log.cut_off();
        } else if client.refused != before.0 {
            log.told_to_come_again();
        } else if client.wrong.len() != before.1 {
            log.wrong();
        } else {
            log.served();
        }
    }
}

/// Three replicas, all of them ready.
async fn replicas(cluster: &Cluster, plan: &Plan) -> (Wire, Vec<Server>) {
    let way = Way { program: plan.from.as_deref(), ..Way::default() };
    let database = match way.program {
        None => TestDatabase::create_on(cluster.url()).await,
        Some(program) => {
            let database = TestDatabase::empty_on(cluster.url()).await;
            faults::migrate(program, &database);
            database
        }
    };
    let wire = Wire::start(&database).await;
    let bind = || format!("127.0.0.1:{}", free_port());
    let first = Server::start_in(
        database,
        "chaos",
        &[
            ("DATABASE_URL", wire.url()),
            ("FACEAUTH__SERVER__TRUSTED_PROXIES", "[\"127.0.0.1/32\"]"),
            ("FACEAUTH__SERVER__DRAIN_SECONDS", DRAIN_SECONDS),
            ("FACEAUTH__SERVER__BIND", &bind()),
        ],
        &way,
    );
    let another = || first.another_in(&[("FACEAUTH__SERVER__BIND", &bind())], &way);
    let others = [another(), another()];
    (wire, [first].into_iter().chain(others).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn three_replicas_lose_nothing_and_double_nothing_whatever_happens() {
    let plan = Plan::read();
    let cluster = Cluster::start();
    let (wire, replicas) = replicas(&cluster, &plan).await;
    let address = |at: usize| replicas[at].base().replace("http://", "");
    let addresses = [address(0), address(1), address(2)];
    let balancer = Proxy::start(Kind::Haproxy, "chaos", &addresses, &[EACH_TO_ANOTHER]);
    let portrait = photos::bytes(photos::OBAMA);
    let mut clients: Vec<Client> = (0..CLIENTS).map(Client::new).collect();
    let log = Arc::new(Log::default());
    let mut plant = Plant { replicas, wire, cluster, from: plan.from.clone() };
    let faults: &[Fault] = match (&plan.from, plan.rounds) {
        (Some(_), _) => &UPGRADE,
        (None, Some(_)) => &FAULTS,
        (None, None) => &SHORT,
    };

    let mut windows = Vec::new();
    thread::scope(|scope| {
        for client in &mut clients {
            let (log, balancer, portrait) = (Arc::clone(&log), &balancer, &portrait);
            scope.spawn(move || work(&log, client, balancer, portrait));
        }
        // Also when a fault fails, because the scope waits for the clients.
        let _over = log.over_at_the_end();
        let (began, mut round) = (Instant::now(), 0);
        while round < plan.rounds.unwrap_or(1) || began.elapsed() < plan.at_least {
            round += 1;
            for (number, &fault) in faults.iter().enumerate() {
                thread::sleep(CALM);
                eprintln!("round {round}, fault {} of {}: {fault}", number + 1, faults.len());
                let mut window = Window::open(fault, &log);
                window.over(plant.inject(fault));
                thread::sleep(CALM);
                window.close(&log);
                windows.push(window);
            }
        }
    });
    // What was cut off last is sent again as well, and every client goes on to a new name.
    for client in &mut clients {
        let (until, begun) = (client.number + 1, Instant::now());
        while client.number < until {
            assert!(begun.elapsed() < PATIENCE, "refused for ever: {:?}", client.unlike);
            client.take_step(&balancer, &portrait);
        }
    }

    let database = plant.replicas[0].database();
    let table = table(&windows, &log, &clients, &accounts(database).await);
    println!("{table}");
    if let Some(path) = &plan.table {
        std::fs::write(path, &table).expect("write the table");
    }
    nothing_is_lost_or_doubled(&clients, database).await;
    for window in &windows {
        window.nobody_else_was_cut_off(CLIENTS);
    }
}
