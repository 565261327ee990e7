//! Every code is answered by something, as documented.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use faceauth_api::error::ErrorCode;
use faceauth_domain::quality::QualityReason;
use faceauth_store::StoreConfig;
use faceauth_test_support::scripted::{Mood, Shows};
use secrecy::SecretString;

use crate::app::{App, probe};

/// What makes a picture unusable, and the code that says so.
fn unusable_pictures() -> Vec<(Shows, ErrorCode)> {
    let mut cases = vec![
        (Shows::Nobody, ErrorCode::NoFace),
        (Shows::Crowd, ErrorCode::MultipleFaces),
        (Shows::Garbage, ErrorCode::ImageUndecodable),
        (Shows::Huge, ErrorCode::ImageDimensionsTooLarge),
        (Shows::Failure, ErrorCode::ModelUnavailable),
    ];
    cases.extend(QualityReason::ALL.map(|reason| (Shows::Unusable(reason), reason.into())));
    cases
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_that_cannot_be_used_say_why() {
    let app = App::start().await;
    for (shows, code) in unusable_pictures() {
        for answer in [app.verify("ada", shows), app.register("ada", shows)] {
            assert_eq!(answer.code(), code.as_str());
            assert_eq!(answer.status, code.status().as_u16());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_service_says_when_to_come_back() {
    let app = App::start().await;
    app.analyzer.set_mood(Mood::Full);
    let busy = app.verify("ada", Shows::Person(0));
    assert_eq!((busy.status, busy.code().as_str()), (503, "overloaded"));
    assert_eq!((busy.header("retry-after"), &busy.json()["retry_after"]), ("1", &1.into()));
    let full = App::start_with(|s| s.settings.max_in_flight = 0).await;
    assert_eq!(full.verify("ada", Shows::Person(0)).code(), "overloaded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_is_told_apart_from_a_broken_one() {
    let nowhere = SecretString::from("postgres://faceauth@127.0.0.1:1/none");
    let store =
        StoreConfig { acquire_timeout: Duration::from_millis(200), ..StoreConfig::new(nowhere) };
    let app = App::start_with(|s| s.store = Some(store)).await;
    for answer in [app.verify("ada", Shows::Person(0)), app.get("/readyz")] {
        assert_eq!((answer.status, answer.code().as_str()), (503, "database_unavailable"));
    }
    assert_eq!(app.get("/healthz").status, 200);

    let broken = App::start().await;
    broken.register("ada", Shows::Person(0)).access_token();
    let client = broken.database.client().await;
    let flip = "UPDATE templates SET sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)";
    client.execute(flip, &[]).await.expect("tamper");
    let answer = broken.verify("ada", Shows::Person(0));
    assert_eq!((answer.status, answer.code().as_str()), (500, "internal_error"));
    assert!(!answer.text().contains("template"), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_arrive_is_given_up() {
    let app = App::start().await;
    let mut stream = TcpStream::connect(app.base.trim_start_matches("http://")).expect("connect");
    let head = "POST /verify HTTP/1.1\r\nHost: faceauth.test\r\nConnection: close\r\n\
                Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).expect("send");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("request_timeout"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn identity_is_decided_after_the_picture() {
    // An unusable picture gets the same answer under every name.
    let app = App::start().await;
    app.register("ada", Shows::Person(0)).access_token();
    for name in ["ada", "nobody"] {
        assert_eq!(app.post("/verify", &probe(name, Shows::Nobody)).code(), "no_face");
    }
}

/// Every code that is not reserved stands in some test of this binary, and every
/// reserved one in none: a code nobody can provoke would be a promise nobody keeps. Codes of
/// [`unusable_pictures`] need no line of their own, because a test above provokes each of them.
#[test]
fn every_code_is_tested() {
    let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it"));
    let pictures = unusable_pictures();
    let untested: BTreeSet<&str> = ErrorCode::ALL
        .iter()
        .filter(|code| {
            let variant = format!("ErrorCode::{code:?})");
            let text = format!("\"{}\"", code.as_str());
            let tested = pictures.iter().any(|(_, answer)| answer == *code)
                || sources.contains(&text)
                || sources.contains(&variant);
            tested == code.reserved()
        })
        .map(|code| code.as_str())
        .collect();
    assert_eq!(untested, BTreeSet::new());
}

/// What all files of a folder hold, and those of folders in it.
fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).expect("the folder of the tests");
    let read = |path: PathBuf| {
        if path.is_dir() { sources(&path) } else { fs::read_to_string(path).expect("a test") }
    };
    entries.map(|entry| read(entry.expect("a file").path())).collect()
}

/// The guide for clients.
const GUIDE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/api.md"));

/// The guide has each code beside its status. For what a picture may show it refers to
/// docs/quality.md, which `faceauth-domain` compares with its reasons.
#[test]
fn the_guide_lists_every_code() {
    let (_, table) = GUIDE.split_once("| status | codes |\n").expect("the table of codes");
    let rows = table.lines().skip(1).take_while(|row| row.starts_with('|'));
    let mut listed = BTreeSet::new();
    for row in rows {
        let (statuses, codes) = row[1..].split_once('|').expect("two columns");
        let codes = codes.split('`').skip(1).step_by(2);
        listed.extend(codes.map(|code| (code, statuses)));
    }
    let codes: Vec<ErrorCode> = ErrorCode::ALL
        .iter()
        .copied()
        .filter(|code| !QualityReason::ALL.into_iter().any(|reason| *code == reason.into()))
        .collect();
    for code in &codes {
        let status = code.status().as_u16().to_string();
        let found = listed.iter().any(|(word, at)| *word == code.as_str() && at.contains(&status));
        assert!(found, "docs/api.md has no {code} in a row of {status}");
    }
    assert_eq!(listed.len(), codes.len(), "docs/api.md: {listed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_lists_every_code() {
    let app = App::start().await;
    let document = app.get("/openapi.json").json();
    let codes = document["components"]["schemas"]["ErrorCode"]["enum"].as_array().expect("codes");
    let documented: BTreeSet<&str> = codes.iter().filter_map(|code| code.as_str()).collect();
    let known: BTreeSet<&str> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(documented, known);
    let broken = app.send("POST", "/verify", &[("content-type", "application/json")], b"{");
    assert_eq!(broken.code(), "malformed_json");
}
