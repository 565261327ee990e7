//! What `faceauth doctor` says of the role that it connects as.

use faceauth_test_support::database::TestDatabase;

use crate::server::{Folder, faceauth};

#[tokio::test(flavor = "multi_thread")]
async fn doctor_names_the_grants_that_the_role_of_the_service_lacks() {
    let database = TestDatabase::create().await;
    let (owner, role) = (database.client().await, database.role().await);
    let keys = Folder::new("doctor-role");
    let made = faceauth().args(["keys", "init", "--dir"]).arg(&keys.0).output().expect("run");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let doctor = || {
        let mut command = faceauth();
        command
            .arg("doctor")
            .env("FACEAUTH__KEYS__DIR", &keys.0)
            .env("FACEAUTH__TOKENS__ISSUER", "https://faceauth.example.org")
            .env("DATABASE_URL", &role.url);
        let output = command.output().expect("run faceauth");
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let missing = |said: &str| {
        let line = said.lines().find_map(|line| line.strip_prefix("FAIL  privileges: missing: "));
        line.unwrap_or_else(|| panic!("{said}")).to_owned()
    };

    let (succeeds, said) = doctor();
    assert!(!succeeds && said.contains("Fix: run these statements as the role"), "{said}");
    owner.batch_execute(&missing(&said)).await.expect("the statements run as they are");
    let (_, said) = doctor();
    for line in ["ok    database", "ok    privileges"] {
        assert!(said.contains(line), "{said}");
    }

    // As it was where the audit trail became a new table without its grants.
    owner.batch_execute(&format!("REVOKE ALL ON attempts FROM {}", role.name)).await.expect("run");
    let (succeeds, said) = doctor();
    let grant = format!("GRANT SELECT, INSERT, UPDATE, DELETE ON attempts TO {};", role.name);
    assert_eq!((succeeds, missing(&said)), (false, grant));
}
