//! Commands with which operators look after keys and accounts.

use std::fs;
use std::process::Output;

use chrono::{DateTime, Utc};
use faceauth_domain::attempt::{Attempt, AttemptKind, AttemptOutcome};
use faceauth_domain::embedding::{Embedding, ModelId};
use faceauth_domain::enrolment::EnrolmentPolicy;
use faceauth_domain::failures::FailurePolicy;
use faceauth_domain::policy::MatchPolicy;
use faceauth_domain::template::TemplateId;
use faceauth_domain::user::{Consent, User, UserId, Username};
use faceauth_store::Store;
use faceauth_store::enrol::Enrolment;
use faceauth_store::faces::NewTemplate;
use faceauth_store::failures::Admission;
use faceauth_store::seal::{SealKeys, Sealer, generate_seal_key_line};
use faceauth_test_support::database::TestDatabase;
use faceauth_test_support::photos;
use uuid::Uuid;

use crate::server::{Folder, Server, faceauth};

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn model() -> ModelId {
    ModelId::new("m")
}

/// A deployment without a server: keys in a folder and a database.
struct Deployment {
    keys: Folder,
    database: TestDatabase,
}

impl Deployment {
    async fn new(name: &str) -> Self {
        let keys = Folder::new(name);
        let made = faceauth().args(["keys", "init", "--dir"]).arg(&keys.0).output().expect("run");
        assert!(made.status.success(), "{made:?}");
        Self { keys, database: TestDatabase::create().await }
    }

    fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> (Output, String) {
        let output = faceauth()
            .args(arguments)
            .env("DATABASE_URL", self.database.url())
            .env("FACEAUTH__KEYS__DIR", &self.keys.0)
            .envs(variables.iter().copied())
            .output()
            .expect("run faceauth");
        let text = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into();
        (output, text)
    }

    fn seal_keys(&self) -> String {
        fs::read_to_string(self.keys.0.join("template-seal.keys")).expect("keys")
    }

    /// The store as a replica with these seal keys has it.
    async fn store(&self, seal_keys: &str) -> Store {
        let keys = SealKeys::parse(seal_keys).expect("keys");
        self.database.store_with(Sealer::new(keys)).await
    }
}

async fn enrol(store: &Store, username: &str) {
    let id = UserId(Uuid::new_v4());
    let embedding = Embedding::normalised(model(), vec![1.0, 2.0, 3.0]).expect("a direction");
    let enrolment = Enrolment {
        user: User { id, username: Username::parse(username).expect("a name"), created_at: NOW },
        consent: Consent { policy_version: "1".into(), granted_at: NOW, withdrawn_at: None },
        templates: vec![NewTemplate {
            id: TemplateId(Uuid::new_v4()),
            embedding,
            previous: None,
            image: None,
            created_at: NOW,
        }],
        attempt: Attempt {
            user: Some(id),
            kind: AttemptKind::Register,
            outcome: AttemptOutcome::Accepted,
            assurance: None,
            reasons: Vec::new(),
            pad_bona_fide: true,
            attestation: None,
            model: model(),
            client_hash: Vec::new(),
            at: NOW,
        },
        policy: EnrolmentPolicy {
            matching: MatchPolicy { model: model(), threshold: 0.5, fmr: 1e-4, cascade: None },
            previous: None,
        },
        refresh: None,
        transaction: None,
        idempotency: None,
        invitation: None,
    };
    store.enrol(&enrolment).await.expect("enrolled");
}

#[tokio::test]
async fn seal_keys_are_rotated_from_a_file_the_environment_or_a_command() {
    let deployment = Deployment::new("reseal").await;
    let old = deployment.seal_keys();
    enrol(&deployment.store(&old).await, "ada").await;
    let new = generate_seal_key_line("2027").expect("a key").to_string();
    let both = format!("{new}\n{old}");

    let (output, text) = deployment.run(
        &["keys", "reseal"],
        &[("SEAL", &both), ("FACEAUTH__KEYS__TEMPLATE_SEAL_ENV", "SEAL")],
    );
    assert!(output.status.success() && text.contains("moved 1 rows"), "{text}");
    let reference = deployment.store(&new).await.reference("ada", &[&model()]).await;
    assert_eq!(reference.expect("opens").expect("ada").templates.len(), 1);

    // Back again, by a command.
    let file = deployment.keys.0.join("rotated");
    fs::write(&file, format!("{old}\n{new}")).expect("write");
    let command = format!("[\"/bin/cat\", \"{}\"]", file.display());
    let (output, text) =
        deployment.run(&["keys", "reseal"], &[("FACEAUTH__KEYS__TEMPLATE_SEAL_COMMAND", &command)]);
    assert!(output.status.success() && text.contains("moved 1 rows"), "{text}");
    // And with the file there is nothing left to do.
    let (output, text) = deployment.run(&["keys", "reseal"], &[]);
    assert!(output.status.success() && text.contains("moved 0 rows"), "{text}");
    // A list without the key that is needed changes nothing and says so.
    let (output, text) = deployment
        .run(&["keys", "reseal"], &[("SEAL", &new), ("FACEAUTH__KEYS__TEMPLATE_SEAL_ENV", "SEAL")]);
    assert!(!output.status.success() && text.contains("seal key is not known"), "{text}");
    assert!(deployment.store(&old).await.reference("ada", &[&model()]).await.is_ok());
}

#[tokio::test]
async fn an_operator_unlocks_a_name() {
    let deployment = Deployment::new("unlock").await;
    let store = deployment.store(&deployment.seal_keys()).await;
    let policy = FailurePolicy::DEFAULT;
    for _ in 0..5 {
        store.begin_attempt("ada", None, &[], &policy, NOW).await.expect("counted");
    }
    let blocked = store.begin_attempt("ada", None, &[], &policy, NOW).await.expect("an answer");
    assert!(matches!(blocked, Admission::Blocked(_)));
    let (output, text) = deployment.run(&["users", "unlock", "Ada"], &[]);
    assert!(output.status.success() && text.contains("may sign in again"), "{text}");
    let open = store.begin_attempt("ada", None, &[], &policy, NOW).await.expect("an answer");
    assert!(matches!(open, Admission::Begun(_, _)));
    let (_, text) = deployment.run(&["users", "unlock", "grace"], &[]);
    assert!(text.contains("no failed sign-ins"), "{text}");
    let (output, _) = deployment.run(&["users", "unlock", "two words"], &[]);
    assert!(!output.status.success());
}

#[test]
fn signing_keys_are_rotated_step_by_step() {
    let keys = Folder::new("rotate");
    let run = |arguments: &[&str]| {
        let output = faceauth()
            .args(["keys"])
            .args(arguments)
            .arg("--dir")
            .arg(&keys.0)
            .output()
            .expect("run");
        let text = [&output.stdout[..], &output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    };
    assert!(run(&["init", "--algorithm", "es256"]).0);
    assert!(run(&["rotate"]).1.contains("1 of 3"));
    let (ok, text) = run(&["rotate"]);
    assert!(!ok && text.contains("wait 10 more minutes"), "{text}");
    assert!(run(&["rotate", "--now"]).1.contains("2 of 3"));
    assert!(run(&["rotate", "--now"]).1.contains("3 of 3"));
    assert_eq!(fs::read_dir(&keys.0).expect("a folder").count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_imported_from_a_folder_with_a_key() {
    let server =
        Server::start_with("import", &[("FACEAUTH__POLICY__REGISTRATION", "service")]).await;
    let operator = |arguments: &[&str], key: &str| {
        let output = server.operator(arguments).env("FACEAUTH_API_KEY", key).output().expect("run");
        let text = [&output.stdout[..], &output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    };
    let create =
        &["keys", "api", "create", "--label", "import of 2026", "--scope", "enrol", "--days", "1"];
    let output = server.operator(create).output().expect("run");
    let key = String::from_utf8(output.stdout).expect("text").trim().to_owned();
    assert!(key.starts_with("fa_"), "{:?}", output.stderr);
    let prefix = key.split('_').nth(1).expect("a prefix").to_owned();

    let folder = Folder::new("import-people");
    let people = folder.0.to_str().expect("a path").to_owned();
    fs::create_dir(folder.0.join("barack")).expect("a folder");
    for (name, photo) in [
        ("barack/1.jpg", photos::OBAMA),
        ("barack/2.jpg", photos::OBAMA_OTHER_DAY),
        ("joe.JPG", photos::BIDEN),
        ("four.jpg", photos::GROUP_OF_FOUR),
    ] {
        fs::write(folder.0.join(name), photos::bytes(photo)).expect("write");
    }
    fs::write(folder.0.join("notes.txt"), "no picture").expect("write");
    let url = server.base().to_owned();
    let import = ["users", "import", &people, "--url", &url, "--policy-version", "2026-11"];
    let (ok, text) = operator(&import, &key);
    assert!(!ok && text.contains("2 enrolled, 0 there already, 1 not enrolled"), "{text}");
    assert!(text.contains("four: not enrolled: multiple_faces. Be alone"), "{text}");
    fs::remove_file(folder.0.join("four.jpg")).expect("remove");
    let (ok, text) = operator(&import, &key);
    assert!(ok && text.contains("0 enrolled, 2 there already"), "{text}");

    let (ok, stats) = operator(&["users", "--model-stats"], "");
    let line = stats.lines().find(|line| line.contains("current")).expect("the current model");
    assert!(
        ok && line.split_whitespace().eq(["sface+fr-feature+lm68", "2", "3", "current"]),
        "{stats}"
    );

    let (_, listed) = operator(&["keys", "api", "list"], "");
    assert!(listed.contains(&prefix) && listed.contains("import of 2026"), "{listed}");
    assert!(!listed.contains(&key));
    assert!(operator(&["keys", "api", "revoke", &prefix], "").0);
    let (ok, text) = operator(&import, &key);
    assert!(!ok && text.contains("token_invalid"), "{text}");
    assert!(!operator(&["keys", "api", "revoke", &prefix], "").0, "only once");
    assert!(operator(&["keys", "api", "list"], "").1.contains("revoked"));
}
