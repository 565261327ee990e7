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

/// Where the times of a form stand.
#[derive(Clone, Copy, PartialEq)]
enum Times {
    /// Before the first frame.
    First,
    /// Each before its frame, in a body without a Content-Length: as it is sent while a person moves.
    Beside,
}

/// Sends what `shown` makes of the steps of a new session, as a sign-in of `barack`. Holds the last
/// frame back until the service has looked at all others. The status, the answer, and how long the
/// last frame was waited for.
fn sent_slowly(
    server: &Server,
    metrics: u16,
    seed: u64,
    order: Times,
    shown: impl Fn(&performance::Moment) -> RgbImage,
) -> (u16, Value, Duration) {
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
    let times = times.iter().map(|time| ("liveness.t_ms", None, time.as_bytes()));
    let pictures = frames.iter().map(|frame| ("liveness.frames", Some("image/jpeg"), &frame[..]));
    match order {
        Times::First => fields.extend(times.chain(pictures)),
        Times::Beside => fields.extend(times.zip(pictures).flat_map(|(time, frame)| [time, frame])),
    }
    let (media_type, body) = form(&fields);
    // The last field begins with its boundary, which ends the one before.
    let last = frames.last().expect("frames").len();
    let (begin, rest) = body.split_at(body.len() - last - 20);

    let before = value(&scrape(metrics), "faceauth_frames_ahead_total");
    let decoded = value(&scrape(metrics), DECODED);
    let mut stream =
        TcpStream::connect(server.base().trim_start_matches("http://")).expect("connect");
    let length = match order {
        Times::First => format!("Content-Length: {}", body.len()),
        Times::Beside => "Transfer-Encoding: chunked".to_owned(),
    };
    let head = format!(
        "POST /verify HTTP/1.1\r\nHost: faceauth.test\r\nConnection: close\r\n\
         Content-Type: {media_type}\r\n{length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).expect("sent");
    let sent = Instant::now();
    let mut send = |part: &[u8]| {
        let sent = match order {
            Times::First => stream.write_all(part),
            Times::Beside => stream
                .write_all(&[format!("{:x}\r\n", part.len()).as_bytes(), part, b"\r\n"].concat()),
        };
        sent.expect("sent");
    };
    // No faster than frames are looked at, so that none is left for later.
    for (index, part) in begin.chunks(begin.len().div_ceil(4 * frames.len())).enumerate() {
        send(part);
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
    let on_its_way = sent.elapsed();
    send(rest);
    if order == Times::Beside {
        // An empty chunk ends the body.
        send(b"");
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    // The judgement went on where the worker had stopped: no frame was looked at twice.
    assert_eq!(value(&scrape(metrics), DECODED) - decoded, frames.len() as f64);
    let (head, content) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head[9..12].parse().expect("a status");
    // One chunk at most: sizes of chunks are no JSON.
    let from = content.find('{').expect("JSON");
    let until = content.rfind('}').expect("JSON");
    (status, serde_json::from_str(&content[from..=until]).expect("JSON"), on_its_way)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_slowly_is_judged_as_everybody() {
    let metrics = port();
    let bind = format!("127.0.0.1:{metrics}");
    let server = Server::start_with("ahead", &[("FACEAUTH__SERVER__METRICS_BIND", &bind)]).await;
    server.register("barack", &photos::bytes(photos::OBAMA));

    let owner = Head::of(Person::Obama);
    let stranger = Head::of(Person::Biden);
    let card = Card::of(Person::Obama);
    let mut on_its_way = Duration::ZERO;
    for (seed, order) in [(1, Times::First), (4, Times::Beside)] {
        let (status, answer, took) =
            sent_slowly(&server, metrics, seed, order, |m| owner.render(&m.view, 640, 480));
        assert_eq!(status, 200, "{answer}");
        on_its_way += took;

        let (status, answer, took) =
            sent_slowly(&server, metrics, seed + 1, order, |m| stranger.render(&m.view, 640, 480));
        assert_eq!((status, &answer["code"]), (401, &json!("authentication_failed")));
        on_its_way += took;

        let (status, answer, took) =
            sent_slowly(&server, metrics, seed + 2, order, |m| card.render(&m.view, 640, 480));
        assert_eq!(status, 422, "{answer}");
        let refusals = ["liveness_failed", "challenge_not_met"].map(Value::from);
        assert!(refusals.contains(&answer["code"]), "{answer}");
        on_its_way += took;
    }
    // A slow sender does not make the service look slow: only what follows its last byte counts.
    let series = "faceauth_http_request_duration_seconds_sum{method=\"POST\",route=\"/verify\"}";
    let served = value(&scrape(metrics), series);
    assert!(served < on_its_way.as_secs_f64(), "{served} s, on its way {on_its_way:?}");
}
