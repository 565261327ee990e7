//! Every container image and every action of a workflow is named by its digest.
//!
//! A tag can be moved to other contents; a digest cannot. Packages are another matter:
//! `pins.toml` has their hashes. The tag or the version stays beside the digest, because
//! Dependabot renews by it (`.github/dependabot.yml`) and people read it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

mod parse;

use parse::{Kind, Reference};

/// Images that are built from this repository and come from no registry. The chart's is named by the
/// person who installs it.
const OURS: &[&str] = &["faceauth", r#"{{ include "faceauth.image" . }}"#];

/// Folders that hold builds and other people's files.
const SKIPPED: &[&str] = &[".dev", ".git", "dist", "node_modules", "target"];

/// Hexadecimal digits of a SHA-256, by which a registry names an image.
const IMAGE_DIGITS: usize = 64;
/// Hexadecimal digits of a commit, by which a workflow names an action.
const COMMIT_DIGITS: usize = 40;

/// Checks the checkout at `root`.
///
/// # Errors
/// Every image and action without a digest, and every name with two of them, one a line.
pub fn check(root: &Path) -> Result<()> {
    let mut files = Vec::new();
    collect(root, &mut files)?;
    files.sort();
    let mut references = Vec::new();
    for path in files {
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        references.extend(parse::references(&name, &text));
    }
    let breaches = breaches(&references);
    if !breaches.is_empty() {
        bail!("docs/development.md says how images are pinned:\n  {}", breaches.join("\n  "));
    }
    Ok(())
}

/// Adds the files under `folder` that may name an image or an action.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if !SKIPPED.iter().any(|name| entry.file_name() == OsStr::new(name)) {
                collect(&path, files)?;
            }
        } else if kind.is_file() && parse::names_images(&path) {
            files.push(path);
        }
    }
    Ok(())
}

fn breaches(references: &[Reference]) -> Vec<String> {
    let mut breaches = Vec::new();
    let mut digests: BTreeMap<&str, BTreeMap<&str, &Reference>> = BTreeMap::new();
    for reference in references.iter().filter(|reference| !OURS.contains(&&*reference.text)) {
        match pin(reference) {
            Ok((name, digest)) => {
                digests.entry(name).or_default().entry(digest).or_insert(reference);
            }
            Err(wanted) => breaches.push(format!("{reference}: write {wanted}")),
        }
    }
    for (name, places) in digests.iter().filter(|(_, places)| places.len() > 1) {
        let places: BTreeSet<String> = places.values().map(|place| place.place()).collect();
        let places: Vec<String> = places.into_iter().collect();
        breaches.push(format!("{name} has different digests in {}", places.join(" and ")));
    }
    breaches
}

/// The name and the digest of `reference`, or the form it must have.
fn pin(reference: &Reference) -> Result<(&str, &str), &'static str> {
    match reference.kind {
        Kind::Image => image_pin(&reference.text).ok_or("name:tag@sha256:<64 digits>"),
        Kind::Action => action_pin(&reference.text, &reference.comment)
            .ok_or("owner/action@<40 digits of the commit> # v1.2.3"),
    }
}

fn image_pin(text: &str) -> Option<(&str, &str)> {
    let (name, digest) = text.split_once("@sha256:")?;
    // The colon of a registry's port comes before the last slash.
    let tagged = name.rsplit('/').next().is_some_and(|last| last.contains(':'));
    (tagged && is_hex(digest, IMAGE_DIGITS)).then_some((name, digest))
}

fn action_pin<'a>(text: &'a str, comment: &str) -> Option<(&'a str, &'a str)> {
    let (name, commit) = text.split_once('@')?;
    let version = comment.trim_start().strip_prefix('v')?;
    let versioned = version.starts_with(|first: char| first.is_ascii_digit());
    (versioned && is_hex(commit, COMMIT_DIGITS)).then_some((name, commit))
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGE: &str = "debian:bookworm-slim@sha256:7c7b2c966bc9ee8cedfeef67e0e279108992c77681fa595db4a9d65c06ccc587";
    const ACTION: &str = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1";

    fn breaches_of(files: &[(&str, String)]) -> Vec<String> {
        let references: Vec<Reference> =
            files.iter().flat_map(|(name, text)| parse::references(name, text)).collect();
        breaches(&references)
    }

    #[test]
    fn this_repository_pins_everything() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut files = Vec::new();
        collect(&root, &mut files).expect("files");
        for name in ["Dockerfile", "deploy/compose.yaml", ".github/workflows/ci.yml"] {
            assert!(files.contains(&root.join(name)), "{name} is not looked at: {files:?}");
        }
        check(&root).expect("digests");
    }

    #[test]
    fn an_image_needs_a_tag_and_a_digest() {
        assert_eq!(breaches_of(&[("Dockerfile", format!("FROM {IMAGE} AS build\n"))]), [""; 0]);
        let (name, digest) = IMAGE.split_once('@').expect("a pin");
        let shortened = &IMAGE[..IMAGE.len() - 1];
        for bad in
            [name, &format!("debian@{digest}"), &format!("host:5000/debian@{digest}"), shortened]
        {
            assert_eq!(
                breaches_of(&[("Dockerfile", format!("FROM {bad}\n"))]),
                [format!("Dockerfile:1: {bad}: write name:tag@sha256:<64 digits>")]
            );
        }
    }

    #[test]
    fn an_action_needs_a_commit_and_a_version() {
        let workflow = ".github/workflows/a.yml";
        let step = |text: &str| vec![(workflow, format!("      - uses: {text}\n"))];
        assert_eq!(breaches_of(&step(ACTION)), [""; 0]);
        assert_eq!(breaches_of(&step("./.github/actions/ours")), [""; 0]);
        let bare = ACTION.split(' ').next().expect("a pin");
        for bad in ["actions/checkout@v7", bare, &format!("{bare} # newest")] {
            assert_eq!(breaches_of(&step(bad)).len(), 1, "{bad}");
        }
    }

    #[test]
    fn a_name_has_one_digest_everywhere() {
        let other = IMAGE.replace("7c7b", "0000");
        let files = [
            ("Dockerfile", format!("FROM {IMAGE}\n")),
            (".github/workflows/a.yml", format!("    container:\n      image: {other}\n")),
        ];
        assert_eq!(
            breaches_of(&files),
            [
                "debian:bookworm-slim has different digests in .github/workflows/a.yml:2 and Dockerfile:1"
            ]
        );
    }

    #[test]
    fn an_image_of_ours_needs_no_digest() {
        assert_eq!(breaches_of(&[("compose.yaml", "    image: faceauth\n".to_owned())]), [""; 0]);
    }
}
