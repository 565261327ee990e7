//! Requests and tokens that were tampered with. The result is always a command, or a refusal that
//! blames the sender.

use actix_web::http::header;
use actix_web::test::TestRequest;
use actix_web::{FromRequest, web};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{EncodePrivateKey, KeypairBytes};
use faceauth_domain::assurance::Assurance;
use faceauth_domain::user::UserId;
use faceauth_test_support::fuzz::{self, Mutated};
use faceauth_test_support::scripted::{Shows, performance};
use faceauth_tokens::access::{self, Session};
use faceauth_tokens::{TokenIssuer, TokenKeys, TokenSigner};
use secrecy::SecretString;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

use crate::endpoints::register::RegisterRequest;
use crate::endpoints::verify::VerifyRequest;
use crate::error::ApiError;
use crate::extract::image::{ImageInput, Parts};
use crate::extract::lines::{Line, Lines};
use crate::extract::{self, RequestBody};
use crate::places::Places;
use crate::settings::TokenSettings;

/// What a tampered request may be answered with.
fn is_refusal(error: &ApiError) {
    assert!(error.code().status().is_client_error(), "{error}");
}

/// Waits for what has all it needs in memory.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime").block_on(future)
}

fn capture() -> serde_json::Value {
    let frames: Vec<_> = performance(Shows::Person(0), &[], 1)
        .into_iter()
        .map(|(t_ms, picture)| json!({"image": BASE64_STANDARD.encode(picture), "t_ms": t_ms}))
        .collect();
    json!({"session_id": Uuid::nil(), "nonce": "n", "frames": frames})
}

#[test]
fn fuzz_json() {
    let picture = BASE64_STANDARD.encode(Shows::Person(0).picture());
    let consent = json!({"policy_version": "1", "granted": true});
    let seeds = [
        json!({"username": "ada", "face_image": picture, "device_token": "a.b.c"}),
        json!({"username": "ada", "face_images": [picture, picture], "consent": consent}),
        json!({"username": "ada", "liveness": capture(), "consent": consent}),
    ];
    let seeds = seeds.map(|seed| seed.to_string().into_bytes());
    bolero::check!().with_type::<Mutated>().with_test_time(fuzz::time()).for_each(|mutated| {
        let body = mutated.of(&seeds);
        let verify = extract::json_of::<VerifyRequest>(&body);
        if let Err(error) = verify.and_then(|request| request.into_command(&mut Parts::default())) {
            is_refusal(&error);
        }
        let register = extract::json_of::<RegisterRequest>(&body);
        if let Err(error) = register.and_then(|request| request.into_command(&mut Parts::default()))
        {
            is_refusal(&error);
        }
    });
}

/// A form with these fields.
fn form(fields: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, media_type, content) in fields {
        body.extend(format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"").bytes());
        if let Some(media_type) = media_type {
            body.extend(format!("; filename=\"f\"\r\nContent-Type: {media_type}").bytes());
        }
        body.extend(b"\r\n\r\n");
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(b"--b--\r\n");
    body
}

#[test]
fn fuzz_multipart() {
    let picture = Shows::Person(0).picture();
    let seeds = [
        form(&[("username", None, b"ada"), ("face_image", Some("image/png"), &picture)]),
        form(&[
            ("username", None, b"ada"),
            ("liveness.session_id", None, Uuid::nil().to_string().as_bytes()),
            ("liveness.nonce", None, b"n"),
            ("liveness.frames", Some("image/png"), &picture),
            ("liveness.t_ms", None, b"0"),
        ]),
        form(&[("liveness.video_clip", Some("video/mp4"), b"\0\0\0\x20ftypisom\0\0\x02\0")]),
    ];
    bolero::check!().with_type::<Mutated>().with_test_time(fuzz::time()).for_each(|mutated| {
        let (request, payload) = TestRequest::post()
            .insert_header((header::CONTENT_TYPE, "multipart/form-data; boundary=b"))
            .set_payload(mutated.of(&seeds))
            .to_http_parts();
        let parsed = block_on(extract::parse::<VerifyRequest>(&request, payload));
        if let Err(error) = parsed {
            is_refusal(&error);
        }
    });
}

#[test]
fn fuzz_base64_and_data_urls() {
    let encoded = BASE64_STANDARD.encode(Shows::Person(0).picture());
    let wrapped: String = encoded.as_bytes().chunks(60).fold(String::new(), |text, line| {
        text + std::str::from_utf8(line).expect("base64") + "\r\n"
    });
    let seeds = [encoded.clone(), format!("data:image/png;base64,{encoded}"), wrapped];
    let seeds = seeds.map(String::into_bytes);
    bolero::check!().with_type::<Mutated>().with_test_time(fuzz::time()).for_each(|mutated| {
        let text = String::from_utf8_lossy(&mutated.of(&seeds)).into_owned();
        if let Err(error) = ImageInput::Text(text).resolve(&mut Parts::default(), "/image") {
            is_refusal(&error);
        }
    });
}

#[test]
fn fuzz_lines() {
    let seeds =
        [b"{\"username\":\"ada\"}\n\n{}\r\n[]".to_vec(), b"\n\n\n".to_vec(), vec![b'x'; 99]];
    bolero::check!().with_type::<Mutated>().with_test_time(fuzz::time()).for_each(|mutated| {
        let body = mutated.of(&seeds);
        let wanted = body.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
        let wanted = wanted.count();
        let arrival = Places::new(1).arrive([192, 0, 2, 1].into()).expect("room");
        let read = block_on(async {
            let (request, mut payload) = TestRequest::post().set_payload(body).to_http_parts();
            let payload = web::Payload::from_request(&request, &mut payload).await;
            let mut lines = Lines::new(payload.expect("a payload"), arrival);
            let mut read = 0;
            while let Some(line) = lines.next().await {
                assert!(matches!(line, Line::Text(number, _) if number > read));
                read += 1;
            }
            read
        });
        assert_eq!(read, wanted as u64);
    });
}

fn issuer() -> TokenIssuer {
    let key = KeypairBytes { secret_key: [1; 32], public_key: None };
    let pem = SecretString::from(key.to_pkcs8_pem(LineEnding::LF).expect("a PEM").to_string());
    let settings = TokenSettings {
        issuer: "https://faceauth.test".to_owned(),
        audience: "test".to_owned(),
        access_ttl: Duration::from_secs(900),
        refresh_ttl: Duration::from_secs(86_400),
        session_ttl: Duration::from_secs(3 * 86_400),
    };
    TokenIssuer::new(TokenKeys::new(TokenSigner::from_pem(&pem).expect("a key"), vec![]), settings)
}

/// A changed token verifies only when its content is still the same.
#[test]
fn fuzz_tokens() {
    let (issuer, now) = (issuer(), chrono::DateTime::UNIX_EPOCH);
    let session = Session {
        user: UserId(Uuid::nil()),
        id: Uuid::nil(),
        auth_time: now,
        acr: access::acr(Assurance::Face.into()),
        attested: None,
    };
    let token = issuer.access_token(&session, now).expect("a token");
    let header = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"at+jwt"}"#);
    let seeds = [token.clone(), format!("{header}.{}", token.split_once('.').expect("claims").1)];
    let seeds = seeds.map(String::into_bytes);
    let said = |token: &str| token.rsplit_once('.').map(|(said, _)| said.to_owned());
    bolero::check!().with_type::<Mutated>().with_test_time(fuzz::time()).for_each(|mutated| {
        let changed = String::from_utf8_lossy(&mutated.of(&seeds)).into_owned();
        match issuer.check_access_token(&changed, now) {
            Ok(bearer) => {
                assert_eq!(bearer.user, session.user);
                assert_eq!(said(&changed), said(&token), "{changed}");
            }
            Err(error) => is_refusal(&error.into()),
        }
    });
}
