//! Replicas behind PgBouncer in transaction mode, and what the commands say of it.

use faceauth_test_support::database::TestDatabase;
use faceauth_test_support::photos;
use faceauth_test_support::pooler::{PgBouncer, set_limits};

use crate::server::Server;

/// Connections of the pooler to the server: fewer than one replica has to the pooler.
const SERVERS: u32 = 2;

/// The setting.
const POOLED: (&str, &str) = ("FACEAUTH__DATABASE__POOLER", "transaction");

/// Registers, signs in and renews.
fn live(server: &Server, name: &str, photo: &[u8]) {
    let registered = server.register(name, photo);
    assert_eq!((registered.status, registered.code()), (201, String::new()), "{}", server.log());
    for _ in 0..3 {
        let signed_in = server.verify(name, photo);
        assert_eq!(signed_in.code(), "", "{}", server.log());
        let token = signed_in.json()["refresh_token"].as_str().expect("a token").to_owned();
        let body = serde_json::json!({"refresh_token": token}).to_string();
        let renewed = server.post("/token/refresh", "application/json", body.as_bytes());
        assert_eq!(renewed.code(), "", "{}", server.log());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_live_behind_a_pooler_in_transaction_mode() {
    let database = TestDatabase::create().await;
    set_limits(&database).await;
    let bouncer = PgBouncer::start(&database, SERVERS);
    let url = bouncer.url().to_owned();
    let one = Server::start_on(database, "pooler", &[("DATABASE_URL", &url), POOLED]);
    let other = one.another(&[]);
    std::thread::scope(|scope| {
        for (server, name) in [(&one, "ada"), (&other, "bob"), (&one, "cyd"), (&other, "dan")] {
            scope.spawn(move || live(server, name, &photos::bytes(photos::OBAMA)));
        }
    });

    let run = |command: &str, setting: (&str, &str)| {
        let mut command = one.operator(&[command]);
        command.env("DATABASE_URL", &url).env(setting.0, setting.1);
        command.env("FACEAUTH__TOKENS__ISSUER", "https://faceauth.example.org");
        let output = command.output().expect("run faceauth");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    };
    let said = run("doctor", POOLED);
    assert!(said.contains("ok    connections: a pooler in transaction mode"), "{said}");
    let said = run("doctor", (POOLED.0, "none"));
    assert!(said.contains("FAIL  database: a pooler in transaction mode stands before"), "{said}");
    assert!(said.contains("Fix: set `database.pooler = \"transaction\"`"), "{said}");
    let said = run("migrate", POOLED);
    assert!(said.contains("migrate by the database's own address"), "{said}");
}
