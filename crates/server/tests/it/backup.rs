//! Backup and restore, as deploy/backup.sh and deploy/restore.sh do it: who was erased meanwhile
//! stays erased.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use faceauth_test_support::database::TestDatabase;
use faceauth_test_support::{paths, photos};

use crate::server::{Folder, Server};

/// A script of deploy/ on a database.
fn script(name: &str, url: &str, arguments: &[&Path]) -> Output {
    let mut command = Command::new("sh");
    command.arg(paths::existing(paths::root().join("deploy").join(name))).args(arguments);
    command.env("DATABASE_URL", url).env("PATH", programs()).output().expect("run the script")
}

/// `PATH` with the programs of the server that runs the tests first. An installed pg_dump may be
/// older than that server, and then it refuses.
fn programs() -> String {
    let path = env::var("PATH").expect("PATH");
    let with = env::split_paths(&path).filter(|folder| folder.join("pg_dump").exists()).last();
    let with = with.expect("pg_dump: run the tests with `./dev test` or `./dev run`");
    format!("{}:{path}", with.display())
}

fn said(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8_lossy(&text).into_owned()
}

/// The two files of a backup into `folder`: data, keys.
fn back_up(server: &Server, folder: &Path) -> (PathBuf, PathBuf) {
    let done = script("backup.sh", server.database().url(), &[folder]);
    assert!(done.status.success(), "{}", said(&done));
    let text = said(&done);
    let mut files = text.lines().map(PathBuf::from);
    let pair = (files.next().expect("data"), files.next().expect("keys"));
    for file in [&pair.0, &pair.1] {
        let mode = fs::metadata(file).expect("the file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
    pair
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_erased_stays_erased_and_the_others_sign_in() {
    let server = Server::start("backed-up").await;
    let folder = Folder::new("backups");
    let (obama, biden) = (photos::bytes(photos::OBAMA), photos::bytes(photos::BIDEN));
    assert_eq!(server.register("barack", &obama).status, 201);
    let joe = server.register("joe", &biden);
    assert_eq!(joe.status, 201);
    let renewal = joe.json()["refresh_token"].as_str().expect("a token").to_owned();
    let (data, old_keys) = back_up(&server, &folder.0.join("old"));

    let token = joe.json()["access_token"].as_str().expect("a token").to_owned();
    assert_eq!(server.delete("/me", &token).status, 204);
    let (_, new_keys) = back_up(&server, &folder.0.join("new"));

    // Faces that the key of the deployment opens, and not one of a person, are not backed up.
    let mut list = Command::new("pg_restore");
    let listed = list.arg("--list").arg(&data).env("PATH", programs()).output();
    let listed = said(&listed.expect("run pg_restore"));
    for table in ["user_keys", "liveness_grants"] {
        assert!(!listed.contains(&format!("TABLE DATA public {table} ")), "{listed}");
    }
    assert!(listed.contains("TABLE DATA public templates "), "{listed}");

    // The older data with the newer keys: the name is free again, and the face is nowhere.
    let restored = TestDatabase::empty().await;
    let done = script("restore.sh", restored.url(), &[&data, &new_keys]);
    assert!(done.status.success(), "{}", said(&done));
    assert!(said(&done).contains("1 accounts restored, 1 faces"), "{}", said(&done));
    let again = script("restore.sh", restored.url(), &[&data, &new_keys]);
    assert!(!again.status.success() && said(&again).contains("not empty"), "{}", said(&again));
    let variables = [("DATABASE_URL", restored.url()), ("FACEAUTH__KEYS__DIR", server.keys())];
    let after = server.another(&variables);
    assert_eq!(after.verify("barack", &photos::bytes(photos::OBAMA_OTHER_DAY)).status, 200);
    assert_eq!(after.verify("joe", &biden).code(), "authentication_failed");
    assert_eq!(after.register("joe", &biden).status, 201);

    // The keys of the time of the data bring everything back but the sessions.
    let whole = TestDatabase::empty().await;
    let done = script("restore.sh", whole.url(), &[&data, &old_keys]);
    assert!(said(&done).contains("2 accounts restored, 2 faces"), "{}", said(&done));
    let variables = [("DATABASE_URL", whole.url()), ("FACEAUTH__KEYS__DIR", server.keys())];
    let before = server.another(&variables);
    assert_eq!(before.verify("joe", &biden).status, 200);
    let body = serde_json::json!({"refresh_token": renewal}).to_string();
    let renewed = before.post("/token/refresh", "application/json", body.as_bytes());
    assert_eq!(renewed.status, 401, "{}", renewed.json());

    // Without keys, nothing is restored halfway: the data cannot be opened by themselves.
    let none = TestDatabase::empty().await;
    let done = script("restore.sh", none.url(), &[&data, &folder.0.join("none.csv")]);
    assert!(!done.status.success() && said(&done).contains("missing or empty"), "{}", said(&done));
}
