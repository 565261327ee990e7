//! What `deploy/` gives people who start a deployment: keys and passwords that stay the same, and
//! placeholders with which nothing starts.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use faceauth_test_support::database::TestDatabase;
use faceauth_test_support::paths;

use crate::server::{Folder, faceauth};

/// A file of `deploy/`.
fn deploy(name: &str) -> PathBuf {
    paths::existing(paths::root().join("deploy").join(name))
}

/// Runs `deploy/init.sh` as compose.yaml does.
fn init(folder: &Folder) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_faceauth")).parent().expect("a folder");
    let path = std::env::var("PATH").expect("a search path");
    Command::new("sh")
        .arg(deploy("init.sh"))
        .arg(folder.0.join("keys"))
        .arg(folder.0.join("passwords"))
        .env("PATH", format!("{}:{path}", program.display()))
        .output()
        .expect("run sh")
}

/// Names and contents of the files that init.sh makes.
fn files(folder: &Folder) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for part in ["keys", "passwords"] {
        for entry in fs::read_dir(folder.0.join(part)).expect("a folder") {
            let path = entry.expect("an entry").path();
            let mode = path.metadata().expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{}", path.display());
            let content = fs::read(&path).expect("read");
            files.push((path, content));
        }
    }
    files.sort();
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_finds_the_same_keys_and_passwords() {
    let folder = Folder::new("init");
    let first = init(&folder);
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    let made = files(&folder);
    let names: Vec<_> =
        made.iter().map(|(path, _)| path.file_name().expect("a name").to_string_lossy()).collect();
    let keys = ["client-hash.key", "faceauth.toml", "template-seal.keys", "token-signing.pem"];
    assert_eq!(names, [&keys[..], &["faceauth", "postgres"]].concat());
    // What an interrupted start left is made whole.
    fs::write(folder.0.join("passwords/postgres.part"), "half").expect("write");
    fs::remove_file(folder.0.join("passwords/postgres")).expect("remove");
    assert!(init(&folder).status.success());
    let again = files(&folder);
    let (last, others) = again.split_last().expect("files");
    assert_eq!(others, &made[..others.len()]);
    assert_eq!(last.1.len(), 48, "192 bits in hexadecimal");
    assert!(init(&folder).status.success());
    assert_eq!(files(&folder), again);

    // Production accepts the keys and the settings that it made.
    let database = TestDatabase::create().await;
    let listed = faceauth()
        .args(["keys", "api", "list"])
        .env("FACEAUTH_CONFIG", folder.0.join("keys/faceauth.toml"))
        .env("FACEAUTH__KEYS__DIR", folder.0.join("keys"))
        .env("FACEAUTH__DATABASE__URL", database.url())
        .output()
        .expect("run faceauth");
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
}

/// What `faceauth serve` says that refuses to start.
fn refused(keys: &Path, config: &Path, database: &str) -> String {
    let run = faceauth()
        .arg("serve")
        .env("FACEAUTH_CONFIG", config)
        .env("FACEAUTH__KEYS__DIR", keys)
        .env("FACEAUTH__SERVER__BIND", "127.0.0.1:0")
        .env("DATABASE_URL", database)
        .output()
        .expect("run faceauth");
    assert!(!run.status.success(), "it started");
    String::from_utf8_lossy(&run.stderr).into_owned()
}

#[test]
fn nothing_starts_with_the_placeholders_of_kubernetes() {
    let folder = Folder::new("placeholders");
    let placeholders = folder.0.join("placeholders");
    let keys = folder.0.join("keys");
    fs::create_dir(&placeholders).expect("a folder");
    let made = faceauth().args(["keys", "init", "--dir"]).arg(&keys).output().expect("run");
    assert!(made.status.success());
    let config = deploy("kubernetes/faceauth.toml");
    // Each of the three, beside good ones.
    for name in ["token-signing.pem", "template-seal.keys", "client-hash.key"] {
        for entry in fs::read_dir(&keys).expect("a folder") {
            let path = entry.expect("an entry").path();
            fs::copy(&path, placeholders.join(path.file_name().expect("a name"))).expect("copy");
        }
        let placeholder = fs::read(deploy("kubernetes/secrets").join(name)).expect("read");
        fs::write(placeholders.join(name), placeholder).expect("write");
        let said = refused(&placeholders, &config, "postgres://localhost/nothing");
        assert!(said.contains(name), "{said}");
    }
    let said = refused(&keys, &config, "postgres://localhost/nothing");
    assert!(said.contains("tokens.issuer is an https:// address"), "{said}");

    // The address of the database.
    let variables = fs::read_to_string(deploy("kubernetes/secrets/database.env")).expect("read");
    let url = variables.trim().strip_prefix("DATABASE_URL=").expect("a variable");
    let migrated = faceauth().arg("migrate").env("DATABASE_URL", url).output().expect("run");
    assert!(!migrated.status.success(), "{url} is an address");
}
