//! Webhooks of a running service, to a receiver that checks every signature.

mod receiver;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use faceauth_test_support::database::TestDatabase;
use faceauth_test_support::photos;
use serde_json::json;

use self::receiver::{Mood, RECEIVED_WITHIN, Received, Receiver};
use crate::server::{Folder, Server, sign_in};

/// What requests are signed with, the old one and the new one of a rotation.
const OLD: &str = "whsec_b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQtb2xk";
const NEW: &str = "whsec_bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3";
/// What nothing is signed with.
const OTHER: &str = "whsec_b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXI=";

/// People, and events of each, that two replicas deliver while one of them is killed.
const PEOPLE: usize = 60;
const EVENTS_EACH: usize = 4;

/// How long the receiver takes meanwhile, so that the killed replica is always delivering.
const RECEIVER_TAKES: Duration = Duration::from_millis(100);

fn variables<'a>(url: &'a str, secrets: &'a str) -> [(&'a str, &'a str); 3] {
    [
        ("FACEAUTH__WEBHOOKS__URL", url),
        ("FACEAUTH__WEBHOOKS__SECRETS", secrets),
        ("FACEAUTH__WEBHOOKS__TIMEOUT_SECONDS", "1"),
    ]
}

/// Rows of the outbox of `server`.
async fn waiting(server: &Server) -> i64 {
    let client = server.database().client().await;
    client.query_one("SELECT count(*) FROM outbox", &[]).await.expect("a count").get(0)
}

/// Waits until everything is delivered.
async fn until_empty(server: &Server) {
    let deadline = Deadline::begin();
    while waiting(server).await > 0 {
        deadline.pause(|| operator(server, &["webhooks", "list"])).await;
    }
}

/// Ends a test that waits for too long.
struct Deadline(Instant);

impl Deadline {
    fn begin() -> Self {
        Self(Instant::now())
    }

    /// Waits a moment, or fails with what there is instead.
    async fn pause(&self, instead: impl FnOnce() -> String) {
        if self.0.elapsed() > RECEIVED_WITHIN {
            panic!("waited for {RECEIVED_WITHIN:?}: {}", instead());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// What an operator is told.
fn operator(server: &Server, arguments: &[&str]) -> String {
    let output = server.operator(arguments).output().expect("run faceauth");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn people_hear_of_their_account_until_it_is_gone() {
    let receiver = Receiver::start(Mood::Status(204));
    let url = format!("http://{}/events", receiver.address);
    let secrets = format!("{OLD},{NEW}");
    let server = Server::start_with("told", &variables(&url, &secrets)).await;
    let portrait = photos::bytes(photos::OBAMA);
    let enrolled = server.register("Barack", &portrait);
    let account = enrolled.json()["user"]["id"].as_str().expect("an id").to_owned();
    // Enrolling signs in, so this is the second device.
    let signed_in = server.verify("barack", &portrait);
    let token = signed_in.json()["access_token"].as_str().expect("a token").to_owned();
    for _ in 0..5 {
        server.verify("barack", &photos::bytes(photos::BIDEN));
    }
    assert_eq!(server.delete("/me", &token).status, 204);

    let received = receiver.wait_until(|received| received.len() >= 3);
    let kinds: Vec<String> = received.iter().map(Received::kind).collect();
    assert_eq!(kinds, ["account.new_device", "account.locked", "account.erased"]);
    for event in &received {
        assert_eq!(event.path, "/events");
        assert!(event.is_signed_with(OLD) && event.is_signed_with(NEW));
        assert!(!event.is_signed_with(OTHER));
        let mut altered = event.clone();
        altered.body.push(b' ');
        assert!(!altered.is_signed_with(NEW));
        assert!(!event.headers.contains_key("traceparent"), "no trace is exported");
        // This and nothing else.
        let body = event.json();
        let expected = json!({
            "type": body["type"],
            "timestamp": body["timestamp"],
            "data": { "account_id": account, "username": "Barack" },
        });
        assert_eq!(body, expected);
        assert!(body["timestamp"].as_str().is_some_and(|at| at.ends_with('Z')), "{body}");
    }
    until_empty(&server).await;
    let log = server.log();
    assert!(!log.contains(&OLD[6..]) && !log.contains(&url), "a secret or a path in the log");
}

/// Every way in which an event is written down: an erasure, a new device, a lock.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_goes_on_in_the_trace_of_the_request_that_caused_it() {
    let receiver = Receiver::start(Mood::Status(500));
    let url = format!("http://{}/", receiver.address);
    let [url, secrets, timeout] = variables(&url, NEW);
    // Nobody listens there: traces are exported as far as the requests know.
    let collector = ("FACEAUTH__TRACING__OTLP_ENDPOINT", "http://127.0.0.1:9/v1/traces");
    let server = Server::start_with("traced", &[url, secrets, timeout, collector]).await;
    let portrait = photos::bytes(photos::OBAMA);
    server.register("ada", &portrait);
    let span = "00f067aa0ba902b7";
    let traces = ["1", "2", "3"].map(|digit| digit.repeat(32));
    let asks = |trace: &str, request: ureq::RequestBuilder<ureq::typestate::WithBody>| {
        request.header("traceparent", format!("00-{trace}-{span}-01"))
    };
    let verify = |trace: &str, photo: &[u8]| {
        let (content_type, body) = sign_in("ada", photo);
        let request = ureq::post(format!("{}/verify", server.base()));
        asks(trace, request).content_type(content_type).send(&body[..])
    };
    let mut signed_in = verify(&traces[0], &portrait).expect("a sign-in");
    let answer = signed_in.body_mut().read_to_string().expect("a text");
    let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
    for _ in 0..5 {
        assert!(verify(&traces[1], &photos::bytes(photos::BIDEN)).is_err());
    }
    let token = answer["access_token"].as_str().expect("a token");
    ureq::delete(format!("{}/me", server.base()))
        .header("authorization", format!("Bearer {token}"))
        .header("traceparent", format!("00-{}-{span}-01", traces[2]))
        .call()
        .expect("erased");

    // A try that failed is followed by one that tells the same trace.
    let deadline = Deadline::begin();
    loop {
        let listed = operator(&server, &["webhooks", "list"]);
        if listed.contains("failed 500") {
            break;
        }
        deadline.pause(|| listed).await;
    }
    receiver.set_mood(Mood::Status(204));
    // Ends the pause before the next try, unless that is under way already.
    let first = first_waiting(&server).await;
    let _ = server.operator(&["webhooks", "retry", &first]).output().expect("run faceauth");
    let received = receiver.wait_until(|received| {
        let kinds: BTreeSet<String> = received.iter().map(Received::kind).collect();
        kinds.len() == 3
    });
    let mut spans = BTreeSet::new();
    for event in &received {
        let header = event.headers["traceparent"].to_str().expect("a text");
        let fields: Vec<&str> = header.split('-').collect();
        let trace = match &event.kind()[..] {
            "account.new_device" => &traces[0],
            "account.locked" => &traces[1],
            _ => &traces[2],
        };
        assert_eq!((fields[0], fields[1], fields[3]), ("00", &trace[..], "01"), "{header}");
        assert_ne!(fields[2], span, "the delivery has a span of its own");
        assert!(spans.insert(fields[2].to_owned()), "and so has every try");
    }
    assert!(received.len() > 3, "one was tried twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_waits_for_a_receiver_that_fails() {
    let receiver = Receiver::start(Mood::HangsUp);
    let url = format!("http://{}/", receiver.address);
    let server = Server::start_with("failing", &variables(&url, NEW)).await;
    insert(&server, 1, 2).await;
    let mut tries = 0;
    for (mood, result) in [
        (Mood::HangsUp, "unreachable"),
        (Mood::Silent, "timed_out"),
        (Mood::Status(500), "failed 500"),
        (Mood::Status(404), "refused 404"),
        (Mood::Status(410), "gone 410"),
        (Mood::Status(302), "redirected 302"),
    ] {
        receiver.set_mood(mood);
        let id = first_waiting(&server).await;
        // Ends the pause before the next try, and the one under way may be of the last mood.
        let deadline = Deadline::begin();
        loop {
            let listed = operator(&server, &["webhooks", "list"]);
            assert!(listed.contains("2 pending, 0 dead"), "{listed}");
            if listed.contains(result) {
                break;
            }
            let _ = server.operator(&["webhooks", "retry", &id]).output().expect("run faceauth");
            tries += 1;
            deadline.pause(|| listed).await;
        }
    }
    let received = receiver.received();
    assert!(tries >= 6 && received.len() >= 6);
    let ids: BTreeSet<&str> = received.iter().map(Received::id).collect();
    assert_eq!(ids.len(), 1, "the second event waits for the first");
    assert!(received.iter().all(|event| event.path == "/"), "no redirect is followed");

    receiver.set_mood(Mood::Floods);
    operator(&server, &["webhooks", "retry", &first_waiting(&server).await]);
    until_empty(&server).await;
    let received = receiver.received();
    let taken: Vec<&Received> = received.iter().filter(|event| event.taken).collect();
    assert_eq!(taken.len(), 2, "each once, whatever the body of the answer");
    assert_eq!(taken[0].id(), *ids.first().expect("one"));
}

/// Over TLS, and only when the system trusts the authority of the certificate.
#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_with_an_unknown_certificate_learns_nothing() {
    let folder = Folder::new("webhook-tls");
    let receiver = Receiver::start_tls(Mood::Status(200), &folder.0);
    let url = format!("https://{}/", receiver.address);
    // Another authority, so that there is one at all.
    let other = Folder::new("webhook-other");
    let _ = Receiver::start_tls(Mood::Silent, &other.0);
    let roots = |folder: &Folder| folder.0.join("tls.pem").to_str().expect("a path").to_owned();
    let (distrusting, trusting) = (roots(&other), roots(&folder));
    let mut first = variables(&url, NEW).to_vec();
    first.push(("SSL_CERT_FILE", &distrusting));
    let mut server = Server::start_with("distrust", &first).await;
    insert(&server, 1, 1).await;
    let deadline = Deadline::begin();
    while !operator(&server, &["webhooks", "list"]).contains("unreachable") {
        deadline.pause(|| server.log()).await;
    }
    assert!(receiver.received().is_empty());

    let second = server.another(&[("SSL_CERT_FILE", &trusting)]);
    server.kill();
    assert!(!server.ended().is_some_and(|status| status.success()));
    operator(&second, &["webhooks", "retry", &first_waiting(&second).await]);
    until_empty(&second).await;
    assert!(receiver.received()[0].is_signed_with(NEW));
}

/// A replica that is killed in the middle of delivering: each event comes at least once, and of each
/// person in order.
#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_deliver_everything_in_order_though_one_is_killed() {
    let receiver = Receiver::start(Mood::After(RECEIVER_TAKES));
    let url = format!("http://{}/", receiver.address);
    let first = Server::start_on(TestDatabase::create().await, "hooks", &variables(&url, NEW));
    let second = first.another(&[]);
    insert(&first, PEOPLE, EVENTS_EACH).await;
    let all = PEOPLE * EVENTS_EACH;
    receiver.wait_until(|received| received.len() >= all / 4);
    first.kill();
    until_empty(&second).await;

    let received = receiver.received();
    let mut of_person: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for event in &received {
        assert!(event.is_signed_with(NEW));
        let name = event.json()["data"]["username"].as_str().expect("a name").to_owned();
        let events = of_person.entry(name).or_default();
        // The same event may come again, one after the other.
        if events.last() != Some(&event.kind()) {
            events.push(event.kind());
        }
    }
    let expected: Vec<String> = (0..EVENTS_EACH).map(|number| format!("test.{number}")).collect();
    assert_eq!(of_person.len(), PEOPLE);
    for (person, events) in of_person {
        assert_eq!(events, expected, "{person}");
    }
    let ids: BTreeSet<&str> = received.iter().map(Received::id).collect();
    assert_eq!(ids.len(), all);
    println!(
        "{all} events of {PEOPLE} people, one of two replicas killed: {} requests, {} of them again",
        received.len(),
        received.len() - all
    );
}

/// Puts events of people into the outbox, as a transaction of theirs would.
async fn insert(server: &Server, people: usize, each: usize) {
    let sql = format!(
        "INSERT INTO outbox (id, account_id, username, kind, at, due_at, give_up_at) \
         SELECT gen_random_uuid(), md5(person::text)::uuid, 'person.' || person, \
         'test.' || event, now(), now(), now() + interval '1 day' \
         FROM generate_series(0, {each} - 1) event, generate_series(1, {people}) person \
         ORDER BY event, person"
    );
    server.database().client().await.batch_execute(&sql).await.expect("insert");
}

/// The id of the event that is delivered next.
async fn first_waiting(server: &Server) -> String {
    let client = server.database().client().await;
    let sql = "SELECT id::text FROM outbox ORDER BY sequence LIMIT 1";
    client.query_one(sql, &[]).await.expect("an event").get(0)
}
