//! A service that is killed again and again while people enrol, sign in and renew.

use std::thread;
use std::time::{Duration, Instant};

use faceauth_test_support::photos;

use crate::client::{Client, nothing_is_lost_or_doubled};
use crate::server::Server;

/// Kills in a usual run; `FACEAUTH_KILLS` names another number.
const KILLS: usize = 4;
/// How many clients are at work.
const CLIENTS: usize = 4;
/// When a kill comes after the start, in milliseconds: from here, and so many steps later.
const KILL_AFTER_MS: u64 = 150;
const KILL_STEP_MS: u64 = 130;
const KILL_STEPS: u64 = 7;
/// The end of a test that does not end as it should.
const PATIENCE: Duration = Duration::from_secs(120);

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
                // Until the service is gone.
                scope.spawn(move || while client.take_step(server, portrait) {});
            }
            thread::sleep(Duration::from_millis(KILL_AFTER_MS + kill % KILL_STEPS * KILL_STEP_MS));
            server.kill();
        });
        server.restart();
    }
    // What was cut off last is sent again as well, and every client goes on to a new name.
    for client in &mut clients {
        let (until, begun) = (client.number + 1, Instant::now());
        while client.number < until {
            assert!(begun.elapsed() < PATIENCE, "refused for ever: {:?}", client.unlike);
            assert!(client.take_step(&server, &portrait), "a service that lives answers");
        }
    }

    let answered: usize = clients.iter().map(|client| client.answered).sum();
    let cut: usize = clients.iter().map(|client| client.cut).sum();
    let waited: usize = clients.iter().map(|client| client.waited).sum();
    let enrolled: usize = clients.iter().map(|client| client.enrolled.len()).sum();
    println!(
        "{kills} kills: {answered} answered, {cut} cut off and sent again, {enrolled} enrolled, \
         {waited} told to wait",
    );
    assert!(clients.iter().all(|client| client.refused == 0));
    nothing_is_lost_or_doubled(&clients, server.database()).await;
}
