//! What starts and what refuses to.

use std::path::PathBuf;
use std::process::Output;

use faceauth_test_support::paths;

use crate::server::{Folder, faceauth};

fn example() -> PathBuf {
    paths::existing(paths::root().join("deploy/config.example.toml"))
}

/// `faceauth doctor` in production mode with fresh keys and `changes` to the environment.
fn doctor(name: &str, changes: &[(&str, &str)]) -> Output {
    let folder = Folder::new(name);
    let keys = folder.0.join("keys");
    let made = faceauth().args(["keys", "init", "--dir"]).arg(&keys).status().expect("run");
    assert!(made.success());
    let mut command = faceauth();
    command
        .arg("doctor")
        .env("FACEAUTH__KEYS__DIR", &keys)
        .env("FACEAUTH__TOKENS__ISSUER", "https://faceauth.example.org")
        .env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none");
    command.envs(changes.iter().copied()).output().expect("run faceauth")
}

fn text(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}

#[test]
fn the_example_parses_and_is_the_default() {
    let output = faceauth().arg("--config").arg(example()).arg("doctor").output().expect("run");
    let text = text(&output);
    assert!(text.contains("ok    configuration: Production"), "{text}");
}

#[test]
fn an_unknown_setting_is_refused_by_name() {
    let folder = Folder::new("unknown-setting");
    let file = folder.0.join("faceauth.toml");
    std::fs::write(&file, "[server]\nbnid = \"127.0.0.1:8080\"\n").expect("write");
    let output = faceauth().arg("--config").arg(&file).arg("doctor").output().expect("run");
    let text = text(&output);
    assert!(!output.status.success() && text.contains("bnid"), "{text}");
}

#[test]
fn unsafe_combinations_do_not_start_in_production() {
    for (name, value, complaint) in [
        ("FACEAUTH__POLICY__PASSIVE_PAD", "record", "passive_pad"),
        ("FACEAUTH__POLICY__TARGET_FMR", "0.01", "target_fmr"),
        ("FACEAUTH__POLICY__TARGET_FMR", "0.0005", "no measured threshold"),
        ("FACEAUTH__TOKENS__ISSUER", "http://faceauth.example.org", "https://"),
        ("FACEAUTH__SERVER__CORS_ORIGINS", "[\"*\"]", "origin"),
        ("FACEAUTH__SERVER__TRUSTED_PROXIES", "[\"everybody\"]", "network"),
        ("FACEAUTH__SERVER__TRUSTED_PROXIES", "[\"0.0.0.0/0\"]", "trusted_proxies"),
        ("FACEAUTH__SERVER__TRUSTED_PROXIES", "[\"::/0\"]", "trusted_proxies"),
        ("FACEAUTH__SERVER__TRUSTED_PROXIES", "[\"0.0.0.0/1\", \"128.0.0.0/1\"]", "strangers"),
        ("FACEAUTH__SERVER__CORS_ORIGINS", "[\"http://app.example.org\"]", "cors_origins"),
        (
            "FACEAUTH__SECURITY_TXT",
            "{contact=[\"http://a.example\"], expires=\"2100-01-01T00:00:00Z\"}",
            "contact",
        ),
        (
            "FACEAUTH__SECURITY_TXT",
            "{contact=[\"mailto:a@b.example\"], expires=\"soon\"}",
            "expires",
        ),
        ("FACEAUTH__POLICY__ATTESTATION", "require", "name the apps"),
        (
            "FACEAUTH__OIDC",
            "{clients=[{client_id=\"a\", name=\"A\", redirect_uris=[\"https://a.example/\"], authentication=\"none\"}]}",
            "oidc.enabled",
        ),
        (
            "FACEAUTH__OIDC",
            "{enabled=true, clients=[{client_id=\"a\", name=\"A\", redirect_uris=[\"http://a.example/\"], authentication=\"none\"}]}",
            "redirect_uris: http://a.example/",
        ),
        (
            "FACEAUTH__OIDC",
            "{enabled=true, clients=[{client_id=\"a\", name=\"A\", redirect_uris=[\"https://a.example/\"], authentication=\"none\", audience=\"faceauth\"}]}",
            "own",
        ),
        (
            "FACEAUTH__OIDC",
            "{enabled=true, clients=[{client_id=\"a\", name=\"A\", redirect_uris=[\"https://a.example/\"], authentication=\"client_secret_basic\"}]}",
            "secret_file",
        ),
        (
            "FACEAUTH__OIDC",
            "{enabled=true, clients=[{client_id=\"a\", name=\"A\", redirect_uris=[\"https://a.example/\"], authentication=\"private_key_jwt\", jwks=\"{\\\"keys\\\":[]}\"}]}",
            "jwks: a client has",
        ),
        ("FACEAUTH__POLICY__ATTESTATION_BY_KEY", "{abcd2345=\"record\"}", "name the apps"),
        (
            "FACEAUTH__APPS__ANDROID",
            "{roots=\"/none\", revoked=\"/none\", signers={}}",
            "apps.android.revoked",
        ),
        ("FACEAUTH__APPS__APPLE", "{roots=\"/none\", app_ids=[\"com.example\"]}", "app_ids"),
        ("FACEAUTH__TOKENS__ACCESS_MINUTES", "600", "access_minutes"),
        ("FACEAUTH__LIMITS__SIGN_IN_PER_MINUTE", "0", "sign_in_per_minute"),
        ("FACEAUTH__LIMITS__OTHER_PER_MINUTE", "0", "other_per_minute"),
        ("FACEAUTH__WEBHOOKS__URL", "http://accounts.example.org/", "https:// address"),
        ("FACEAUTH__WEBHOOKS__URL", "https://accounts.example.org/", "webhook.secrets"),
        ("FACEAUTH__WEBHOOKS__SECRETS", "whsec_AAAA", "set webhooks.url"),
        ("FACEAUTH__PAGE__NAME", "", "page.name"),
        ("FACEAUTH__PAGE__LOGO", "/none.svg", "cannot read /none.svg"),
        ("FACEAUTH__PAGE__ACCENT_LIGHT", "#fdba74", "choose a darker one"),
        ("FACEAUTH__PAGE__ACCENT_DARK", "#9a3412", "choose a brighter one"),
        ("FACEAUTH__PAGE__ACCENT_DARK", "orange", "#rrggbb"),
    ] {
        let output = doctor("unsafe", &[(name, value)]);
        let text = text(&output);
        assert!(!output.status.success() && text.contains(complaint), "{name}={value}: {text}");
    }
}

#[test]
fn the_environment_may_spell_values_as_people_do() {
    for (name, value) in [
        ("FACEAUTH__POLICY__TARGET_FMR", "1e-4"),
        ("FACEAUTH__POLICY__TARGET_FMR", "1E-4"),
        ("FACEAUTH__POLICY__TARGET_FMR", "0.0001"),
        ("FACEAUTH__TOKENS__AUDIENCE", "2024"),
        ("FACEAUTH__TOKENS__AUDIENCE", "true"),
        ("FACEAUTH__SERVER__CORS_ORIGINS", "https://App.Example.org:443, https://b.example.org"),
        ("FACEAUTH__SERVER__CORS_ORIGINS", "[\"http://localhost:5173\"]"),
        ("FACEAUTH__SERVER__TRUSTED_PROXIES", "10.0.0.0/8"),
        ("FACEAUTH__SECURITY_TXT__CONTACT", "mailto:security@example.org"),
        ("FACEAUTH__SERVER__DOCS", "true"),
        ("FACEAUTH__PAGE__NAME", "2024"),
        ("FACEAUTH__PAGE__ACCENT_LIGHT", "#9a3412"),
    ] {
        let expires = ("FACEAUTH__SECURITY_TXT__EXPIRES", "2100-01-01T00:00:00Z");
        let contact = ("FACEAUTH__SECURITY_TXT__CONTACT", "https://example.org/report");
        let text = text(&doctor("spelled", &[contact, expires, (name, value)]));
        assert!(text.contains("ok    settings"), "{name}={value}: {text}");
    }
    let text = text(&doctor("spelled", &[("FACEAUTH__POLICY__TARGET_FMR", "low")]));
    assert!(text.contains("`low` is no number"), "{text}");
}

#[test]
fn doctor_names_what_is_wrong_and_what_is_right() {
    let output = doctor("doctor", &[]);
    let text = text(&output);
    assert!(!output.status.success());
    assert!(text.contains("ok    keys") && text.contains("ok    models"), "{text}");
    assert!(text.contains("FAIL  database"), "{text}");
    // Each with what to do about it.
    let after = |what: &str| text.split(what).nth(1).unwrap_or_default().to_owned();
    assert!(after("FAIL  database").contains("Fix: see that Postgres runs"), "{text}");
    assert!(after("warn  proxies").contains("Fix: name the address"), "{text}");
    assert!(text.contains("ok    processor") && text.contains("libonnxruntime.so"), "{text}");
}

#[test]
fn doctor_finds_files_that_everybody_may_read() {
    let folder = Folder::new("doctor-modes");
    let file = folder.0.join("faceauth.toml");
    let content = "[database]\nurl = \"postgres://nobody@127.0.0.1:1/none\"\n";
    std::fs::write(&file, content).expect("write");
    let found = |mode: u32| {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("chmod");
        let output = faceauth().arg("--config").arg(&file).arg("doctor").output().expect("run");
        text(&output).contains("warn  configuration file: everybody may read")
    };
    assert!(found(0o644) && !found(0o600));
}

#[test]
fn the_committed_openapi_document_is_current() {
    let output = faceauth().arg("openapi").output().expect("run faceauth");
    let committed = std::fs::read(paths::existing(paths::root().join("openapi/openapi.json")));
    assert!(
        output.stdout == committed.expect("read openapi.json"),
        "openapi/openapi.json is out of date: run `./dev generate`"
    );
}

#[test]
fn a_database_that_never_answers_ends_the_start_and_says_why() {
    let folder = Folder::new("no-database");
    let made = faceauth().args(["keys", "init", "--dir"]).arg(&folder.0).status().expect("run");
    assert!(made.success());
    let ended = faceauth()
        .arg("serve")
        .env("FACEAUTH__MODE", "development")
        .env("FACEAUTH__SERVER__BIND", "127.0.0.1:0")
        .env("FACEAUTH__KEYS__DIR", &folder.0)
        .env("FACEAUTH__DATABASE__STARTUP_SECONDS", "1")
        .env("FACEAUTH__DATABASE__ACQUIRE_TIMEOUT_MS", "200")
        .env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
        .output()
        .expect("run faceauth");
    let text = text(&ended);
    assert!(!ended.status.success(), "{text}");
    assert!(text.contains("waiting for the database"), "{text}");
    assert!(text.contains("database.startup_seconds"), "{text}");
}
