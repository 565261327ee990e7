//! Frames are looked at while the rest of a form is on its way.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use faceauth_test_support::scripted::{Shows, performance};

use crate::app::{App, Challenged, Setup, probe};
use crate::form::{BOUNDARY, form, send_form};

const ADA: Shows = Shows::Person(0);

/// The end of a test that does not end as it should.
const PATIENCE: Duration = Duration::from_secs(30);

/// Places of a service in the test of many at once. Its store has as many connections.
const PLACES: usize = 4;

type Field = (String, Option<&'static str>, Vec<u8>);

/// The fields of a capture that answers `challenge`: session, times and frames.
struct Capture {
    session: Vec<Field>,
    times: Vec<Field>,
    frames: Vec<Field>,
}

impl Capture {
    fn of(challenge: &Challenged, prefix: &str, salt: u32) -> Self {
        let text = |name: &str, text: &str| (format!("{prefix}{name}"), None, text.into());
        let frames = performance(ADA, &challenge.actions, salt);
        Self {
            session: vec![text("session_id", &challenge.session), text("nonce", &challenge.nonce)],
            times: frames.iter().map(|(t_ms, _)| text("t_ms", &t_ms.to_string())).collect(),
            frames: frames
                .into_iter()
                .map(|(_, image)| (format!("{prefix}frames"), Some("image/png"), image))
                .collect(),
        }
    }

    fn times_first(self) -> Vec<Field> {
        [self.session, self.times, self.frames].concat()
    }

    /// As it is sent while the frames are taken: each time directly before its frame.
    fn times_beside(self) -> Vec<Field> {
        let pairs = self.times.into_iter().zip(self.frames).flat_map(<[Field; 2]>::from);
        self.session.into_iter().chain(pairs).collect()
    }
}

fn named(username: &str) -> Field {
    ("username".to_owned(), None, username.into())
}

fn borrowed(fields: &[Field]) -> Vec<(&str, Option<&str>, &[u8])> {
    fields.iter().map(|(name, kind, content)| (name.as_str(), *kind, content.as_slice())).collect()
}

/// A request whose body is sent bit by bit, without a Content-Length.
struct Sending(TcpStream);

impl Sending {
    /// Sends the head of `POST path`, of `client`.
    fn begin(app: &App, path: &str, client: &str) -> Self {
        let address = app.base.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).expect("connect");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: faceauth.test\r\nConnection: close\r\n\
             X-Forwarded-For: {client}\r\nTransfer-Encoding: chunked\r\n\
             Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).expect("sent");
        Self(stream)
    }

    fn send(&mut self, part: &[u8]) {
        let chunk = [format!("{:x}\r\n", part.len()).as_bytes(), part, b"\r\n"].concat();
        self.0.write_all(&chunk).expect("sent");
    }

    /// Ends the body.
    fn end(&mut self) {
        self.0.write_all(b"0\r\n\r\n").expect("sent");
    }

    /// How the answer begins: the version and the status.
    fn answer(mut self) -> String {
        let mut begin = [0; 12];
        self.0.read_exact(&mut begin).expect("an answer");
        String::from_utf8_lossy(&begin).into_owned()
    }
}

/// `fields` as a form, in two parts: the second begins where the last field begins. A field ends
/// with the boundary of the next, so the first part has all others.
fn but_the_last(fields: &[Field]) -> (Vec<u8>, Vec<u8>) {
    let mut begin = form(&borrowed(fields));
    let last = form(&borrowed(&fields[fields.len() - 1..])).len();
    let boundary = format!("--{BOUNDARY}\r\n").len();
    let rest = begin.split_off(begin.len() - last + boundary);
    (begin, rest)
}

/// Waits until `count` frames were looked at ahead, and sees that there are no more.
fn looked(app: &App, count: usize) {
    let begun = Instant::now();
    while app.analyzer.looked_ahead() < count {
        assert!(begun.elapsed() < PATIENCE, "{} of {count}", app.analyzer.looked_ahead());
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(app.analyzer.looked_ahead(), count);
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_are_seen_before_the_last_has_arrived() {
    let app = App::start().await;
    app.register("ada", ADA).access_token();
    let mut seen = 0;
    for (salt, order) in [(1, Capture::times_first as fn(Capture) -> _), (2, Capture::times_beside)]
    {
        let capture = Capture::of(&app.challenge(&serde_json::json!({})), "liveness.", salt);
        let count = capture.frames.len();
        let (begin, rest) = but_the_last(&[vec![named("ada")], order(capture)].concat());
        let mut sending = Sending::begin(&app, "/verify", "203.0.113.1");
        sending.send(&begin);
        looked(&app, seen + count - 1);
        sending.send(&rest);
        sending.end();
        assert_eq!(sending.answer(), "HTTP/1.1 200");
        seen += count;
        assert_eq!(app.analyzer.looked_ahead(), seen);
        // The frames that are judged are those that were seen, and no copies of them.
        assert_eq!(app.analyzer.judged_as_seen(), seen);
    }
}

/// Every address of this machine is a proxy, so that a test can be many clients.
fn behind_proxies(setup: &mut Setup) {
    setup.settings.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    setup.settings.max_in_flight = PLACES;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_while_moving_holds_no_place_and_loses_nothing_by_going() {
    let app = App::start_with(behind_proxies).await;
    app.register("ada", ADA).access_token();
    // Twice as many as there are places, or connections to the database.
    let people: Vec<Vec<Field>> = (0..2 * PLACES as u32)
        .map(|salt| {
            let challenge = app.challenge(&serde_json::json!({}));
            let fields = Capture::of(&challenge, "liveness.", 100 + salt).times_beside();
            [vec![named("ada")], fields].concat()
        })
        .collect();
    let mut open: Vec<Sending> = Vec::new();
    for (number, fields) in people.iter().enumerate() {
        let client = format!("203.0.113.{number}");
        let mut sending = Sending::begin(&app, "/verify", &client);
        sending.send(&but_the_last(fields).0);
        open.push(sending);
    }
    // A name, a session and a nonce stand before the pairs, of which the last one is missing.
    looked(&app, people.iter().map(|fields| (fields.len() - 3) / 2 - 1).sum());
    assert_eq!(app.analyzer.in_hand(), 0);
    // Others sign in meanwhile.
    for number in 0..2 * PLACES {
        let client = format!("198.51.100.{number}");
        let others = [("x-forwarded-for", client.as_str())];
        assert_eq!(app.post_with("/verify", &others, &probe("ada", ADA)).status, 200);
    }
    // Half of them go, the others fall silent and are told so.
    let silent = open.split_off(open.len() / 2);
    drop(open);
    for sending in silent {
        assert_eq!(sending.answer(), "HTTP/1.1 408");
    }
    // Each nonce is still good, with the same frames.
    for fields in &people {
        let answer = send_form(&app, "/verify", &borrowed(fields));
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_looks_ahead_where_it_would_not_help() {
    let app = App::start().await;
    app.register("ada", ADA).access_token();
    let challenge = || app.challenge(&serde_json::json!({}));

    // When a frame was taken is not known when it arrives.
    let Capture { session, times, frames } = Capture::of(&challenge(), "", 2);
    let pairs = frames.into_iter().zip(times).flat_map(|(frame, time)| [frame, time]);
    let mixed: Vec<Field> = session.into_iter().chain(pairs).collect();
    let answer = send_form(&app, "/liveness", &borrowed(&mixed));
    assert_eq!(answer.json()["live"], true, "{}", answer.text());
    // The body is there already.
    let answer = app.post("/liveness", &challenge().performed(ADA, 3));
    assert_eq!(answer.json()["live"], true, "{}", answer.text());
    // Times that no capture has.
    let mut late = Capture::of(&challenge(), "", 4);
    late.times[3].2 = b"90000".to_vec();
    let refused = send_form(&app, "/liveness", &borrowed(&late.times_first()));
    assert_eq!((refused.status, refused.code().as_str()), (400, "invalid_field"));
    assert_eq!(app.analyzer.looked_ahead(), 0);
    // Where times stand beside their frames, this shows at the first such frame.
    let mut late = Capture::of(&challenge(), "", 5);
    late.times[3].2 = b"90000".to_vec();
    let refused = send_form(&app, "/liveness", &borrowed(&late.times_beside()));
    assert_eq!((refused.status, refused.code().as_str()), (400, "invalid_field"));
    assert_eq!(app.analyzer.looked_ahead(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_cannot_be_seen_ends_it_and_changes_no_answer() {
    let app = App::start().await;
    let mut broken = Capture::of(&app.challenge(&serde_json::json!({})), "", 5);
    broken.frames[2].2 = b"no picture".to_vec();
    let refused = send_form(&app, "/liveness", &borrowed(&broken.times_first()));
    assert_eq!((refused.status, refused.pointer().as_str()), (415, "/frames/2/image"));
    assert_eq!(app.analyzer.looked_ahead(), 2);
    let large = Capture::of(&app.challenge(&serde_json::json!({})), "", 6);
    let mut fields = large.times_first();
    // What follows a PNG is not looked at, and is more than is parsed on an async thread.
    let at = fields.len() - 2;
    fields[at].2.resize(300 * 1024, 0);
    let answer = send_form(&app, "/liveness", &borrowed(&fields));
    assert_eq!(answer.json()["live"], true, "{}", answer.text());
    // Neither it nor the frame after it.
    assert_eq!(app.analyzer.looked_ahead(), 2 + fields.len() - 2 - frames_before(&fields));
}

/// The fields before the first frame.
fn frames_before(fields: &[Field]) -> usize {
    fields.iter().take_while(|(name, ..)| name != "frames").count()
}
