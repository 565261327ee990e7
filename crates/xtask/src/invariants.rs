//! The walls between the crates, checked over `cargo metadata`, and the floors inside them, which
//! `faceauth-floors` checks.
//!
//! docs/ARCHITECTURE.md says what they are for. Development dependencies are free: a
//! test may look over a wall.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};
use serde::Deserialize;

use crate::environment::strip_cargo;
use crate::process;

/// Which crates of ours each crate of ours may use.
const ARROWS: &[(&str, &[&str])] = &[
    ("faceauth-domain", &[]),
    // What is measured of the service itself: called by libraries, so it stands below them.
    ("faceauth-telemetry", &["faceauth-domain"]),
    ("faceauth-vision", &["faceauth-clip-wire", "faceauth-domain", "faceauth-telemetry"]),
    ("faceauth-store", &["faceauth-domain", "faceauth-telemetry"]),
    ("faceauth-tokens", &["faceauth-domain"]),
    ("faceauth-attestation", &["faceauth-domain"]),
    ("faceauth-passkeys", &["faceauth-domain"]),
    (
        "faceauth-usecases",
        &[
            "faceauth-attestation",
            "faceauth-domain",
            "faceauth-passkeys",
            "faceauth-store",
            "faceauth-telemetry",
            "faceauth-tokens",
        ],
    ),
    (
        "faceauth-api",
        &[
            "faceauth-domain",
            "faceauth-store",
            "faceauth-telemetry",
            "faceauth-tokens",
            "faceauth-usecases",
        ],
    ),
    ("faceauth-eval", &["faceauth-domain", "faceauth-vision"]),
    (
        "faceauth-server",
        &[
            "faceauth-api",
            "faceauth-attestation",
            "faceauth-domain",
            "faceauth-eval",
            "faceauth-passkeys",
            "faceauth-store",
            "faceauth-telemetry",
            "faceauth-vision",
        ],
    ),
    // Started by vision as a program of its own, never linked.
    ("faceauth-clip", &["faceauth-clip-wire", "faceauth-domain"]),
    // In the process that decodes strangers' clips: small, and nothing native.
    ("faceauth-clip-wire", &["faceauth-domain"]),
    // Reached by development dependencies only.
    ("faceauth-test-support", &["faceauth-domain", "faceauth-store"]),
    // Must build when nothing else does, and set-up needs graphs prepared.
    ("faceauth-weights", &[]),
    ("faceauth-xtask", &["faceauth-weights"]),
    ("faceauth-floors", &[]),
];

/// Which of our crates may name a library. Others must go through them.
const KEEPERS: &[(&str, &[&str])] = &[
    ("ort", &["faceauth-vision"]),
    ("opencv", &["faceauth-clip", "faceauth-vision"]),
    ("diesel", &["faceauth-store"]),
    ("diesel-async", &["faceauth-store"]),
    ("diesel_migrations", &["faceauth-store"]),
    ("utoipa", &["faceauth-api"]),
    ("jsonwebtoken", &["faceauth-tokens"]),
    // The server starts actix's runtime; routes and extractors are the api's alone.
    ("actix-web", &["faceauth-api", "faceauth-server"]),
    ("actix-governor", &["faceauth-api"]),
    // The table of metrics is the only place that counts; only the binary exports.
    ("metrics", &["faceauth-telemetry"]),
    ("metrics-exporter-prometheus", &["faceauth-server"]),
    ("opentelemetry", &["faceauth-server"]),
    ("opentelemetry_sdk", &["faceauth-server"]),
    ("opentelemetry-otlp", &["faceauth-server"]),
    ("tracing-opentelemetry", &["faceauth-server"]),
    // Only the binary speaks to other services.
    ("standardwebhooks", &["faceauth-server"]),
    // Test-support writes what attestation reads.
    ("x509-parser", &["faceauth-attestation"]),
    ("ring", &["faceauth-attestation"]),
    ("ciborium", &["faceauth-attestation", "faceauth-test-support"]),
    ("webauthn-rs", &["faceauth-passkeys"]),
    ("webauthn-rs-proto", &["faceauth-passkeys"]),
    ("rcgen", &["faceauth-test-support"]),
    ("yasna", &["faceauth-test-support"]),
];

/// What a crate must not name: it is about words and rules, and conversions at the
/// walls are explicit.
const UNNAMED: &[(&str, &[&str])] = &[
    ("faceauth-domain", &["tokio", "serde", "serde_json"]),
    // No bodies and no JSON: a use case takes and answers its own types.
    ("faceauth-usecases", &["tokio", "serde", "serde_json"]),
];

/// What a crate must not reach by any way, however long.
const UNREACHABLE: &[(&str, &[&str])] = &[
    ("faceauth-telemetry", &["tokio", "diesel", "actix-web", "utoipa", "ort", "opencv"]),
    ("faceauth-api", &["ort", "opencv"]),
    ("faceauth-store", &["ort", "opencv", "actix-web"]),
    ("faceauth-tokens", &["tokio", "diesel", "actix-web", "utoipa", "ort", "opencv"]),
    ("faceauth-attestation", &["tokio", "diesel", "actix-web", "utoipa", "ort", "opencv"]),
    ("faceauth-passkeys", &["tokio", "diesel", "actix-web", "utoipa", "ort", "opencv"]),
    ("faceauth-usecases", &["actix-web", "utoipa", "ort", "opencv"]),
    ("faceauth-vision", &["diesel", "tokio-postgres", "actix-web"]),
    ("faceauth-eval", &["diesel", "tokio-postgres", "actix-web"]),
    ("faceauth-clip-wire", &["tokio", "diesel", "actix-web", "ort", "opencv"]),
    ("faceauth-domain", &["tokio", "diesel", "actix-web", "ort", "opencv"]),
];

/// What `cargo metadata` says, as far as it is needed.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: BTreeSet<String>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

impl Dependency {
    fn is_for_tests(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<EdgeKind>,
}

#[derive(Deserialize)]
struct EdgeKind {
    kind: Option<String>,
}

/// Checks the walls and the floors of the checkout at `root`.
///
/// # Errors
/// Every breach of a wall, one a line. What breaks a floor is printed by the program that finds it.
pub fn check(root: &Path) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.args(["metadata", "--locked", "--format-version", "1"]).current_dir(root);
    let metadata: Metadata = serde_json::from_str(&process::read(strip_cargo(&mut cargo))?)?;
    let breaches = breaches(&metadata);
    if !breaches.is_empty() {
        bail!("walls of docs/ARCHITECTURE.md are breached:\n  {}", breaches.join("\n  "));
    }
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--quiet", "--locked", "--package", "faceauth-floors", "--", "check"]);
    process::run(strip_cargo(cargo.current_dir(root)))
}

fn breaches(metadata: &Metadata) -> Vec<String> {
    let mut breaches = Vec::new();
    let members: Vec<&Package> = metadata
        .packages
        .iter()
        .filter(|package| metadata.workspace_members.contains(&package.id))
        .collect();

    for member in &members {
        let named: BTreeSet<&str> = member
            .dependencies
            .iter()
            .filter(|dependency| !dependency.is_for_tests())
            .map(|dependency| dependency.name.as_str())
            .collect();
        let name = member.name.as_str();

        match find(ARROWS, name) {
            None => breaches.push(format!("{name}: say in invariants.rs what it may use")),
            Some(allowed) => {
                let ours = named.iter().filter(|other| other.starts_with("faceauth-"));
                for other in ours.filter(|other| !allowed.contains(other)) {
                    breaches.push(format!("{name} must not depend on {other}"));
                }
            }
        }
        for (library, keepers) in KEEPERS {
            if named.contains(library) && !keepers.contains(&name) {
                breaches.push(format!("{name} names {library}; only {} may", keepers.join(", ")));
            }
        }
        for library in find(UNNAMED, name).unwrap_or_default() {
            if named.contains(library) {
                breaches.push(format!("{name} must not name {library}"));
            }
        }
        let reached = reachable(metadata, &member.id);
        for library in find(UNREACHABLE, name).unwrap_or_default() {
            if reached.contains(library) {
                breaches.push(format!("{name} must not reach {library} by any way"));
            }
        }
    }
    breaches
}

fn find<'a>(rules: &'a [(&str, &'a [&'a str])], name: &str) -> Option<&'a [&'a str]> {
    rules.iter().find(|(subject, _)| *subject == name).map(|(_, rule)| *rule)
}

/// The names of all packages that `id` is built with.
fn reachable<'a>(metadata: &'a Metadata, id: &'a str) -> BTreeSet<&'a str> {
    let nodes: BTreeMap<&str, &Node> =
        metadata.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
    let mut seen = BTreeSet::from([id]);
    let mut next = vec![id];
    while let Some(id) = next.pop() {
        let edges = nodes.get(id).map(|node| node.deps.as_slice()).unwrap_or_default();
        for edge in edges {
            let built = edge.dep_kinds.iter().any(|kind| kind.kind.as_deref() != Some("dev"));
            if built && seen.insert(&edge.pkg) {
                next.push(&edge.pkg);
            }
        }
    }
    metadata
        .packages
        .iter()
        .filter(|package| seen.contains(package.id.as_str()))
        .map(|package| package.name.as_str())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A workspace of `(crate, dependencies)`; a dependency `?name` is for tests only.
    fn workspace(crates: &[(&str, &[&str])]) -> Metadata {
        let mut packages = Vec::new();
        let mut nodes = Vec::new();
        for (name, dependencies) in crates {
            let parse = |text: &str| match text.strip_prefix('?') {
                Some(name) => (name.to_owned(), Some("dev".to_owned())),
                None => (text.to_owned(), None),
            };
            let parsed: Vec<_> = dependencies.iter().map(|text| parse(text)).collect();
            packages.push(Package {
                id: (*name).to_owned(),
                name: (*name).to_owned(),
                dependencies: parsed
                    .iter()
                    .map(|(name, kind)| Dependency { name: name.clone(), kind: kind.clone() })
                    .collect(),
            });
            nodes.push(Node {
                id: (*name).to_owned(),
                deps: parsed
                    .into_iter()
                    .map(|(pkg, kind)| Edge { pkg, dep_kinds: vec![EdgeKind { kind }] })
                    .collect(),
            });
        }
        let ours = |package: &&Package| package.name.starts_with("faceauth-");
        Metadata {
            workspace_members: packages.iter().filter(ours).map(|p| p.id.clone()).collect(),
            packages,
            resolve: Resolve { nodes },
        }
    }

    #[test]
    fn the_intended_shape_passes() {
        let metadata = workspace(&[
            ("faceauth-domain", &[]),
            ("faceauth-store", &["faceauth-domain", "diesel", "?faceauth-test-support"]),
            ("faceauth-api", &["faceauth-store", "faceauth-domain", "actix-web"]),
            ("diesel", &[]),
            ("actix-web", &[]),
        ]);
        assert_eq!(breaches(&metadata), Vec::<String>::new());
    }

    #[test]
    fn a_wrong_arrow_is_a_breach() {
        let metadata = workspace(&[("faceauth-vision", &["faceauth-store"])]);
        assert_eq!(breaches(&metadata), ["faceauth-vision must not depend on faceauth-store"]);
    }

    #[test]
    fn a_library_outside_its_keeper_is_a_breach() {
        let metadata = workspace(&[("faceauth-server", &["diesel"]), ("diesel", &[])]);
        assert_eq!(breaches(&metadata), ["faceauth-server names diesel; only faceauth-store may"]);
    }

    #[test]
    fn a_long_way_round_is_a_breach_but_tests_are_free() {
        let metadata =
            workspace(&[("faceauth-api", &["helper"]), ("helper", &["ort"]), ("ort", &[])]);
        assert_eq!(breaches(&metadata), ["faceauth-api must not reach ort by any way"]);
        let metadata =
            workspace(&[("faceauth-api", &["?helper"]), ("helper", &["ort"]), ("ort", &[])]);
        assert_eq!(breaches(&metadata), Vec::<String>::new());
    }

    #[test]
    fn use_cases_know_no_http() {
        let metadata = workspace(&[("faceauth-usecases", &["actix-web"]), ("actix-web", &[])]);
        let keepers = "faceauth-usecases names actix-web; only faceauth-api, faceauth-server may";
        let reach = "faceauth-usecases must not reach actix-web by any way";
        assert_eq!(breaches(&metadata), [keepers, reach]);
        let metadata = workspace(&[("faceauth-usecases", &["faceauth-api"])]);
        assert_eq!(breaches(&metadata), ["faceauth-usecases must not depend on faceauth-api"]);
        let metadata = workspace(&[("faceauth-usecases", &["serde"]), ("serde", &[])]);
        assert_eq!(breaches(&metadata), ["faceauth-usecases must not name serde"]);
    }

    #[test]
    fn the_domain_names_no_serde_and_a_new_crate_needs_a_rule() {
        let metadata = workspace(&[("faceauth-domain", &["serde"]), ("serde", &[])]);
        assert_eq!(breaches(&metadata), ["faceauth-domain must not name serde"]);
        let metadata = workspace(&[("faceauth-new", &[])]);
        assert_eq!(breaches(&metadata).len(), 1);
    }
}
