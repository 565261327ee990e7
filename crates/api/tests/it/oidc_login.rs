//! The login in a browser: cookies, who may answer a request, step-up and consent.

use chrono::TimeDelta;
use faceauth_domain::second_factor::SecondFactorMode;
use faceauth_test_support::passkey::SoftKey;
use faceauth_test_support::scripted::Shows;
use serde_json::{Value, json};

use crate::app::{Answer, App};
use crate::oidc_party::{
    Browser, CALLBACK, LOGIN_COOKIE, REQUEST_COOKIE, address, app_of_ada, carried, claims, code,
    provider, redirect_to, request,
};
use crate::passkeys::{PAGE, asks};

const ADA: Shows = Shows::Person(0);
const EVE: Shows = Shows::Person(1);

/// The flags of a cookie that an answer sets.
fn flags(answer: &Answer, name: &str) -> String {
    let set = answer.headers.get_all("set-cookie").iter();
    let mut set = set.map(|cookie| cookie.to_str().expect("a text header"));
    let cookie = set.find(|cookie| cookie.starts_with(&format!("{name}="))).expect("the cookie");
    cookie.split_once("; ").expect("flags").1.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_who_asks_and_the_browser_goes_back_with_a_code() {
    let app = app_of_ada().await;
    let mut browser = Browser::default();
    let begun = browser.get(
        &app,
        &address("/authorize", &request("app", &[("ui_locales", "de en"), ("login_hint", "ada")])),
    );
    let cookie = flags(&begun, REQUEST_COOKIE);
    for flag in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=600"] {
        assert!(cookie.contains(flag), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    assert_eq!(begun.header("referrer-policy"), "no-referrer");
    assert_eq!(begun.header("cache-control"), "no-store");
    assert!(begun.header("content-security-policy").contains("frame-ancestors 'none'"));
    let asked = carried(begun.header("location"), "request").expect("a request");

    let shown = browser.shown(&app, &asked);
    assert_eq!(shown.status, 200, "{}", shown.text());
    let expected = json!({
        "client": {"name": "The app app", "first_party": true},
        "scopes": ["openid", "profile", "offline_access"],
        "login_hint": "ada", "ui_locales": ["de", "en"], "prompt_create": false,
        "second_factor": false, "fresh_face": false, "needs_consent": false, "expires_in": 600,
    });
    assert_eq!(shown.json(), expected);

    let token = app.verify("ada", ADA).access_token();
    let accepted = browser.accept(&app, &asked, Some(&token), false);
    let cookie = flags(&accepted, LOGIN_COOKIE);
    assert_eq!(cookie, "HttpOnly; SameSite=Lax; Secure; Path=/");
    let to = redirect_to(&accepted);
    assert!(to.starts_with(CALLBACK), "{to}");
    // The session of the page is the login session now: nothing is left with the page.
    assert_eq!(app.with_token("GET", "/me", &token).code(), "token_invalid");
    let tokens = app.redeem("app", &code(&to), &[]).json();
    let id_token = claims(tokens["id_token"].as_str().expect("a token"));
    assert_eq!(id_token["nonce"], "the nonce");
    assert_eq!(id_token["aud"], "app");
    assert_eq!(id_token["acr"], "urn:faceauth:acr:face");
    assert_eq!(id_token["preferred_username"], "ada");
    // Answered once.
    let again = app.verify("ada", ADA).access_token();
    let again = browser.accept(&app, &asked, Some(&again), false);
    assert_eq!((again.status, again.code().as_str()), (410, "authorization_expired"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_browser_that_was_sent_here_may_answer() {
    let app = app_of_ada().await;
    let mut browser = Browser::default();
    let asked = browser.begin(&app, "app", &[]);
    let token = app.verify("ada", ADA).access_token();
    // Somebody who has read the address, in a browser with a cookie of its own and in one without.
    let mut stranger = Browser::default();
    assert_eq!(stranger.shown(&app, &asked).code(), "authorization_expired");
    stranger.begin(&app, "app", &[]);
    assert_eq!(stranger.shown(&app, &asked).code(), "authorization_expired");
    let stolen = stranger.accept(&app, &asked, Some(&token), true);
    assert_eq!(stolen.code(), "authorization_expired");
    let refused = stranger.post(&app, "/login/refuse", &json!({"request": asked}), None);
    assert_eq!(refused.code(), "authorization_expired");
    // The failed tries cost the right browser nothing.
    code(&redirect_to(&browser.accept(&app, &asked, Some(&token), false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_page_answers_nothing() {
    let app = app_of_ada().await;
    let mut browser = Browser::default();
    let asked = browser.begin(&app, "app", &[]);
    let cookies = format!("{REQUEST_COOKIE}={}", browser.cookie(REQUEST_COOKIE).expect("a cookie"));
    let body = json!({"request": asked}).to_string();
    let send = |path: &str, header: (&str, &str), kind: &str| {
        let headers = [("cookie", cookies.as_str()), header, ("content-type", kind)];
        app.send("POST", path, &headers, body.as_bytes())
    };
    let json = "application/json";
    for path in ["/login/accept", "/login/refuse", "/login/logout"] {
        for foreign in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let answer = send(path, foreign, json);
            assert_eq!((answer.status, answer.code().as_str()), (403, "foreign_origin"), "{path}");
        }
        // What a form of a foreign page can send.
        let form = send(path, ("x-nothing", "1"), "text/plain");
        assert_eq!(form.code(), "unsupported_media_type", "{path}");
    }
    let own = send("/login/refuse", ("origin", crate::app::ISSUER), json);
    assert_eq!(own.status, 200, "{}", own.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_goes_to_the_client() {
    let app = app_of_ada().await;
    let mut browser = Browser::default();
    let asked = browser.begin(&app, "app", &[]);
    let to = redirect_to(&browser.post(&app, "/login/refuse", &json!({"request": asked}), None));
    assert_eq!(carried(&to, "error").as_deref(), Some("access_denied"));
    assert_eq!(carried(&to, "state").as_deref(), Some("the state"));
    let again = browser.post(&app, "/login/refuse", &json!({"request": asked}), None);
    assert_eq!(again.code(), "authorization_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_over_after_ten_minutes() {
    let app = app_of_ada().await;
    let mut browser = Browser::default();
    let asked = browser.begin(&app, "app", &[]);
    app.clock.advance(TimeDelta::minutes(10));
    assert_eq!(browser.shown(&app, &asked).code(), "authorization_expired");
    let token = app.verify("ada", ADA).access_token();
    let late = browser.accept(&app, &asked, Some(&token), false);
    assert_eq!(late.code(), "authorization_expired");
    // The sign-in was not used up.
    assert_eq!(app.with_token("GET", "/me", &token).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_session_goes_on_with_another_secret() {
    let app = app_of_ada().await;
    let mut browser = Browser::default();
    browser.sign_in(&app, "app", "ada", ADA);
    let first = browser.cookie(LOGIN_COOKIE).expect("a cookie").to_owned();
    app.clock.advance(TimeDelta::minutes(30));

    let asked = browser.begin(&app, "other", &[]);
    assert_eq!(browser.shown(&app, &asked).json()["signed_in"]["username"], "ada");
    let to = redirect_to(&browser.accept(&app, &asked, None, false));
    let tokens = app.redeem("other", &code(&to), &[]).json();
    let id_token = claims(tokens["id_token"].as_str().expect("a token"));
    let (auth_time, iat) = (id_token["auth_time"].as_i64(), id_token["iat"].as_i64());
    assert_eq!(iat.zip(auth_time).map(|(iat, auth_time)| iat - auth_time), Some(30 * 60));
    let second = browser.cookie(LOGIN_COOKIE).expect("a cookie").to_owned();
    assert_ne!(first, second);

    // A copy of the first cookie is worth nothing any more.
    let mut thief = browser.clone();
    thief.cookies.retain(|(name, _)| name != LOGIN_COOKIE);
    thief.cookies.push((LOGIN_COOKIE.to_owned(), first));
    let asked = thief.begin(&app, "app", &[]);
    assert!(thief.shown(&app, &asked).json().get("signed_in").is_none());
    assert_eq!(thief.accept(&app, &asked, None, false).code(), "token_invalid");
    // Nor does anybody get in without one.
    let nobody = Browser::default().accept(&app, &asked, None, false);
    assert_eq!(nobody.code(), "token_invalid");

    // The session ends after a working day, used or not.
    app.clock.advance(TimeDelta::hours(12));
    let asked = browser.begin(&app, "app", &[]);
    assert!(browser.shown(&app, &asked).json().get("signed_in").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_sign_in_replaces_the_one_before() {
    let app = app_of_ada().await;
    assert_eq!(app.register("eve", EVE).status, 201);
    let mut browser = Browser::default();
    browser.sign_in(&app, "app", "ada", ADA);
    let before = browser.clone();
    browser.sign_in(&app, "app", "eve", EVE);
    assert_ne!(before.cookie(LOGIN_COOKIE), browser.cookie(LOGIN_COOKIE));
    let asked = browser.begin(&app, "app", &[]);
    assert_eq!(browser.shown(&app, &asked).json()["signed_in"]["username"], "eve");
    let mut before = before;
    let asked = before.begin(&app, "app", &[]);
    assert!(before.shown(&app, &asked).json().get("signed_in").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn prompt_none_answers_at_once() {
    let app = app_of_ada().await;
    let mut browser = Browser::default();
    browser.sign_in(&app, "app", "ada", ADA);
    let unseen = |browser: &mut Browser, client: &str, changes: &[(&str, &str)]| {
        let changes = [&[("prompt", "none")], changes].concat();
        browser.open(&app, &address("/authorize", &request(client, &changes)))
    };
    let to = unseen(&mut browser, "other", &[]);
    assert_eq!(app.redeem("other", &code(&to), &[]).status, 200);
    let third = unseen(&mut browser, "third", &[]);
    assert_eq!(carried(&third, "error").as_deref(), Some("consent_required"));
    app.clock.advance(TimeDelta::minutes(10));
    let old = unseen(&mut browser, "app", &[("max_age", "60")]);
    assert_eq!(carried(&old, "error").as_deref(), Some("login_required"));
    code(&unseen(&mut browser, "app", &[("max_age", "600")]));
    let weak = unseen(&mut browser, "app", &[("acr_values", "urn:faceauth:acr:face-liveness")]);
    assert_eq!(carried(&weak, "error").as_deref(), Some("login_required"));
    let nobody = unseen(&mut Browser::default(), "app", &[]);
    assert_eq!(carried(&nobody, "error").as_deref(), Some("login_required"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_for_a_new_sign_in_takes_no_old_one() {
    let app = app_of_ada().await;
    for change in [("prompt", "login"), ("max_age", "0"), ("prompt", "create")] {
        let mut browser = Browser::default();
        browser.sign_in(&app, "app", "ada", ADA);
        let page = app.verify("ada", ADA).access_token();
        app.clock.advance(TimeDelta::seconds(5));
        let asked = browser.begin(&app, "app", &[change]);
        let shown = browser.shown(&app, &asked).json();
        assert!(shown.get("signed_in").is_none(), "{change:?}");
        assert_eq!(shown["fresh_face"], true, "{change:?}");
        for old in [None, Some(page.as_str())] {
            let refused = browser.accept(&app, &asked, old, false);
            assert_eq!((refused.status, refused.code().as_str()), (403, "step_up_required"));
        }
        app.clock.advance(TimeDelta::seconds(5));
        let new = app.verify("ada", ADA).access_token();
        app.clock.advance(TimeDelta::seconds(5));
        code(&redirect_to(&browser.accept(&app, &asked, Some(&new), false)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acr_values_ask_for_a_second_factor() {
    let app = App::start_with(|setup| {
        provider(setup);
        asks(SecondFactorMode::Offered)(setup);
    })
    .await;
    let mut key = SoftKey::new(1, "localhost", PAGE);
    app.enrolled("ada", ADA, &mut key);
    assert_eq!(app.register("eve", EVE).status, 201);
    let acr = [("acr_values", "urn:faceauth:acr:face-passkey-synced")];
    let mut browser = Browser::default();
    let asked = browser.begin(&app, "app", &acr);
    assert_eq!(browser.shown(&app, &asked).json()["second_factor"], true);
    let weak = app.verify("eve", EVE).access_token();
    let refused = browser.accept(&app, &asked, Some(&weak), false);
    assert_eq!(refused.code(), "step_up_required");
    let asked_for_key = app.asked("ada", ADA);
    let strong = app.show(&asked_for_key, &key.sign(&asked_for_key["options"])).access_token();
    let to = redirect_to(&browser.accept(&app, &asked, Some(&strong), false));
    let tokens = app.redeem("app", &code(&to), &[]).json();
    let id_token: Value = claims(tokens["id_token"].as_str().expect("a token"));
    assert_eq!(id_token["acr"], "urn:faceauth:acr:face-passkey-device-bound");
    assert_eq!(id_token["amr"], json!(["face", "hwk", "mfa", "user"]));
    // The login session is as strong.
    let unseen = request("app", &[acr[0], ("prompt", "none")]);
    code(&browser.open(&app, &address("/authorize", &unseen)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_another_could_imitate_gets_nothing_unseen() {
    let app = app_of_ada().await;
    let mut browser = Browser::default();
    browser.sign_in(&app, "app", "ada", ADA);
    let mut unseen = |client: &str, redirect_uri: &str| {
        let changes = [("prompt", "none"), ("redirect_uri", redirect_uri)];
        browser.open(&app, &address("/authorize", &request(client, &changes)))
    };
    // Whichever port: any program of the device can listen there.
    for loopback in ["http://127.0.0.1/back", "http://127.0.0.1:4711/back"] {
        let to = unseen("app", loopback);
        assert!(to.starts_with(loopback), "{to}");
        assert_eq!(carried(&to, "error").as_deref(), Some("interaction_required"));
        // A secret proves who it is.
        code(&unseen("server", loopback));
    }
    code(&unseen("app", CALLBACK));
    // It is let in when the person sees it.
    let asked = browser.begin(&app, "app", &[("redirect_uri", "http://127.0.0.1:4711/back")]);
    assert_eq!(browser.shown(&app, &asked).json()["client"]["name"], "The app app");
    code(&redirect_to(&browser.accept(&app, &asked, None, false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_passkey_is_made_on_the_way() {
    let app = App::start_with(|setup| {
        provider(setup);
        asks(SecondFactorMode::Offered)(setup);
    })
    .await;
    assert_eq!(app.register("ada", ADA).status, 201);
    let mut browser = Browser::default();
    let acr = [("acr_values", "urn:faceauth:acr:face-passkey-synced")];
    let asked = browser.begin(&app, "app", &acr);
    let token = app.verify("ada", ADA).access_token();
    let weak = browser.accept(&app, &asked, Some(&token), false);
    assert_eq!(weak.code(), "step_up_required");
    // The refusal has not used the sign-in up: it makes the passkey.
    let mut key = SoftKey::new(1, "localhost", PAGE);
    assert_eq!(app.add_passkey(&token, &mut key, "my key").status, 201);
    // One that was made after the sign-in makes it no stronger.
    let weak = browser.accept(&app, &asked, Some(&token), false);
    assert_eq!(weak.code(), "step_up_required");
    let asked_for_key = app.asked("ada", ADA);
    let strong = app.show(&asked_for_key, &key.sign(&asked_for_key["options"])).access_token();
    let to = redirect_to(&browser.accept(&app, &asked, Some(&strong), false));
    let tokens = app.redeem("app", &code(&to), &[]).json();
    let id_token: Value = claims(tokens["id_token"].as_str().expect("a token"));
    assert_eq!(id_token["acr"], "urn:faceauth:acr:face-passkey-device-bound");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_expects_somebody_gets_nobody_else_unseen() {
    let app = app_of_ada().await;
    assert_eq!(app.register("eve", EVE).status, 201);
    for client in ["app", "pair"] {
        let mut browser = Browser::default();
        let id_token = |browser: &mut Browser, username: &str, face| {
            let to = browser.sign_in(&app, client, username, face);
            let tokens = app.redeem(client, &code(&to), &[]).json();
            tokens["id_token"].as_str().expect("a token").to_owned()
        };
        let of_eve = id_token(&mut Browser::default(), "eve", EVE);
        let of_ada = id_token(&mut browser, "ada", ADA);
        let mut unseen = |hint: &str| {
            let changes = [("prompt", "none"), ("id_token_hint", hint)];
            browser.open(&app, &address("/authorize", &request(client, &changes)))
        };
        code(&unseen(&of_ada));
        let of_other_client = app.tokens_of("other")["id_token"].as_str().expect("it").to_owned();
        for hint in [of_eve.as_str(), &of_other_client, "no token"] {
            let to = unseen(hint);
            assert_eq!(carried(&to, "error").as_deref(), Some("login_required"), "{client}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_app_needs_the_persons_word() {
    let app = app_of_ada().await;
    let mut browser = Browser::default();
    for (client, changes) in [("third", &[][..]), ("app", &[("prompt", "consent")][..])] {
        let asked = browser.begin(&app, client, changes);
        assert_eq!(browser.shown(&app, &asked).json()["needs_consent"], true);
        let token = app.verify("ada", ADA).access_token();
        let refused = browser.accept(&app, &asked, Some(&token), false);
        assert_eq!((refused.status, refused.code().as_str()), (403, "client_consent_required"));
        code(&redirect_to(&browser.accept(&app, &asked, Some(&token), true)));
    }
    // What was agreed to is not asked again, and what was not is.
    let unseen = |more: &[(&str, &str)]| {
        address("/authorize", &request("third", &[&[("prompt", "none")], more].concat()))
    };
    code(&browser.clone().open(&app, &unseen(&[("scope", "openid profile")])));
    let asked = browser.begin(&app, "third", &[]);
    assert_eq!(browser.shown(&app, &asked).json()["needs_consent"], false);
    let mut other = Browser::default();
    let less = other.begin(&app, "third", &[("scope", "openid")]);
    let token = app.verify("ada", ADA).access_token();
    code(&redirect_to(&other.accept(&app, &less, Some(&token), false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_session_ends_with_everything_else_of_a_person() {
    let app = app_of_ada().await;
    let signed_in = || {
        let mut browser = Browser::default();
        browser.sign_in(&app, "app", "ada", ADA);
        browser
    };
    let is_signed_in = |browser: &mut Browser| {
        let asked = browser.begin(&app, "app", &[]);
        browser.shown(&app, &asked).json().get("signed_in").is_some()
    };
    let (mut one, mut other) = (signed_in(), signed_in());
    assert!(is_signed_in(&mut one) && is_signed_in(&mut other));
    // Its owner sees and ends it.
    let token = app.verify("ada", ADA).access_token();
    let sessions = app.with_token("GET", "/me/sessions", &token).json();
    let sessions = sessions["sessions"].as_array().expect("sessions").clone();
    // Those of her enrolment and of this sign-in, and two logins. No code was redeemed.
    assert_eq!(sessions.len(), 4, "{sessions:?}");
    let newest = sessions[2]["id"].as_str().expect("an id").to_owned();
    let ended = app.with_token("DELETE", &format!("/me/sessions/{newest}"), &token);
    assert_eq!(ended.status, 204, "{}", ended.text());
    assert!(is_signed_in(&mut one) ^ is_signed_in(&mut other));
    // A withdrawal of consent ends the rest, and the codes that nobody has redeemed.
    let to = Browser::default().sign_in(&app, "app", "ada", ADA);
    let token = app.verify("ada", ADA).access_token();
    assert_eq!(app.with_token("DELETE", "/me/consent", &token).status, 204);
    assert!(!is_signed_in(&mut one) && !is_signed_in(&mut other));
    assert_eq!(app.redeem("app", &code(&to), &[]).oauth_error(), "invalid_grant");
}
