//! Finding the images and actions that a file names, line by line.
//!
//! This reads the few forms in use and not the whole grammars. A value it cannot resolve, such
//! as `FROM $BASE`, comes out as it stands, has no digest and is refused.

use std::fmt;
use std::path::Path;

/// What a file refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A container image of a registry.
    Image,
    /// An action of another repository.
    Action,
}

/// An image or an action, and where it is named.
#[derive(Debug, PartialEq, Eq)]
pub struct Reference {
    /// Whether it is an image or an action.
    pub kind: Kind,
    /// As written, without quotes and comment.
    pub text: String,
    /// What follows `#` on the line.
    pub comment: String,
    file: String,
    line: usize,
}

impl Reference {
    /// The file and the line.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.file, self.line, self.text)
    }
}

/// Whether the file at `path` may name an image or an action.
#[must_use]
pub fn names_images(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    is_dockerfile(&name)
        || name == "devcontainer.json"
        || path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml")
}

fn is_dockerfile(name: &str) -> bool {
    name == "Dockerfile" || name.starts_with("Dockerfile.") || name.ends_with(".Dockerfile")
}

/// Every reference of a file, in order. Stages of a Dockerfile and actions of the same
/// repository are none.
#[must_use]
pub fn references(file: &str, text: &str) -> Vec<Reference> {
    let name = file.rsplit('/').next().unwrap_or(file);
    let mut stages = Vec::new();
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let named = if is_dockerfile(name) {
            dockerfile_line(line, &mut stages)
        } else {
            yaml_line(line).into_iter().collect()
        };
        found.extend(named.into_iter().map(|(kind, text, comment)| Reference {
            kind,
            text,
            comment,
            file: file.to_owned(),
            line: index + 1,
        }));
    }
    found
}

type Named = (Kind, String, String);

fn image(text: &str) -> Named {
    (Kind::Image, text.to_owned(), String::new())
}

/// `# syntax=IMAGE`, `FROM IMAGE AS STAGE`, `COPY --from=IMAGE`, `RUN --mount=...,from=IMAGE`.
fn dockerfile_line(line: &str, stages: &mut Vec<String>) -> Vec<Named> {
    if let Some(comment) = line.trim_start().strip_prefix('#') {
        let directive = comment.split_once('=').filter(|(key, _)| key.trim() == "syntax");
        return directive.map(|(_, value)| image(value.trim())).into_iter().collect();
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut sources = Vec::new();
    if words.first().is_some_and(|word| word.eq_ignore_ascii_case("from")) {
        let mut operands = words.iter().skip(1).filter(|word| !word.starts_with("--"));
        sources.extend(operands.next().filter(|source| **source != "scratch"));
        let alias = operands.next().filter(|word| word.eq_ignore_ascii_case("as"));
        let stage = alias.and(operands.next()).map(|stage| (*stage).to_owned());
        sources.retain(|source| !stages.iter().any(|stage| stage == source));
        stages.extend(stage);
    } else {
        let flags = words.iter().filter(|word| word.starts_with("--"));
        let options = flags.flat_map(|flag| flag.trim_start_matches("--").split(','));
        sources.extend(options.filter_map(|option| option.strip_prefix("from=")));
        // A stage may be counted from 0, too.
        sources.retain(|source| {
            source.parse::<usize>().is_err() && !stages.iter().any(|stage| stage == source)
        });
    }
    sources.into_iter().map(image).collect()
}

/// `image: IMAGE`, `container: IMAGE`, `uses: ACTION`, `uses: docker://IMAGE`.
fn yaml_line(line: &str) -> Option<Named> {
    let line = line.trim_start();
    let line = line.strip_prefix("- ").unwrap_or(line);
    let (key, rest) = line.split_once(':')?;
    let (value, comment) = match rest.split_once(" #") {
        Some((value, comment)) => (value, comment.trim().to_owned()),
        None => (rest, String::new()),
    };
    let value = value.trim().trim_end_matches(',').trim_matches(['"', '\'']);
    if value.is_empty() {
        return None;
    }
    match key.trim().trim_matches(['"', '\'']) {
        "image" | "container" => Some(image(value)),
        "uses" if value.starts_with("./") => None,
        "uses" => match value.strip_prefix("docker://") {
            Some(container) => Some(image(container)),
            None => Some((Kind::Action, value.to_owned(), comment)),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(file: &str, text: &str) -> Vec<String> {
        references(file, text).iter().map(|reference| reference.to_string()).collect()
    }

    #[test]
    fn a_dockerfile_names_images_in_four_ways() {
        let text = "\
# syntax = docker/dockerfile:1
FROM --platform=$BUILDPLATFORM rust:1.95 AS build
RUN --mount=type=bind,from=busybox:1,target=/tools --mount=type=cache,target=/cache true
from build as again
COPY --from=build /a /b
COPY --from=0 /a /b
COPY --from=nginx:1 /a /b
# FROM debian:11
FROM scratch
";
        assert_eq!(
            texts(".devcontainer/Dockerfile", text),
            [
                ".devcontainer/Dockerfile:1: docker/dockerfile:1",
                ".devcontainer/Dockerfile:2: rust:1.95",
                ".devcontainer/Dockerfile:3: busybox:1",
                ".devcontainer/Dockerfile:7: nginx:1",
            ]
        );
    }

    #[test]
    fn a_workflow_names_images_and_actions() {
        let text = "\
jobs:
  image:
    container: 'debian:12'
    services:
      db:
        image: \"postgres:16\"
    steps:
      - uses: owner/action@v1 # why
      - uses: docker://alpine:3
      - uses: ./.github/actions/ours
      # uses: owner/old@v1
";
        assert_eq!(
            texts(".github/workflows/ci.yml", text),
            [
                ".github/workflows/ci.yml:3: debian:12",
                ".github/workflows/ci.yml:6: postgres:16",
                ".github/workflows/ci.yml:8: owner/action@v1",
                ".github/workflows/ci.yml:9: alpine:3",
            ]
        );
        assert_eq!(references("a.yml", text)[2].comment, "why");
    }

    #[test]
    fn a_dev_container_names_an_image() {
        let text = "{\n  \"image\": \"debian:12\",\n}\n";
        assert_eq!(
            texts(".devcontainer/devcontainer.json", text),
            [".devcontainer/devcontainer.json:2: debian:12"]
        );
    }

    #[test]
    fn files_are_known_by_their_names() {
        for name in ["Dockerfile", "a/Dockerfile.dev", "deploy/compose.yaml", "b/ci.yml"] {
            assert!(names_images(Path::new(name)), "{name}");
        }
        for name in ["Dockerfiles.md", "src/main.rs", "package.json"] {
            assert!(!names_images(Path::new(name)), "{name}");
        }
    }
}
