//! `/liveness/sessions` and `/liveness`.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use faceauth_domain::challenge::Action;
use faceauth_domain::policy::PadMode;
use faceauth_test_support::hostile;
use faceauth_test_support::scripted::{Mood, Shows, performance};
use serde_json::{Value, json};

use crate::app::{Answer, App, Challenged, base64};
use crate::form::send_form;

const PERSON: Shows = Shows::Person(0);

/// Frames that pretend to answer a challenge.
type Pretence<'a> = dyn Fn(&Challenged) -> Vec<(u32, Vec<u8>)> + 'a;

/// The reasons of a verdict.
fn reasons(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let reasons = answer.json()["reasons"].clone();
    serde_json::from_value(reasons).expect("reasons")
}

/// The next attempt that a refusal brought.
fn next(answer: &Answer, session: &str) -> Challenged {
    Challenged::of(&answer.json()["next"], Some(session))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_says_all_that_a_capture_needs() {
    let app = App::start().await;
    let opened = app.post("/liveness/sessions", &json!({})).json();
    assert_eq!(opened["attempts_left"], 3);
    assert_eq!(opened["expires_at"], "2026-01-01T00:02:00Z");
    let steps = opened["steps"].as_array().expect("steps");
    assert_eq!(steps.len(), 3);
    for (step, id) in steps.iter().zip(["1", "2", "3"]) {
        assert_eq!((step["id"].as_str(), &step["within_ms"]), (Some(id), &json!(6000)));
        // Blinking is told badly, so nobody is asked to by default.
        assert_ne!(step["action"], "blink");
    }
    assert_eq!(
        opened["capture"],
        json!({
            "min_frames": 8,
            "max_frames": 30,
            "max_gap_ms": 1500,
            "max_duration_ms": 20000,
            "min_width": 320,
            "max_side": 1920,
            "max_clip_bytes": 4 * 1024 * 1024,
            "formats": ["image/jpeg", "image/png", "image/webp", "video/webm", "video/mp4"],
        })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_and_nonces_are_drawn_anew() {
    let app = App::start().await;
    let drawn: BTreeSet<String> = (0..40)
        .map(|_| app.post("/liveness/sessions", &json!({})).json())
        .map(|opened| format!("{}", opened["steps"]))
        .collect();
    assert!(drawn.len() > 10, "{} of 33 sequences in 40 draws", drawn.len());
    let nonces: BTreeSet<String> = (0..40).map(|_| app.challenge(&json!({})).nonce).collect();
    assert_eq!(nonces.len(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_performance_is_live() {
    let app = App::start().await;
    let challenge = app.challenge(&json!({}));
    let answer = app.post("/liveness", &challenge.performed(PERSON, 1));
    assert_eq!(reasons(&answer), [""; 0]);
    let body = answer.json();
    assert_eq!((&body["live"], &body["attempts_left"]), (&json!(true), &json!(0)));
    assert_eq!(body["session_id"].as_str(), Some(challenge.session.as_str()));
    assert!(body["steps"].as_array().expect("steps").iter().all(|step| step["met"] == true));
    assert_eq!(body["liveness_token"].as_str().map(|t| t.split('.').count()), Some(3));
    assert!(body.get("next").is_none());
    // A person who was found live is done: the session accepts no other capture.
    let again = app.post("/liveness", &challenge.performed(PERSON, 2));
    assert_eq!((again.status, again.code().as_str()), (409, "session_consumed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_analyzer_fails_at_costs_no_attempt() {
    let app = App::start().await;
    let challenge = app.challenge(&json!({}));
    let good = performance(PERSON, &challenge.actions, 1);
    let mut failing = good.clone();
    failing[3].1 = Shows::Failure.frame(None, 99);
    for _ in 0..4 {
        let answer = app.post("/liveness", &challenge.capture(&failing));
        assert_eq!((answer.status, answer.code().as_str()), (503, "model_unavailable"));
    }
    // The same frames are no replay, the nonce is still good and no attempt is missing.
    let mut wrong = good.clone();
    // The peak of the last step.
    wrong.remove(6);
    let refused = app.post("/liveness", &challenge.capture(&wrong)).json();
    assert_eq!((&refused["live"], &refused["attempts_left"]), (&json!(false), &json!(2)));
    assert!(!refused["reasons"].to_string().contains("replayed_frames"), "{refused}");
}

/// A database that gives out after the nonce is spent.
#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_that_cannot_be_stored_costs_no_attempt() {
    let app = App::start().await;
    let client = app.database.client().await;
    let full = "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                RAISE EXCEPTION 'imitated' USING ERRCODE = '53100'; END $$; \
                CREATE TRIGGER full_disk BEFORE INSERT ON attempts FOR EACH ROW \
                EXECUTE FUNCTION full_disk()";
    client.batch_execute(full).await.expect("a trigger");
    let capture = app.challenge(&json!({})).performed(PERSON, 1);
    for _ in 0..4 {
        assert_eq!(app.post("/liveness", &capture).code(), "database_unavailable");
    }
    client.batch_execute("DROP TRIGGER full_disk ON attempts").await.expect("room");
    assert_eq!(reasons(&app.post("/liveness", &capture)), [""; 0]);
    let again = app.post("/liveness", &capture);
    assert_eq!((again.status, again.code().as_str()), (409, "session_consumed"));
    let lines = "SELECT count(*) FROM attempts WHERE kind = 'liveness'";
    assert_eq!(client.query_one(lines, &[]).await.expect("a count").get::<_, i64>(0), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_pretence_has_its_reason() {
    let app = App::start().await;
    let wrong_order = |c: &Challenged| {
        let mut actions = c.actions.clone();
        actions.reverse();
        performance(PERSON, &actions, 1)
    };
    let swapped = |c: &Challenged| {
        let mut frames = performance(PERSON, &c.actions, 2);
        for (index, (_, picture)) in frames.iter_mut().enumerate().skip(5) {
            *picture = Shows::Person(1).frame(None, index as u32);
        }
        frames
    };
    let still = |_: &Challenged| {
        let pictures = performance(PERSON, &[], 3).into_iter().map(|(_, p)| p).cycle();
        (0..12).map(|i| i * 400).zip(pictures).collect::<Vec<_>>()
    };
    let crowd = |c: &Challenged| {
        let mut frames = performance(PERSON, &c.actions, 4);
        frames[4].1 = Shows::Crowd.frame(None, 99);
        frames
    };
    let print = |c: &Challenged| performance(Shows::Print(0), &c.actions, 5);
    let cases: [(&str, &Pretence); 5] = [
        ("steps_out_of_order", &wrong_order),
        ("identity_changed", &swapped),
        ("step_not_met", &still),
        ("multiple_faces", &crowd),
        ("presentation_attack", &print),
    ];
    for (reason, frames) in cases {
        // A sequence that is not its own reverse.
        let challenge = loop {
            let challenge = app.challenge(&json!({}));
            if challenge.actions.first() != challenge.actions.last() {
                break challenge;
            }
        };
        let answer = app.post("/liveness", &challenge.capture(&frames(&challenge)));
        let found = reasons(&answer);
        assert!(found.iter().any(|r| r == reason), "{reason}: {found:?}");
        assert_eq!(answer.json()["live"], false);
        assert!(answer.json().get("liveness_token").is_none());
    }
    let lenient = App::start_with(|s| s.settings.policy.pad.mode = PadMode::Record).await;
    let challenge = lenient.challenge(&json!({}));
    let answer = lenient.post("/liveness", &challenge.performed(Shows::Print(0), 1));
    assert_eq!(reasons(&answer), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_is_spent_once_and_brings_the_next() {
    let app = App::start().await;
    let first = app.challenge(&json!({}));
    let still = |c: &Challenged, salt| {
        let frames = (0..10u32).map(|i| (i * 400, PERSON.frame(None, salt + i)));
        c.capture(&frames.collect::<Vec<_>>())
    };
    let refused = app.post("/liveness", &still(&first, 100));
    assert_eq!(reasons(&refused), ["step_not_met"]);
    assert_eq!(refused.json()["attempts_left"], 2);
    let second = next(&refused, &first.session);
    assert_ne!(second.nonce, first.nonce);
    // The nonce that was used is worth nothing, even with the right steps.
    let used = app.post("/liveness", &first.performed(PERSON, 1));
    assert_eq!(used.code(), "session_consumed");
    app.clock.advance(TimeDelta::seconds(10));
    let refused = app.post("/liveness", &still(&second, 200));
    assert_eq!(refused.json()["attempts_left"], 1);
    let third = next(&refused, &first.session);
    app.clock.advance(TimeDelta::seconds(10));
    let refused = app.post("/liveness", &still(&third, 300));
    assert_eq!(refused.json()["attempts_left"], 0);
    assert!(refused.json().get("next").is_none());
    assert_eq!(app.post("/liveness", &third.performed(PERSON, 2)).code(), "session_consumed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_attempt_may_succeed() {
    let app = App::start().await;
    let first = app.challenge(&json!({}));
    let nobody: Vec<_> = (0..8u32).map(|i| (i * 400, Shows::Nobody.frame(None, i))).collect();
    let refused = app.post("/liveness", &first.capture(&nobody));
    assert!(reasons(&refused).contains(&"no_face".to_owned()));
    let second = next(&refused, &first.session);
    app.clock.advance(TimeDelta::seconds(10));
    let answer = app.post("/liveness", &second.performed(PERSON, 7));
    assert_eq!(reasons(&answer), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_submissions_one_is_judged() {
    let app = App::start().await;
    let challenge = app.challenge(&json!({}));
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let sent: Vec<_> = (0..50)
            .map(|salt| {
                let (app, capture) = (&app, challenge.performed(PERSON, salt));
                scope.spawn(move || {
                    loop {
                        let answer = app.post("/liveness", &capture);
                        // More at once than the service reads: come back, as it says.
                        if answer.status != 503 {
                            return answer;
                        }
                    }
                })
            })
            .collect();
        sent.into_iter().map(|thread| thread.join().expect("an answer")).collect()
    });
    let judged = answers.iter().filter(|answer| answer.status == 200).count();
    let consumed = answers.iter().filter(|answer| answer.status == 409).count();
    assert_eq!((judged, consumed), (1, 49));
    // One verdict, one line in the audit trail.
    let client = app.database.client().await;
    let lines = "SELECT count(*) FROM attempts WHERE kind = 'liveness'";
    assert_eq!(client.query_one(lines, &[]).await.expect("a count").get::<_, i64>(0), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_end() {
    let app = App::start().await;
    let challenge = app.challenge(&json!({}));
    app.clock.advance(TimeDelta::seconds(111));
    let late = app.post("/liveness", &challenge.performed(PERSON, 1));
    assert_eq!((late.status, late.code().as_str()), (410, "session_expired"));
    let unknown =
        Challenged { session: "0190a000-0000-7000-8000-000000000000".into(), ..challenge };
    let answer = app.post("/liveness", &unknown.performed(PERSON, 2));
    assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"));
    assert_eq!(answer.pointer(), "/session_id");
}

#[tokio::test(flavor = "multi_thread")]
async fn recordings_are_recognised() {
    let app = App::start().await;
    let first = app.challenge(&json!({}));
    let recorded = performance(PERSON, &first.actions, 1);
    assert_eq!(reasons(&app.post("/liveness", &first.capture(&recorded))), [""; 0]);
    // The same frames again, in a session that happens to ask for the same.
    let second = loop {
        let challenge = app.challenge(&json!({}));
        if challenge.actions == first.actions {
            break challenge;
        }
    };
    let replayed = app.post("/liveness", &second.capture(&recorded));
    assert_eq!(reasons(&replayed), ["replayed_frames"]);
    // Frames that span more time than the session is old.
    let opened = app.post("/liveness/sessions", &json!({}));
    let third = Challenged::of(&opened.json(), None);
    let early = app.post("/liveness", &third.performed(PERSON, 2));
    assert_eq!(reasons(&early), ["recorded_before_session"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn times_must_be_those_of_one_capture() {
    let app = App::start().await;
    let challenge = app.challenge(&json!({}));
    let with_times = |times: &[u32]| {
        let frames: Vec<_> =
            times.iter().zip(0..).map(|(t, i)| (*t, PERSON.frame(None, i))).collect();
        let answer = app.post("/liveness", &challenge.capture(&frames));
        (answer.code(), answer.pointer())
    };
    let regular = |gap: u32, count: u32| (0..count).map(|i| i * gap).collect::<Vec<_>>();
    let invalid = |pointer: &str| ("invalid_field".to_owned(), pointer.to_owned());
    assert_eq!(with_times(&regular(400, 7)), invalid("/frames"));
    assert_eq!(with_times(&regular(400, 31)), invalid("/frames"));
    assert_eq!(with_times(&regular(100, 10)), invalid("/frames"));
    assert_eq!(with_times(&regular(1_500, 16)), invalid("/frames"));
    assert_eq!(with_times(&[0, 400, 300, 800, 1200, 1600, 2000, 2400]), invalid("/frames/2/t_ms"));
    assert_eq!(
        with_times(&[0, 400, 800, 2_400, 2_800, 3_200, 3_600, 4_000]),
        invalid("/frames/3/t_ms")
    );
    // None of them cost an attempt.
    assert_eq!(reasons(&app.post("/liveness", &challenge.performed(PERSON, 1))), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_captures_say_where() {
    let app = App::start().await;
    let challenge = app.challenge(&json!({}));
    let broken = |change: &dyn Fn(&mut Value)| {
        let mut capture = challenge.performed(PERSON, 1);
        change(&mut capture);
        let answer = app.post("/liveness", &capture);
        (answer.code(), answer.pointer())
    };
    let named = |code: &str, pointer: &str| (code.to_owned(), pointer.to_owned());
    assert_eq!(broken(&|c| c["frames"] = Value::Null), named("missing_field", "/frames"));
    assert_eq!(broken(&|c| c["session_id"] = json!("mine")), named("invalid_field", "/session_id"));
    assert_eq!(
        broken(&|c| c["frames"][3]["t_ms"] = json!(-1)),
        named("invalid_field", "/frames/3/t_ms")
    );
    assert_eq!(
        broken(&|c| c["frames"][3]["image"] = json!("???")),
        named("invalid_base64", "/frames/3/image")
    );
    assert_eq!(
        broken(&|c| c["frames"][3]["image"] = json!(base64(b"text"))),
        named("unsupported_media_type", "/frames/3/image")
    );
    let large = base64(&hostile::png_claiming(1921, 100));
    assert_eq!(
        broken(&|c| c["frames"][3]["image"] = json!(large)),
        named("image_dimensions_too_large", "/frames/3/image")
    );
    // What does not decode is found out by a worker, and costs the attempt.
    let garbage = base64(&Shows::Garbage.frame(None, 1));
    assert_eq!(
        broken(&|c| c["frames"][3]["image"] = json!(garbage)),
        named("image_undecodable", "/frames/3/image")
    );
    assert_eq!(app.post("/liveness", &challenge.performed(PERSON, 2)).code(), "session_consumed");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_choose_what_they_can_do() {
    let app = App::start().await;
    let actions = ["blink", "move_closer"];
    for salt in 0..5 {
        let challenge = app.challenge(&json!({"actions": actions}));
        assert!(challenge.actions.iter().all(|a| [Action::Blink, Action::MoveCloser].contains(a)));
        assert_eq!(reasons(&app.post("/liveness", &challenge.performed(PERSON, salt))), [""; 0]);
    }
    for (actions, pointer) in [
        (json!(["blink"]), "/actions"),
        (json!(["blink", "blink"]), "/actions"),
        (json!([]), "/actions"),
        (json!(["jump", "blink"]), "/actions/0"),
    ] {
        let answer = app.post("/liveness/sessions", &json!({"actions": actions}));
        assert_eq!((answer.code().as_str(), answer.pointer().as_str()), ("invalid_field", pointer));
    }
    app.analyzer.forget_lids();
    let unseen = app.post("/liveness/sessions", &json!({"actions": actions}));
    assert_eq!((unseen.code().as_str(), unseen.pointer().as_str()), ("invalid_field", "/actions"));
    let bad_name = app.post("/liveness/sessions", &json!({"username": "no spaces"}));
    assert_eq!(bad_name.pointer(), "/username");
    let bad_purpose = app.post("/liveness/sessions", &json!({"purpose": "fun"}));
    assert_eq!(bad_purpose.pointer(), "/purpose");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_costs_no_attempt() {
    let app = App::start().await;
    let challenge = app.challenge(&json!({}));
    app.analyzer.set_mood(Mood::Full);
    assert_eq!(app.post("/liveness", &challenge.performed(PERSON, 1)).code(), "overloaded");
    app.analyzer.set_mood(Mood::Ready);
    assert_eq!(reasons(&app.post("/liveness", &challenge.performed(PERSON, 1))), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_carry_frames_with_their_times() {
    let app = App::start().await;
    let challenge = app.challenge(&json!({}));
    let frames = performance(PERSON, &challenge.actions, 1);
    let times: Vec<String> = frames.iter().map(|(t_ms, _)| t_ms.to_string()).collect();
    let (session, nonce) = (challenge.session.as_bytes(), challenge.nonce.as_bytes());
    let head = [("session_id", None, session), ("nonce", None, nonce)];
    let files = frames.iter().map(|(_, p)| ("frames", Some("image/png"), p.as_slice()));
    let texts = times.iter().map(|t| ("t_ms", None, t.as_bytes()));
    let fields = |times: usize| -> Vec<_> {
        head.iter().copied().chain(files.clone()).chain(texts.clone().take(times)).collect()
    };
    let lacking = send_form(&app, "/liveness", &fields(0));
    assert_eq!((lacking.code().as_str(), lacking.pointer().as_str()), ("missing_field", "/t_ms"));
    let odd = send_form(&app, "/liveness", &fields(3));
    assert_eq!((odd.code().as_str(), odd.pointer().as_str()), ("invalid_field", "/t_ms"));
    assert_eq!(reasons(&send_form(&app, "/liveness", &fields(99))), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn clips_are_checked_before_they_are_decoded() {
    let app = App::start().await;
    let clip = |media_type: &str, bytes: &[u8]| {
        let challenge = app.challenge(&json!({}));
        send_form(
            &app,
            "/liveness",
            &[
                ("session_id", None, challenge.session.as_bytes()),
                ("nonce", None, challenge.nonce.as_bytes()),
                ("video_clip", Some(media_type), bytes),
            ],
        )
    };
    let mp4 = b"\0\0\0\x20ftypisom\0\0\x02\0";
    let text = clip("video/mp4", b"just text");
    assert_eq!((text.status, text.code().as_str()), (415, "unsupported_media_type"));
    assert_eq!(clip("text/html", mp4).code(), "image_format_mismatch");
    let broken = clip("video/mp4; codecs=avc1", mp4);
    assert_eq!(
        (broken.code().as_str(), broken.pointer().as_str()),
        ("image_undecodable", "/video_clip")
    );
    let mut large = mp4.to_vec();
    large.resize(4 * 1024 * 1024 + 1, 0);
    assert_eq!(clip("video/mp4", &large).code(), "payload_too_large");
    // All pictures of a request together may be larger than a clip.
    let challenge = app.challenge(&json!({}));
    large.resize(11 * 1024 * 1024, 0);
    let session = [
        ("session_id", None, challenge.session.as_bytes()),
        ("nonce", None, challenge.nonce.as_bytes()),
        ("t_ms", None, &b"0"[..]),
        ("frames", Some("image/png"), &large),
    ];
    assert_eq!(send_form(&app, "/liveness", &session).code(), "payload_too_large");
}
