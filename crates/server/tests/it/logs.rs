//! What clients choose does not fill the log, and a log that nobody takes stops nobody.

use std::io::{Read, Write};
use std::net::TcpStream;

use faceauth_test_support::photos;

use crate::proxy::running::free_port;
use crate::server::{LogTo, Server, Way};

/// Longest line of a request: its span is written twice, with 128 bytes of the path.
const LONGEST_LINE: usize = 2000;
/// Bytes of a part of a request that a client chose; the library takes 128 KiB of a head.
const LONG: usize = 60_000;

#[tokio::test(flavor = "multi_thread")]
async fn no_client_decides_how_long_a_line_is() {
    let server = Server::start_with("logs", &[("FACEAUTH__LOG__FILTER", "debug")]).await;
    let address = server.base().trim_start_matches("http://").to_owned();
    let send = |head: String| {
        let mut stream = TcpStream::connect(&address).expect("connect");
        let head = format!("{head}Host: faceauth.test\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).expect("send");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        String::from_utf8_lossy(&answer).into_owned()
    };
    let long = "log-me".repeat(LONG / 6);
    let unknown = send(format!("GET /{long} HTTP/1.1\r\n"));
    assert!(unknown.starts_with("HTTP/1.1 404"), "{unknown}");
    send(format!("GET /me/sessions/{long} HTTP/1.1\r\n"));
    send(format!("GET /?{long} HTTP/1.1\r\n"));
    send(format!("{} / HTTP/1.1\r\n", long.to_ascii_uppercase().replace('-', "")));
    for header in
        ["User-Agent", "X-Request-Id", "traceparent", "Origin", "Referer", "X-Forwarded-For"]
    {
        send(format!("GET /healthz HTTP/1.1\r\n{header}: {long}\r\n"));
    }
    send(format!("POST /verify HTTP/1.1\r\nX-Api-Key: {long}\r\nContent-Length: 0\r\n"));
    send(format!("GET /me HTTP/1.1\r\nAuthorization: Bearer {long}\r\n"));
    let log = server.log();
    assert!(log.contains("\"path\":\"/log-me"), "the request was logged: {log}");
    assert!(log.contains("\"route\":\"/me\""), "its route was logged: {log}");
    let longest = log.lines().map(str::len).max().unwrap_or_default();
    assert!(longest < LONGEST_LINE, "a line of {longest} bytes");
}

/// Requests that log more than a pipe and a reader's buffer hold.
const MANY: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_nobody_takes_stops_nobody() {
    let bind = format!("127.0.0.1:{}", free_port());
    let loud = [("FACEAUTH__LOG__FILTER", "debug"), ("FACEAUTH__SERVER__BIND", bind.as_str())];
    let mut server = Server::start_with("unread", &loud).await;
    let portrait = photos::bytes(photos::OBAMA);
    assert_eq!(server.register("ada", &portrait).status, 201);

    // What reads the log hangs, and the pipe fills.
    server.leave_log_unread(true);
    for _ in 0..MANY {
        assert_eq!(server.get("/me", None).status, 401);
    }
    assert_eq!(server.verify("ada", &portrait).status, 200);
    server.leave_log_unread(false);

    // Its disk is full.
    server.terminate();
    server.restart_in(&Way { log: LogTo::FullDisk, ..Way::default() });
    for _ in 0..MANY {
        assert_eq!(server.get("/me", None).status, 401);
    }
    assert_eq!(server.verify("ada", &portrait).status, 200);
    assert!(server.stop().success());
}
