//! Frames are looked at while the rest of a form is on its way.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use faceauth_test_support::scripted::{Shows, performance};

use crate::app::{App, Challenged};
use crate::form::{BOUNDARY, form, send_form};

const ADA: Shows = Shows::Person(0);

/// The end of a test that does not end as it should.
const PATIENCE: Duration = Duration::from_secs(30);

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
}

fn named(username: &str) -> Field {
    ("username".to_owned(), None, username.into())
}

fn borrowed(fields: &[Field]) -> Vec<(&str, Option<&str>, &[u8])> {
    fields.iter().map(|(name, kind, content)| (name.as_str(), *kind, content.as_slice())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_are_seen_before_the_last_has_arrived() {
    let app = App::start().await;
    app.register("ada", ADA).access_token();
    let capture = Capture::of(&app.challenge(&serde_json::json!({})), "liveness.", 1);
    let count = capture.frames.len();
    let fields = [vec![named("ada")], capture.times_first()].concat();
    let body = form(&borrowed(&fields));
    let last = form(&borrowed(&fields[fields.len() - 1..])).len();
    // A field ends with the boundary of the next.
    let boundary = format!("--{BOUNDARY}\r\n").len();
    let (begin, rest) = body.split_at(body.len() - last + boundary);

    let mut stream = TcpStream::connect(app.base.trim_start_matches("http://")).expect("connect");
    let length = body.len();
    let head = format!(
        "POST /verify HTTP/1.1\r\nHost: faceauth.test\r\nConnection: close\r\n\
         Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\
         Content-Length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).expect("sent");
    stream.write_all(begin).expect("sent");
    let begun = Instant::now();
    while app.analyzer.looked_ahead() < count - 1 {
        assert!(begun.elapsed() < PATIENCE, "{} of {count}", app.analyzer.looked_ahead());
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(app.analyzer.looked_ahead(), count - 1);
    stream.write_all(rest).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(app.analyzer.looked_ahead(), count);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_looks_ahead_where_it_would_not_help() {
    let app = App::start().await;
    app.register("ada", ADA).access_token();
    let challenge = || app.challenge(&serde_json::json!({}));

    // How many frames there will be is not known.
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
    // What follows a PNG is not looked at, and is more than is copied on an async thread.
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
