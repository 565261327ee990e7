//! What a replica does between the signal to stop and its end.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::thread;
use std::time::{Duration, Instant};

use faceauth_test_support::photos;

use crate::server::{Server, sign_in};

/// Longest anything here may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A slow request comes in so many pieces, so often: for 12 s, if nothing hurries it.
const PIECES: usize = 120;
const PIECE_EVERY: Duration = Duration::from_millis(100);

/// Waits until `happened`.
fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let began = Instant::now();
    while !happened() {
        assert!(began.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn address(server: &Server) -> &str {
    server.base().trim_start_matches("http://")
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(address(server)).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
    stream
}

/// The head of a request with a body of `length` bytes. The connection may stay open.
fn head(method: &str, path: &str, content_type: &str, length: usize) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\n\
         Content-Length: {length}\r\n\r\n"
    )
}

/// All that comes until the service closes the connection.
fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    String::from_utf8_lossy(&answer).to_lowercase()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_drains_finishes_what_it_has_and_ends() {
    let server = Server::start_with("drain", &[("FACEAUTH__SERVER__DRAIN_SECONDS", "3")]).await;
    let portrait = photos::bytes(photos::OBAMA);
    assert_eq!(server.register("ada", &portrait).status, 201);
    assert_eq!(server.get("/readyz", None).status, 200);

    // A request that is on its way when the signal comes, and until the service listens no more.
    let (content_type, body) = sign_in("ada", &portrait);
    let mut in_flight = connect(&server);
    let request = head("POST", "/verify", &content_type, body.len());
    in_flight.write_all(request.as_bytes()).expect("send");
    let (closed, is_closed) = std::sync::mpsc::channel();
    let sender = thread::spawn(move || {
        let mut hurry = false;
        for piece in body.chunks(body.len() / PIECES) {
            in_flight.write_all(piece).expect("send");
            hurry = hurry || is_closed.try_recv().is_ok();
            if !hurry {
                thread::sleep(PIECE_EVERY);
            }
        }
        rest(&mut in_flight)
    });
    thread::sleep(PIECE_EVERY);

    server.tell_to_stop();
    until("it says that it stops", || server.get("/readyz", None).status == 503);
    assert_eq!(server.get("/healthz", None).status, 200);
    // What balancers still send is answered, and no connection stays open for more.
    let mut stays = connect(&server);
    stays.write_all(head("GET", "/healthz", "text/plain", 0).as_bytes()).expect("send");
    let answer = rest(&mut stays);
    assert!(answer.starts_with("http/1.1 200") && answer.contains("connection: close"), "{answer}");
    assert_eq!(server.verify("ada", &portrait).status, 200);

    until("it listens no more", || TcpStream::connect(address(&server)).is_err());
    assert!(!sender.is_finished(), "the request came too early to show anything");
    closed.send(()).expect("the request is on its way");
    let answer = sender.join().expect("an answer");
    assert!(answer.starts_with("http/1.1 200") && answer.contains("access_token"), "{answer}");
    assert!(server.wait().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once() {
    let server = Server::start_with("hurry", &[("FACEAUTH__SERVER__DRAIN_SECONDS", "300")]).await;
    server.tell_to_stop();
    until("it drains", || server.get("/readyz", None).status == 503);
    server.tell_to_stop();
    let ended = server.wait();
    assert_eq!(ended.signal(), Some(9), "{ended}");
}
