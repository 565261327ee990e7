//! How often a sign-in waits for the database. Where that is far, this is what a sign-in costs.

use std::sync::Arc;

use faceauth_store::StoreConfig;
use faceauth_test_support::database::TestDatabase;
use faceauth_test_support::proxy::Proxy;
use faceauth_test_support::scripted::Shows;
use secrecy::SecretString;
use serde_json::Value;

use crate::app::{App, probe};

const ADA: Shows = Shows::Person(0);

/// The limit of the address; the attempt, counted and looked up; the check of the connection after
/// the analysis; the sign-in.
const SIGN_IN: u64 = 4;

/// Sign-ins that are counted. The first prepare statements, and upkeep may come in between, so the
/// cheapest one counts.
const SIGN_INS: usize = 8;

/// The fewest round trips that a sign-in with this body takes.
fn fewest(app: &App, proxy: &Proxy, body: &Value) -> u64 {
    let trips = (0..SIGN_INS).map(|_| {
        let before = proxy.round_trips();
        assert_eq!(app.post("/verify", body).status, 200);
        proxy.round_trips() - before
    });
    trips.min().expect("there are sign-ins")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_waits_four_times_for_the_database() {
    let database = Arc::new(TestDatabase::create().await);
    let proxy = Proxy::start(&database).await;
    let config =
        StoreConfig { max_connections: 1, ..StoreConfig::new(SecretString::from(proxy.url())) };
    let app = App::start_on(Arc::clone(&database), |setup| setup.store = Some(config));
    let registered = app.register("ada", ADA);
    assert_eq!(registered.status, 201);

    let stranger = probe("ada", ADA);
    assert_eq!(fewest(&app, &proxy, &stranger), SIGN_IN);

    let mut known_device = probe("ada", ADA);
    known_device["device_token"] = registered.json()["device_token"].clone();
    assert_eq!(fewest(&app, &proxy, &known_device), SIGN_IN);
}
