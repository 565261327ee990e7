//! A network that stops forwarding, between the service and its database.

use std::thread;
use std::time::{Duration, Instant};

use faceauth_test_support::database::TestDatabase;
use faceauth_test_support::photos;
use faceauth_test_support::proxy::Proxy;

use crate::server::Server;

/// Requests that are on their way when the network falls silent.
const REQUESTS: usize = 100;
/// How many clients send them.
const CLIENTS: usize = 16;
/// Longest until a request is answered: the wait for a connection, one call, and a busy machine.
const ANSWERED_WITHIN: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread")]
async fn frozen_connections_are_replaced_and_everybody_is_answered() {
    let database = TestDatabase::create().await;
    let proxy = Proxy::start(&database).await;
    let server = Server::start_on(database, "silence", &[("DATABASE_URL", proxy.url())]);
    let portrait = photos::bytes(photos::OBAMA);
    assert_eq!(server.register("ada", &portrait).status, 201);
    // Every connection of the pool is open.
    burst(&server, REQUESTS);

    proxy.freeze_existing();
    let began = Instant::now();
    let answers = burst(&server, REQUESTS);
    let served = answers.iter().filter(|(status, _)| *status == 401).count();
    let unavailable = answers.iter().filter(|(status, _)| *status == 503).count();
    let longest = answers.iter().map(|(_, took)| *took).max().unwrap_or_default();
    println!(
        "{} answered within {longest:?}: {served} served, {unavailable} told to come again; all in {:?}",
        answers.len(),
        began.elapsed(),
    );
    assert_eq!(served + unavailable, REQUESTS);
    assert!(served > 0, "connections that are dead are replaced");
    assert!(longest < ANSWERED_WITHIN, "{longest:?}");
    // And it has healed.
    assert_eq!(server.verify("ada", &portrait).status, 200);
    assert_eq!(server.get("/readyz", None).status, 200);
}

/// Sends so many renewals with a token that nobody has: each asks the database. Answers status
/// and time of each.
fn burst(server: &Server, requests: usize) -> Vec<(u16, Duration)> {
    let body = format!("{{\"refresh_token\": \"{}\"}}", "A".repeat(43));
    thread::scope(|scope| {
        let ask = |client: usize| {
            let (server, body) = (server, body.as_bytes());
            scope.spawn(move || {
                (client..requests)
                    .step_by(CLIENTS)
                    .map(|_| {
                        let began = Instant::now();
                        let answer = server.post("/token/refresh", "application/json", body);
                        (answer.status, began.elapsed())
                    })
                    .collect::<Vec<_>>()
            })
        };
        let clients: Vec<_> = (0..CLIENTS).map(ask).collect();
        clients.into_iter().flat_map(|client| client.join().expect("a client")).collect()
    })
}
