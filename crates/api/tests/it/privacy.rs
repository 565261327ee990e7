//! Nothing that a person would mind reaches the log, at any level.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use faceauth_test_support::scripted::{Shows, embedding_values};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::app::{App, base64, registration};

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_flow_logs_biometrics_tokens_or_keys() {
    let captured = Captured::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(captured.clone())
        .finish();
    // Global: the server runs on threads of its own. Other tests may add lines; none of
    // theirs may hold secrets either.
    tracing::subscriber::set_global_default(subscriber).expect("the only subscriber");

    let app = App::start().await;
    let enrolled = app.post("/register", &registration("ada", &[Shows::Person(0); 2]));
    let (access, refresh) = (enrolled.access_token(), enrolled.refresh_token());
    app.verify("ada", Shows::Person(0)).access_token();
    for shows in [Shows::Person(1), Shows::Print(0), Shows::Nobody, Shows::Garbage, Shows::Failure]
    {
        assert!(app.verify("ada", shows).status >= 400);
    }
    let renewed = app.post("/token/refresh", &json!({"refresh_token": refresh})).refresh_token();
    app.with_token("GET", "/me", &access);
    app.with_token("GET", "/me/faces", &access);
    app.post("/detect", &json!({"image": base64(&Shows::Crowd.picture())}));
    app.post("/token/revoke", &json!({"refresh_token": renewed}));
    assert_eq!(app.with_token("DELETE", "/me", &access).status, 204);

    let log = captured.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let log = String::from_utf8_lossy(&log);
    assert!(log.contains("path=\"/verify\"") && log.contains("TRACE"), "the log was captured");

    let picture = Shows::Person(0).picture();
    let base64 = base64(&picture);
    let bytes = format!("{:?}", &picture[..16]);
    let bytes = bytes.trim_matches(['[', ']']);
    let values = embedding_values(0);
    let number = format!("{}", values[0]);
    let small = format!("{}", values[1]);
    let secrets = [
        ("a picture in base64", &base64[base64.len() - 48..]),
        ("a picture as bytes", bytes),
        ("an embedding", &number),
        ("an embedding", &small),
        ("an access token", &access),
        ("a token's signature", access.rsplit('.').next().unwrap_or_default()),
        ("a refresh token", &refresh),
        ("a refresh token", &renewed),
        ("the signing key", "PRIVATE KEY"),
    ];
    for (what, secret) in secrets {
        assert!(!log.contains(secret), "{what} is in the log");
    }
}
