//! Clients that send slowly, and what the others notice of them.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use faceauth_domain::scope::Scope;
use faceauth_test_support::scripted::{Mood, Shows};
use serde_json::json;

use crate::app::{App, Setup, base64, probe, registration};
use crate::form::{BOUNDARY, form};
use crate::services::key;

/// More than there are places, and than one client may have on its way.
const CROWD: usize = 40;
/// Places of a service in these tests.
const PLACES: usize = 16;
/// The end of a test that does not end as it should.
const PATIENCE: Duration = Duration::from_secs(30);
/// A clip or a picture that is said to follow.
const PROMISED: usize = 200_000;

/// Every address of this machine is a proxy, so that a test can be many clients.
fn behind_proxies(setup: &mut Setup) {
    setup.settings.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    setup.settings.max_in_flight = PLACES;
}

/// A request of `client` whose head has been sent, and nothing that follows.
fn open(app: &App, client: &str, path: &str, headers: &[(&str, &str)]) -> TcpStream {
    let mut stream = TcpStream::connect(app.base.trim_start_matches("http://")).expect("connect");
    let mut head = format!("POST {path} HTTP/1.1\r\nHost: faceauth.test\r\nConnection: close\r\n");
    for (name, value) in [("X-Forwarded-For", client)].iter().chain(headers) {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).expect("send");
    stream.set_nonblocking(true).expect("a socket that does not block");
    stream
}

/// A request of `client` that promises a body.
fn promise(app: &App, client: &str, path: &str, media_type: &str, begin: &[u8]) -> TcpStream {
    let length = PROMISED.to_string();
    let headers = [("Content-Type", media_type), ("Content-Length", length.as_str())];
    let mut stream = open(app, client, path, &headers);
    stream.write_all(begin).expect("a few bytes");
    stream
}

/// The status of the answer, if one has come.
fn status(stream: &mut TcpStream) -> Option<u16> {
    let mut head = [0; 12];
    match stream.read(&mut head) {
        Ok(12) => std::str::from_utf8(&head[9..]).ok()?.parse().ok(),
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        other => panic!("no answer: {other:?}"),
    }
}

fn form_media_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

/// The beginning of a form whose file is still to come.
fn begun(field: &str, media_type: &str) -> Vec<u8> {
    let whole = form(&[("username", None, b"ada"), (field, Some(media_type), b"")]);
    whole[..whole.len() - format!("\r\n--{BOUNDARY}--\r\n").len()].to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn trickles_keep_nobody_out_and_end() {
    let app = App::start_with(behind_proxies).await;
    app.register("ada", Shows::Person(0)).access_token();
    let json = "application/json";
    let forms = form_media_type();
    let doors: [(&str, &str, Vec<u8>); 6] = [
        ("/verify", json, br#"{"username":"ada","face_image":""#.to_vec()),
        ("/verify", &forms, begun("face_image", "image/jpeg")),
        ("/detect", json, br#"{"image":""#.to_vec()),
        ("/detect", &forms, begun("image", "image/png")),
        ("/liveness", &forms, begun("video_clip", "video/mp4")),
        ("/register", &forms, begun("liveness.video_clip", "video/webm")),
    ];
    let mut open: Vec<TcpStream> = Vec::new();
    for (n, (path, media_type, begin)) in doors.iter().enumerate() {
        let client = format!("203.0.113.{n}");
        open.extend((0..CROWD).map(|_| promise(&app, &client, path, media_type, begin)));
    }
    let mut statuses = Vec::new();
    let begin = Instant::now();
    let mut signed_in = 0;
    while !open.is_empty() {
        assert!(begin.elapsed() < PATIENCE, "{} trickles have no answer", open.len());
        // Meanwhile, others come and go.
        let client = format!("198.51.100.{}", signed_in % 200);
        let others = [("x-forwarded-for", client.as_str())];
        let answer = app.post_with("/verify", &others, &probe("ada", Shows::Person(0)));
        assert_eq!(answer.status, 200, "{}", answer.text());
        let picture = json!({"image": base64(&Shows::Person(0).picture())});
        assert_eq!(app.post_with("/detect", &others, &picture).status, 200);
        signed_in += 1;
        open.retain_mut(|stream| {
            let answered = status(stream);
            // A connection that was refused may be closed.
            let _ = stream.write(b"x");
            statuses.extend(answered);
            answered.is_none()
        });
        std::thread::sleep(Duration::from_millis(300));
    }
    assert!(signed_in >= 5, "{signed_in}");
    // What is beyond a client's share is told so at once, the rest when it is too slow.
    let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!(count(408), doors.len() * PLACES, "{statuses:?}");
    assert_eq!(count(503), doors.len() * (CROWD - PLACES), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_finds_no_room_is_told_before_the_body_has_arrived() {
    let app = App::start_with(behind_proxies).await;
    let forms = form_media_type();
    let doors = [
        ("/verify", "application/json", br#"{"username":"ada","face_image":""#.to_vec()),
        ("/verify", &forms, begun("face_image", "image/jpeg")),
        ("/detect", &forms, begun("image", "image/png")),
        ("/liveness", &forms, begun("video_clip", "video/mp4")),
        ("/register", &forms, begun("liveness.video_clip", "video/webm")),
    ];
    for (mood, refused) in
        [(Mood::Full, b"overloaded".to_vec()), (Mood::Loading, b"model".to_vec())]
    {
        app.analyzer.set_mood(mood);
        for (path, media_type, begin) in &doors {
            let mut stream = promise(&app, "203.0.113.1", path, media_type, begin);
            stream.set_nonblocking(false).expect("a socket that blocks");
            stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
            let mut answer = Vec::new();
            while !answer.windows(refused.len()).any(|part| part == refused) {
                let mut part = [0; 1024];
                let read = stream.read(&mut part).expect("an answer before the body is sent");
                assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
                answer.extend(&part[..read]);
            }
            assert!(answer.starts_with(b"HTTP/1.1 503"), "{}", String::from_utf8_lossy(&answer));
        }
    }
    // What needs no analyzer is answered as ever.
    app.analyzer.set_mood(Mood::Full);
    let empty = app.post("/verify", &json!({"username": "ada"}));
    assert_eq!((empty.status, empty.code().as_str()), (400, "missing_field"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_falls_silent_in_a_body_of_chunks_loses_the_connection() {
    let app = App::start_with(behind_proxies).await;
    let media_type = form_media_type();
    let headers = [("Content-Type", media_type.as_str()), ("Transfer-Encoding", "chunked")];
    let begin = begun("face_image", "image/jpeg");
    let begin = [format!("{:x}\r\n", begin.len()).as_bytes(), &begin, b"\r\n"].concat();
    let doors = [("/verify", 408), ("/nothing-here", 404), ("/healthz", 405), ("/me/export", 405)];
    let mut streams = doors.map(|(path, _)| {
        let mut stream = open(&app, "203.0.113.1", path, &headers);
        stream.write_all(&begin).expect("a few bytes");
        stream
    });
    for (stream, (path, status)) in streams.iter_mut().zip(doors) {
        assert_eq!(until_closed(stream), status, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_nothing_loses_the_connection() {
    let app = App::start_with(behind_proxies).await;
    let mut stream = TcpStream::connect(app.base.trim_start_matches("http://")).expect("connect");
    // More than the buffers of both ends take.
    let request = "GET /openapi.json HTTP/1.1\r\nHost: faceauth.test\r\n\r\n";
    stream.set_nonblocking(true).expect("a socket that does not block");
    let begin = Instant::now();
    // What can be written says nothing: a connection that was ended refuses it.
    while let Ok(_) | Err(ErrorKind::WouldBlock) =
        stream.write(request.repeat(20).as_bytes()).map_err(|error| error.kind())
    {
        assert!(begin.elapsed() < 2 * PATIENCE, "it stays open");
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// The status of the answer on a connection that ends after it. Fails when it stays open.
pub(crate) fn until_closed(stream: &mut TcpStream) -> u16 {
    stream.set_nonblocking(false).expect("a socket that blocks");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("it stays open: {error}"),
    }
    let status = answer.get(9..12).and_then(|status| std::str::from_utf8(status).ok());
    status.expect("an answer").parse().expect("a status")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_line_is_served() {
    let app = App::start_with(behind_proxies).await;
    app.register("ada", Shows::Person(0)).access_token();
    // What follows a PNG is not looked at.
    let mut picture = Shows::Person(0).picture();
    picture.resize(PROMISED, 0);
    let body = form(&[("username", None, b"ada"), ("face_image", Some("image/png"), &picture)]);
    let length = body.len().to_string();
    let media_type = form_media_type();
    let headers = [("Content-Type", media_type.as_str()), ("Content-Length", length.as_str())];
    let mut stream = open(&app, "203.0.113.1", "/verify", &headers);
    stream.set_nonblocking(false).expect("a socket that blocks");
    let begin = Instant::now();
    // 90 kbit/s: longer than a fixed time for all bodies would be.
    for part in body.chunks(body.len() / 17) {
        stream.write_all(part).expect("taken");
        std::thread::sleep(Duration::from_secs(1));
    }
    assert!(begin.elapsed() > Duration::from_secs(15));
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_that_wait_hold_no_place() {
    let app = App::start_with(behind_proxies).await;
    let key = key(&app, &[Scope::Enrol]).await;
    let headers = [
        ("Content-Type", "application/x-ndjson"),
        ("X-Api-Key", key.as_str()),
        ("Transfer-Encoding", "chunked"),
    ];
    let mut idle: Vec<_> = (0..4 * PLACES)
        .map(|n| open(&app, &format!("203.0.113.{}", n % 4), "/register/batch", &headers))
        .collect();
    // Half a line each.
    for stream in &mut idle {
        stream.write_all(b"b\r\n{\"username\"\r\n").expect("sent");
    }
    let other = [("x-forwarded-for", "198.51.100.1")];
    let enrolled = app.post_with("/register", &other, &registration("ada", &[Shows::Person(0)]));
    assert_eq!(enrolled.status, 201, "{}", enrolled.text());
    for _ in 0..5 {
        let answer = app.post_with("/verify", &other, &probe("ada", Shows::Person(0)));
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let line = registration("grace", &[Shows::Person(1)]).to_string();
    let headers = [("content-type", "application/x-ndjson"), ("x-api-key", key.as_str()), other[0]];
    let batch = app.send("POST", "/register/batch", &headers, line.as_bytes());
    assert_eq!(batch.json()["status"], 201, "{}", batch.text());
}
