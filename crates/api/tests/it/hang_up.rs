//! Clients that go away while they wait.

use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use faceauth_test_support::scripted::{Mood, Shows};

use crate::app::{App, probe};

/// How many wait at once.
const CLIENTS: usize = 50;

/// Longest anything here may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

fn until(what: &str, app: &App, in_hand: usize) {
    let began = Instant::now();
    while app.analyzer.in_hand() != in_hand {
        assert!(began.elapsed() < PATIENCE, "{what}: {} have a place", app.analyzer.in_hand());
        thread::sleep(Duration::from_millis(5));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_hang_up_free_their_places() {
    // A client has three quarters of the places.
    let app = App::start_with(|s| s.settings.max_in_flight = 2 * CLIENTS).await;
    app.analyzer.set_mood(Mood::Holding);
    let address = app.base.trim_start_matches("http://");
    let waiting: Vec<TcpStream> = (0..CLIENTS)
        .map(|number| {
            let body = probe(&format!("somebody.{number}"), Shows::Person(0)).to_string();
            let mut client = TcpStream::connect(address).expect("a connection");
            let length = body.len();
            let request = format!(
                "POST /verify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                 Content-Length: {length}\r\n\r\n{body}"
            );
            client.write_all(request.as_bytes()).expect("send");
            client
        })
        .collect();
    until("all wait", &app, CLIENTS);
    drop(waiting);
    until("nobody waits any more", &app, 0);
    app.analyzer.set_mood(Mood::Ready);
    assert_eq!(app.verify("nobody", Shows::Person(0)).status, 401);
}
