//! Invitations: who makes them, and every door of an enrolment that asks for one.

use std::sync::{Arc, Barrier};

use chrono::TimeDelta;
use faceauth_api::invitation;
use faceauth_api::settings::Registration;
use faceauth_domain::clock::Clock;
use faceauth_domain::scope::Scope;
use faceauth_test_support::scripted::{Shows, performance};
use serde_json::{Value, json};

use crate::app::{Answer, App, Challenged, Setup, base64, registration};
use crate::form::send_form;
use crate::services::key;

const ADA: Shows = Shows::Person(0);

fn by_invitation(setup: &mut Setup) {
    setup.settings.registration = Registration::Invite;
    setup.settings.page_url = Some("https://login.example.org/".to_owned());
}

/// The secret of an invitation that was made a minute ago and is good for `left`.
async fn invited(app: &App, username: &str, left: TimeDelta) -> String {
    let minute = TimeDelta::minutes(1);
    let (name, made) = (username.parse().expect("a name"), app.clock.now() - minute);
    let (fresh, new) = invitation::begin(name, None, left + minute, made).expect("randomness");
    assert!(app.database.store().await.invite(&new).await.expect("a store"));
    fresh.secret.to_string()
}

/// An enrolment that can be sent again and again, with this name and this invitation.
type Door<'a> = Box<dyn Fn(&str, Option<&str>) -> Answer + 'a>;

fn with(mut body: Value, username: &str, invitation: Option<&str>) -> Value {
    body["username"] = json!(username);
    if let Some(secret) = invitation {
        body["invitation"] = json!(secret);
    }
    body
}

fn by_json<'a>(app: &'a App, proof: Value) -> Door<'a> {
    let mut body = json!({"consent": {"policy_version": "1", "granted": true}});
    body.as_object_mut().expect("an object").extend(proof.as_object().expect("one").clone());
    Box::new(move |username, secret| app.post("/register", &with(body.clone(), username, secret)))
}

/// Name, media type and content of the parts of a form.
type Parts = Vec<(&'static str, Option<&'static str>, Vec<u8>)>;

fn by_form<'a>(app: &'a App, proof: Parts) -> Door<'a> {
    Box::new(move |username, secret| {
        let mut fields: Vec<(&str, Option<&str>, &[u8])> = vec![
            ("username", None, username.as_bytes()),
            ("consent.policy_version", None, b"1"),
            ("consent.granted", None, b"true"),
        ];
        fields.extend(secret.map(|secret| ("invitation", None, secret.as_bytes())));
        fields.extend(proof.iter().map(|(name, kind, bytes)| (*name, *kind, bytes.as_slice())));
        send_form(app, "/register", &fields)
    })
}

fn frames(challenge: &Challenged) -> Parts {
    let mut parts: Parts = vec![
        ("liveness.session_id", None, challenge.session.clone().into_bytes()),
        ("liveness.nonce", None, challenge.nonce.clone().into_bytes()),
    ];
    for (t_ms, picture) in performance(ADA, &challenge.actions, 7) {
        parts.push(("liveness.frames", Some("image/png"), picture));
        parts.push(("liveness.t_ms", None, t_ms.to_string().into_bytes()));
    }
    parts
}

/// Every way into `/register`, with a name that only it uses.
fn doors(app: &App) -> Vec<(&'static str, Door<'_>)> {
    let challenge = || app.challenge(&json!({"purpose": "register"}));
    let token = |salt| {
        let judged = app.post("/liveness", &challenge().performed(ADA, salt));
        judged.json()["liveness_token"].as_str().expect("a liveness token").to_owned()
    };
    let picture = base64(&ADA.picture());
    vec![
        ("a.picture", by_json(app, json!({"face_image": picture}))),
        ("pictures", by_json(app, json!({"face_images": [picture, picture]}))),
        ("a.form", by_form(app, vec![("face_image", Some("image/png"), ADA.picture())])),
        ("a.capture", by_json(app, json!({"liveness": challenge().performed(ADA, 1)}))),
        ("a.captured.form", by_form(app, frames(&challenge()))),
        ("a.token", by_json(app, json!({"liveness_token": token(2)}))),
        ("a.token.in.a.form", by_form(app, vec![("liveness_token", None, token(3).into_bytes())])),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_door_asks_for_a_good_invitation_before_it_looks_at_anybody() {
    let app = App::start_with(by_invitation).await;
    let day = TimeDelta::days(1);
    let of_another = invited(&app, "somebody.else", day).await;
    for (name, door) in doors(&app) {
        let replaced = invited(&app, name, day).await;
        let expired = invited(&app, name, TimeDelta::zero()).await;
        let seen = app.analyzer.analyses();
        let refused = |secret: Option<&str>, code: &str| {
            let answer = door(name, secret);
            assert_eq!(answer.code(), code, "{name}");
            assert_eq!(answer.pointer(), "/invitation", "{name}");
            answer.json()["detail"].clone()
        };
        refused(None, "enrolment_not_allowed");
        let unknown = refused(Some("fi_guessed"), "invitation_invalid");
        // Whoever tries learns nothing about the invitations of others.
        assert_eq!(refused(Some(&of_another), "invitation_invalid"), unknown);
        assert_eq!(refused(Some(&replaced), "invitation_invalid"), unknown);
        refused(Some(&expired), "invitation_expired");
        let good = invited(&app, &name.to_ascii_uppercase(), day).await;
        assert_eq!(refused(Some(&expired), "invitation_invalid"), unknown);
        assert_eq!(app.analyzer.analyses(), seen, "{name}: somebody was looked at");

        let enrolled = door(name, Some(&good));
        assert_eq!(enrolled.status, 201, "{name}: {}", enrolled.text());
        assert_eq!(enrolled.json()["user"]["username"], name);
        assert_eq!(refused(Some(&good), "invitation_invalid"), unknown);
    }
    // A clip is not decoded for somebody without an invitation either.
    let clip = by_form(
        &app,
        vec![
            ("liveness.session_id", None, b"0190c0de-0000-7000-8000-000000000000".to_vec()),
            ("liveness.nonce", None, b"n".to_vec()),
            ("liveness.video_clip", Some("video/mp4"), b"\0\0\0\x18ftypmp42".to_vec()),
        ],
    );
    assert_eq!(clip("a.clip", None).code(), "enrolment_not_allowed");
    assert_eq!(clip("a.clip", Some("fi_guessed")).code(), "invitation_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_picture_uses_no_invitation_up_and_a_lost_answer_is_answered_again() {
    let app = App::start_with(by_invitation).await;
    let secret = invited(&app, "ada", TimeDelta::days(1)).await;
    let register = |shows| {
        let body = with(registration("ada", &[shows]), "Ada", Some(&secret));
        app.post_with("/register", &[("idempotency-key", "a try")], &body)
    };
    assert_eq!(register(Shows::Nobody).code(), "no_face");
    assert_eq!(register(Shows::Print(0)).code(), "liveness_failed");
    let first = register(ADA);
    assert_eq!(first.status, 201, "{}", first.text());
    assert_eq!(register(ADA).json()["user"], first.json()["user"]);
    assert_eq!(register(Shows::Person(1)).code(), "idempotency_conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn services_that_may_invite_make_links() {
    let app = App::start_with(by_invitation).await;
    let (may, other) = (key(&app, &[Scope::Invite]).await, key(&app, &[Scope::Enrol]).await);
    let invite =
        |key: &str, body: &Value| app.post_with("/invitations", &[("x-api-key", key)], body);
    let name = json!({"username": "Ada"});
    assert_eq!(app.post("/invitations", &name).code(), "token_invalid");
    assert_eq!(invite(&other, &name).code(), "insufficient_scope");
    assert_eq!(invite(&may, &json!({"username": "two words"})).code(), "invalid_field");
    for odd in [0, 59, 30 * 86_400 + 1] {
        let refused = invite(&may, &json!({"username": "ada", "expires_in": odd}));
        assert_eq!(
            (refused.code().as_str(), refused.pointer().as_str()),
            ("invalid_field", "/expires_in")
        );
    }
    let answer = invite(&may, &name);
    assert_eq!(answer.status, 201, "{}", answer.text());
    let made = answer.json();
    let secret = made["invitation"].as_str().expect("a secret");
    assert_eq!(made["username"], "Ada");
    assert_eq!(made["link"], format!("https://login.example.org/#invite={secret}"));
    let row = app.database.store().await.invitations().await.expect("a store").remove(0);
    assert_eq!(row.expires_at, app.clock.now() + TimeDelta::days(7));
    assert_eq!(row.made_by.as_deref(), may.split('_').nth(1));

    // Whoever opens the link learns whom it is for.
    let read = |secret: &str| app.post("/invitations/read", &json!({"invitation": secret}));
    assert_eq!(read(secret).json()["username"], "Ada");
    assert_eq!(read("fi_guessed").code(), "invitation_invalid");
    assert_eq!(read(&"x".repeat(129)).code(), "invalid_field");
    let short = json!({"username": "grace", "expires_in": 60});
    let short = invite(&may, &short).json()["invitation"].as_str().expect("one").to_owned();
    app.clock.advance(TimeDelta::seconds(59));
    assert_eq!(read(&short).status, 200);
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!((read(&short).status, read(&short).code().as_str()), (410, "invitation_expired"));

    let body = with(registration("ada", &[ADA]), "ada", Some(secret));
    app.post("/register", &body).access_token();
    assert_eq!(read(secret).code(), "invitation_invalid");
    assert_eq!(invite(&may, &name).code(), "username_taken");
    // A key that invites vouches for nobody, and enrols nobody.
    let alone = app.post_with("/register", &[("x-api-key", &may)], &registration("eve", &[ADA]));
    assert_eq!(alone.code(), "enrolment_not_allowed");
}

/// One by one and in a batch; what was made for the name is gone with that.
#[tokio::test(flavor = "multi_thread")]
async fn services_that_may_enrol_need_no_invitation() {
    let app = App::start_with(by_invitation).await;
    let (may, inviting) = (key(&app, &[Scope::Enrol]).await, key(&app, &[Scope::Invite]).await);
    let secret = invited(&app, "ada", TimeDelta::days(1)).await;
    let enrol = app.post_with("/register", &[("x-api-key", &may)], &registration("ada", &[ADA]));
    assert_eq!(enrol.status, 201, "{}", enrol.text());
    let late = with(registration("ada", &[ADA]), "ada", Some(&secret));
    assert_eq!(app.post("/register", &late).code(), "invitation_invalid");

    let line = format!("{}\n", registration("grace", &[ADA]));
    let batch = |key: &str| {
        let headers = [("content-type", "application/x-ndjson"), ("x-api-key", key)];
        app.send("POST", "/register/batch", &headers, line.as_bytes())
    };
    assert_eq!(batch(&inviting).code(), "insufficient_scope");
    assert!(batch(&may).text().contains("\"status\":201"));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_invitations_do_not_count_none_is_made_or_taken() {
    for registration_mode in [Registration::Service, Registration::Closed] {
        let app = App::start_with(|s| s.settings.registration = registration_mode).await;
        let secret = invited(&app, "ada", TimeDelta::days(1)).await;
        let may = key(&app, &[Scope::Invite]).await;
        let name = json!({"username": "grace"});
        let made = app.post_with("/invitations", &[("x-api-key", &may)], &name);
        let read = app.post("/invitations/read", &json!({"invitation": secret}));
        let body = with(registration("ada", &[ADA]), "ada", Some(&secret));
        for answer in [made, read, app.post("/register", &body)] {
            assert_eq!(answer.code(), "enrolment_not_allowed", "{registration_mode:?}");
        }
    }
    // Where anybody may register, one that is presented is looked at and used up all the same.
    let app = App::start().await;
    let secret = invited(&app, "ada", TimeDelta::days(1)).await;
    let send =
        |name: &str| app.post("/register", &with(registration(name, &[ADA]), name, Some(&secret)));
    assert_eq!(send("grace").code(), "invitation_invalid");
    send("ada").access_token();
    assert_eq!(send("ada").code(), "invitation_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_people_at_two_replicas_one_enrols_with_an_invitation() {
    let many = |setup: &mut Setup| {
        by_invitation(setup);
        setup.settings.max_in_flight = 400;
    };
    let first = App::start_with(many).await;
    let second = App::start_on(Arc::clone(&first.database), many);
    let secret = invited(&first, "ada", TimeDelta::days(1)).await;
    let body = with(registration("ada", &[ADA]), "ada", Some(&secret));
    let together = Barrier::new(50);
    let send = |app: &App| {
        together.wait();
        let answer = app.post("/register", &body);
        if answer.status == 201 { "enrolled".to_owned() } else { answer.code() }
    };
    let send = &send;
    let codes: Vec<String> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..50)
            .map(|number| {
                let app = if number % 2 == 0 { &first } else { &second };
                scope.spawn(move || send(app))
            })
            .collect();
        tries.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    let of = |code: &str| codes.iter().filter(|one| *one == code).count();
    assert_eq!((of("enrolled"), of("invitation_invalid")), (1, 49), "{codes:?}");
}
