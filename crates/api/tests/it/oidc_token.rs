//! Codes, tokens and `/userinfo`: what each is good for, and for whom.

use std::sync::Arc;

use chrono::TimeDelta;
use faceauth_test_support::scripted::Shows;
use serde_json::json;

use crate::app::{App, ISSUER};
use crate::oidc_party::{
    Browser, CALLBACK, SECRET, VERIFIER, app_of_ada, basic, challenge, claims, code, provider,
    redirect_to, text,
};

const ADA: Shows = Shows::Person(0);

#[tokio::test(flavor = "multi_thread")]
async fn a_code_becomes_tokens() {
    let app = app_of_ada().await;
    let tokens = app.tokens_of("app");
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 900);
    assert_eq!(tokens["scope"], "openid profile offline_access");
    let (access, id) = (claims(text(&tokens, "access_token")), claims(text(&tokens, "id_token")));
    assert_eq!(access["aud"], json!([format!("{ISSUER}/userinfo")]));
    assert_eq!(access["client_id"], "app");
    assert_eq!(access["sub"], id["sub"]);
    assert_eq!(access["sid"], id["sid"]);
    assert_eq!(id["iss"], ISSUER);
    let info = app.with_token("GET", "/userinfo", text(&tokens, "access_token"));
    assert_eq!(info.header("cache-control"), "no-store");
    let expected = json!({"sub": id["sub"], "preferred_username": "ada", "name": "ada"});
    assert_eq!(info.json(), expected);
    let posted = app.with_token("POST", "/userinfo", text(&tokens, "access_token"));
    assert_eq!(posted.json(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_a_client_opens_no_account() {
    let app = app_of_ada().await;
    // `api` has named the audience of the service's own tokens.
    for client in ["app", "api"] {
        let tokens = app.tokens_of(client);
        for token in [text(&tokens, "access_token"), text(&tokens, "id_token")] {
            for path in ["/me", "/me/sessions", "/me/export", "/me/faces", "/me/passkeys"] {
                let answer = app.with_token("GET", path, token);
                assert_eq!(answer.code(), "token_invalid", "{client} {path}");
            }
            assert_eq!(app.with_token("DELETE", "/me", token).code(), "token_invalid");
            let mut browser = Browser::default();
            let asked = browser.begin(&app, "app", &[]);
            let accepted = browser.accept(&app, &asked, Some(token), true);
            assert_eq!(accepted.code(), "token_invalid");
        }
        // Nor is its refresh token one of the page.
        let refresh = text(&tokens, "refresh_token");
        let renewed = app.post("/token/refresh", &json!({"refresh_token": refresh}));
        assert_eq!(renewed.code(), "token_invalid");
        assert_eq!(app.post("/token/revoke", &json!({"refresh_token": refresh})).status, 204);
        assert_eq!(app.renew(client, refresh).status, 200);
    }
    // And the other way round.
    let own = app.verify("ada", ADA);
    let info = app.with_token("GET", "/userinfo", &own.access_token());
    assert_eq!((info.status, info.oauth_error().as_str()), (401, "invalid_token"));
    assert!(info.header("www-authenticate").starts_with("Bearer error=\"invalid_token\""));
    assert_eq!(app.renew("app", &own.refresh_token()).oauth_error(), "invalid_grant");
    assert_eq!(app.get("/userinfo").oauth_error(), "invalid_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_bound_to_client_address_and_verifier() {
    let app = app_of_ada().await;
    let issued = code(&Browser::default().sign_in(&app, "app", "ada", ADA));
    let other = "another-verifier-another-verifier-another-verifier";
    let refused = |client: &str, code: &str, changes: &[(&str, &str)]| {
        let answer = app.redeem(client, code, changes);
        (answer.status, answer.oauth_error())
    };
    let error = |status, word: &str| (status, word.to_owned());
    assert_eq!(refused("other", &issued, &[]), error(400, "invalid_grant"));
    assert_eq!(refused("app", &issued, &[("code_verifier", other)]), error(400, "invalid_grant"));
    let plain = challenge(VERIFIER);
    assert_eq!(refused("app", &issued, &[("code_verifier", &plain)]), error(400, "invalid_grant"));
    let elsewhere = [("redirect_uri", "http://127.0.0.1/back")];
    assert_eq!(refused("app", &issued, &elsewhere), error(400, "invalid_grant"));
    for missing in ["code_verifier", "redirect_uri", "code", "grant_type"] {
        assert_eq!(refused("app", &issued, &[(missing, "")]), error(400, "invalid_request"));
    }
    assert_eq!(refused("app", "unknown", &[]), error(400, "invalid_grant"));
    let password = [("grant_type", "password")];
    assert_eq!(refused("app", &issued, &password), error(400, "unsupported_grant_type"));
    assert_eq!(refused("nobody", &issued, &[]), error(401, "invalid_client"));
    // None of this has spoiled it.
    assert_eq!(app.redeem("app", &issued, &[]).status, 200);
    let late = code(&Browser::default().sign_in(&app, "app", "ada", ADA));
    app.clock.advance(TimeDelta::seconds(60));
    assert_eq!(refused("app", &late, &[]), error(400, "invalid_grant"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_comes_again_ends_what_it_became() {
    let app = app_of_ada().await;
    let issued = code(&Browser::default().sign_in(&app, "app", "ada", ADA));
    let tokens = app.redeem("app", &issued, &[]).json();
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    assert_eq!(app.with_token("GET", "/userinfo", access).status, 200);
    // Not by somebody who has the code alone.
    let other = "another-verifier-another-verifier-another-verifier";
    assert_eq!(app.redeem("app", &issued, &[("code_verifier", other)]).status, 400);
    assert_eq!(app.with_token("GET", "/userinfo", access).status, 200);
    // Also long after its minute.
    app.clock.advance(TimeDelta::minutes(5));
    assert_eq!(app.redeem("app", &issued, &[]).oauth_error(), "invalid_grant");
    assert_eq!(app.with_token("GET", "/userinfo", access).oauth_error(), "invalid_token");
    assert_eq!(app.renew("app", refresh).oauth_error(), "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_with_a_secret_prove_it() {
    let app = app_of_ada().await;
    let issued = code(&Browser::default().sign_in(&app, "server", "ada", ADA));
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", issued.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let send = |headers: &[(&str, &str)], more: &[(&str, &str)]| {
        app.post_form("/token", headers, &[&pairs[..], more].concat())
    };
    let named = [("client_id", "server")];
    for (secret, more) in [
        (None, &named[..]),
        (None, &[]),
        (Some(basic("server", "wrong")), &[]),
        (Some(basic("app", SECRET)), &[]),
        (Some(basic("server", SECRET)), &[("client_id", "app")]),
        (Some("Bearer x".to_owned()), &named),
    ] {
        let headers: Vec<_> = secret.iter().map(|s| ("authorization", s.as_str())).collect();
        let answer = send(&headers, more);
        assert_eq!((answer.status, answer.oauth_error().as_str()), (401, "invalid_client"));
        assert_eq!(answer.header("www-authenticate"), "Basic realm=\"clients\"");
    }
    let in_form = [("client_id", "server"), ("client_secret", SECRET)];
    assert_eq!(send(&[], &in_form).oauth_error(), "invalid_request");
    let secret = basic("server", SECRET);
    assert_eq!(send(&[("authorization", &secret)], &[]).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_tokens_rotate_and_a_copy_ends_the_session() {
    let app = app_of_ada().await;
    let tokens = app.tokens_of("app");
    let first = text(&tokens, "refresh_token").to_owned();
    assert_eq!(app.renew("other", &first).oauth_error(), "invalid_grant");
    app.clock.advance(TimeDelta::minutes(20));
    let renewed = app.renew("app", &first);
    assert_eq!(renewed.status, 200, "{}", renewed.text());
    let renewed = renewed.json();
    let (before, after) = (claims(text(&tokens, "id_token")), claims(text(&renewed, "id_token")));
    for same in ["sub", "sid", "auth_time", "acr", "aud", "iss"] {
        assert_eq!(before[same], after[same], "{same}");
    }
    assert!(after.get("nonce").is_none());
    let second = text(&renewed, "refresh_token").to_owned();
    assert_ne!(first, second);
    let narrower = [
        ("grant_type", "refresh_token"),
        ("client_id", "app"),
        ("refresh_token", second.as_str()),
        ("scope", "openid"),
    ];
    let narrower = app.post_form("/token", &[], &narrower).json();
    assert_eq!(narrower["scope"], "openid");
    let info = app.with_token("GET", "/userinfo", text(&narrower, "access_token")).json();
    assert_eq!(info, json!({"sub": before["sub"]}));
    // The first one again: somebody has a copy.
    assert_eq!(app.renew("app", &first).oauth_error(), "invalid_grant");
    let third = text(&narrower, "refresh_token");
    assert_eq!(app.renew("app", third).oauth_error(), "invalid_grant");
    let info = app.with_token("GET", "/userinfo", text(&narrower, "access_token"));
    assert_eq!(info.oauth_error(), "invalid_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wider_scope_is_refused_and_spends_nothing() {
    let app = app_of_ada().await;
    let mut browser = Browser::default();
    let asked = browser.begin(&app, "app", &[("scope", "openid offline_access")]);
    let token = app.verify("ada", ADA).access_token();
    let to = redirect_to(&browser.accept(&app, &asked, Some(&token), false));
    let tokens = app.redeem("app", &code(&to), &[]).json();
    let refresh = text(&tokens, "refresh_token");
    for scope in ["openid profile", "profile", "offline_access"] {
        let pairs = [
            ("grant_type", "refresh_token"),
            ("client_id", "app"),
            ("refresh_token", refresh),
            ("scope", scope),
        ];
        assert_eq!(app.post_form("/token", &[], &pairs).oauth_error(), "invalid_scope", "{scope}");
    }
    assert_eq!(app.renew("app", refresh).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_offline_access_gives_refresh_tokens() {
    let app = app_of_ada().await;
    let tokens = app.tokens_of("short");
    assert_eq!(tokens["scope"], "openid profile");
    assert!(tokens.get("refresh_token").is_none());
    let access = text(&tokens, "access_token");
    assert_eq!(app.with_token("GET", "/userinfo", access).status, 200);
    app.clock.advance(TimeDelta::seconds(910));
    assert_eq!(app.with_token("GET", "/userinfo", access).oauth_error(), "invalid_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn pairwise_subjects_differ_by_sector_and_stay() {
    let app = app_of_ada().await;
    let subject = |client: &str| {
        let tokens = app.tokens_of(client);
        let access = text(&tokens, "access_token");
        let (id, info) =
            (claims(text(&tokens, "id_token")), app.with_token("GET", "/userinfo", access).json());
        assert_eq!(id["sub"], info["sub"]);
        assert_eq!(id["sub"], claims(access)["sub"]);
        text(&id, "sub").to_owned()
    };
    let (public, pair, pear) = (subject("app"), subject("pair"), subject("pear"));
    assert!(public != pair && pair != pear && public != pear);
    assert_eq!(subject("pair"), pair);
    assert_eq!(subject("other"), public);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_sees_and_ends_a_session_of_a_client() {
    let app = app_of_ada().await;
    let tokens = app.tokens_of("app");
    let own = app.verify("ada", ADA).access_token();
    let sessions = app.with_token("GET", "/me/sessions", &own).json();
    let sessions = sessions["sessions"].as_array().expect("sessions");
    let of_app = sessions.iter().find(|one| one["client_id"] == "app").expect("the session");
    let path = format!("/me/sessions/{}", text(of_app, "id"));
    assert_eq!(app.with_token("DELETE", &path, &own).status, 204);
    let access = text(&tokens, "access_token");
    assert_eq!(app.with_token("GET", "/userinfo", access).oauth_error(), "invalid_token");
    assert_eq!(app.renew("app", text(&tokens, "refresh_token")).oauth_error(), "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_share_everything() {
    let one = app_of_ada().await;
    let other = App::start_on(Arc::clone(&one.database), provider);
    let mut browser = Browser::default();
    let asked = browser.begin(&one, "app", &[]);
    assert_eq!(browser.shown(&other, &asked).status, 200);
    let token = one.verify("ada", ADA).access_token();
    let to = redirect_to(&browser.accept(&other, &asked, Some(&token), false));
    let tokens = one.redeem("app", &code(&to), &[]);
    assert_eq!(tokens.status, 200, "{}", tokens.text());
    let tokens = tokens.json();
    let renewed = other.renew("app", text(&tokens, "refresh_token"));
    assert_eq!(renewed.status, 200, "{}", renewed.text());
    // The login session is known to both.
    let asked = browser.begin(&one, "other", &[]);
    code(&redirect_to(&browser.accept(&other, &asked, None, false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_redemptions_at_once_one_wins_and_the_others_end_it() {
    let one = app_of_ada().await;
    let other = App::start_on(Arc::clone(&one.database), provider);
    let issued = code(&Browser::default().sign_in(&one, "app", "ada", ADA));
    let answers: Vec<_> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..50)
            .map(|index| {
                let (app, issued) = (if index % 2 == 0 { &one } else { &other }, &issued);
                scope.spawn(move || app.redeem("app", issued, &[]))
            })
            .collect();
        tries.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!((won.len(), lost.len()), (1, 49));
    for answer in lost {
        assert_eq!(answer.oauth_error(), "invalid_grant");
    }
    let tokens = won[0].json();
    let access = text(&tokens, "access_token");
    assert_eq!(one.with_token("GET", "/userinfo", access).oauth_error(), "invalid_token");
    assert_eq!(other.renew("app", text(&tokens, "refresh_token")).oauth_error(), "invalid_grant");
}
