//! A capture over a slow line: its frames have been looked at when the last one arrives.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use faceauth_domain::challenge::Action;
use faceauth_test_support::head::{Card, Head, Person};
use faceauth_test_support::performance;
use faceauth_test_support::photos;
use image::RgbImage;
use serde_json::{Value, json};

use crate::observability::{port, scrape, value};
use crate::server::{Server, form};

/// Milliseconds between two frames: a capture may not be longer than its session is old.
const FRAME_MS: u64 = 160;

/// How many pictures were decoded.
const DECODED: &str = "faceauth_stage_duration_seconds_count{stage=\"decode\"}";

/// The end of a test that does not end as it should.
const PATIENCE: Duration = Duration::from_secs(120);

/// Sends what `shown` makes of the steps of a new session, as a sign-in of `barack`. Holds the last
/// frame back until the service has looked at all others. The status and the answer.
fn sent_slowly(
    server: &Server,
    metrics: u16,
    seed: u64,
    shown: impl Fn(&performance::Moment) -> RgbImage,
) -> (u16, Value) {
    let opened = server.post("/liveness/sessions", "application/json", b"{}").json();
    let steps = opened["steps"].as_array().expect("steps");
    let steps: Vec<Action> = steps
        .iter()
        .map(|step| Action::parse(step["action"].as_str().expect("a text")).expect("an action"))
        .collect();
    let frames: Vec<Vec<u8>> =
        performance::perform(&steps, seed).iter().map(|m| photos::jpeg(&shown(m), 90)).collect();
    let times: Vec<String> =
        (0..frames.len() as u64).map(|index| (index * FRAME_MS).to_string()).collect();
    std::thread::sleep(Duration::from_millis(FRAME_MS * frames.len() as u64));

    let text = |name: &'static str| opened[name].as_str().expect("a text").as_bytes();
    let mut fields: Vec<(&str, Option<&str>, &[u8])> = vec![
        ("username", None, b"barack"),
        ("liveness.session_id", None, text("session_id")),
        ("liveness.nonce", None, text("nonce")),
    ];
    fields.extend(times.iter().map(|time| ("liveness.t_ms", None, time.as_bytes())));
    fields.extend(frames.iter().map(|frame| ("liveness.frames", Some("image/jpeg"), &frame[..])));
    let (media_type, body) = form(&fields);
    // The last field begins with its boundary, which ends the one before.
    let last = frames.last().expect("frames").len();
    let (begin, rest) = body.split_at(body.len() - last - 20);

    let before = value(&scrape(metrics), "faceauth_frames_ahead_total");
    let decoded = value(&scrape(metrics), DECODED);
    let mut stream =
        TcpStream::connect(server.base().trim_start_matches("http://")).expect("connect");
    let head = format!(
        "POST /verify HTTP/1.1\r\nHost: faceauth.test\r\nConnection: close\r\n\
         Content-Type: {media_type}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("sent");
    // No faster than frames are looked at, so that none is left for later.
    for (index, part) in begin.chunks(begin.len().div_ceil(4 * frames.len())).enumerate() {
        stream.write_all(part).expect("sent");
        let begun = Instant::now();
        let due = (index / 4).saturating_sub(2) as f64;
        while value(&scrape(metrics), "faceauth_frames_ahead_total") - before < due {
            assert!(begun.elapsed() < PATIENCE, "frame {due} is not looked at");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    let begun = Instant::now();
    let all_others = (frames.len() - 1) as f64;
    while value(&scrape(metrics), "faceauth_frames_ahead_total") - before < all_others {
        assert!(begun.elapsed() < PATIENCE, "{}", scrape(metrics));
        std::thread::sleep(Duration::from_millis(20));
    }
    stream.write_all(rest).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    // The judgement went on where the worker had stopped: no frame was looked at twice.
    assert_eq!(value(&scrape(metrics), DECODED) - decoded, frames.len() as f64);
    let (head, content) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head[9..12].parse().expect("a status");
    // One chunk at most: sizes of chunks are no JSON.
    let from = content.find('{').expect("JSON");
    let until = content.rfind('}').expect("JSON");
    (status, serde_json::from_str(&content[from..=until]).expect("JSON"))
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_slowly_is_judged_as_everybody() {
    let metrics = port();
    let bind = format!("127.0.0.1:{metrics}");
    let server = Server::start_with("ahead", &[("FACEAUTH__SERVER__METRICS_BIND", &bind)]).await;
    server.register("barack", &photos::bytes(photos::OBAMA));

    let owner = Head::of(Person::Obama);
    let (status, answer) = sent_slowly(&server, metrics, 1, |m| owner.render(&m.view, 640, 480));
    assert_eq!(status, 200, "{answer}");

    let stranger = Head::of(Person::Biden);
    let (status, answer) = sent_slowly(&server, metrics, 2, |m| stranger.render(&m.view, 640, 480));
    assert_eq!((status, &answer["code"]), (401, &json!("authentication_failed")));

    let card = Card::of(Person::Obama);
    let (status, answer) = sent_slowly(&server, metrics, 3, |m| card.render(&m.view, 640, 480));
    assert_eq!(status, 422, "{answer}");
    assert!(["liveness_failed", "challenge_not_met"].map(Value::from).contains(&answer["code"]));
}
