//! The names between backticks that must stand for something: paths of the checkout, test files
//! by their short name, commands of `./dev`, scripts of the frontend.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

/// Folders at the root whose paths are checked.
const FOLDERS: &[&str] = &[
    ".ci/",
    ".devcontainer/",
    ".github/",
    "bench/",
    "crates/",
    "deploy/",
    "docs/",
    "frontend/",
    "migrations/",
    "models/",
    "openapi/",
];

/// What set-up and builds write: not there in a fresh clone.
const WRITTEN: &[&str] = &[
    "deploy/secrets",
    "frontend/dist",
    "frontend/models",
    "frontend/node_modules",
    "frontend/package/dist",
    "models/weights",
];

/// What a page may name.
pub struct Names {
    /// The words that may follow `./dev`.
    commands: BTreeSet<String>,
    /// The words that may follow `npm run` in `frontend/`.
    scripts: BTreeSet<String>,
}

/// As much of `package.json` as is needed.
#[derive(Deserialize)]
struct Package {
    scripts: BTreeMap<String, String>,
}

impl Names {
    /// `commands` are those of `./dev`; the scripts are read from `frontend/package.json`.
    ///
    /// # Errors
    /// When that file cannot be read.
    pub fn of(root: &Path, commands: BTreeSet<String>) -> Result<Self> {
        let path = root.join("frontend/package.json");
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let package: Package = serde_json::from_str(&text)?;
        Ok(Self { commands, scripts: package.scripts.into_keys().collect() })
    }

    /// Why `span`, named by the page at `page`, stands for nothing; `None` when it does, or when
    /// it is nothing that can be looked up.
    pub fn refuse(&self, root: &Path, page: &Path, span: &str) -> Option<String> {
        let mut words = span.split_whitespace();
        match (words.next()?, words.next(), words.next()) {
            ("./dev", Some(word), _) => self.unknown_command(word),
            ("npm", Some("run"), Some(script)) if !self.scripts.contains(script) => {
                Some("frontend/package.json has no such script".to_owned())
            }
            (path, None, None) => missing(root, page, path),
            _ => None,
        }
    }

    fn unknown_command(&self, word: &str) -> Option<String> {
        let is_word = word.starts_with(|c: char| c.is_ascii_lowercase());
        (is_word && !self.commands.contains(word)).then(|| "./dev has no such command".to_owned())
    }
}

fn missing(root: &Path, page: &Path, path: &str) -> Option<String> {
    if path.contains(['*', '{', '<', '…', '$']) || path.contains("::") || path.contains("...") {
        return None;
    }
    if WRITTEN.iter().any(|written| path.starts_with(written)) {
        return None;
    }
    let folder = page.parent().unwrap_or(Path::new(""));
    if FOLDERS.iter().any(|folder| path.starts_with(folder)) {
        // Some pages name what stands below them: frontend/README.md has a folder `models/`.
        let there = root.join(path).exists() || root.join(folder).join(path).exists();
        return (!there).then(|| "there is no such path".to_owned());
    }
    // Pages name a test by its crate: `api/doors.rs` is `crates/api/tests/it/doors.rs`.
    let (name, file) = path.split_once('/')?;
    let tests = root.join("crates").join(name).join("tests/it");
    if !tests.is_dir() || !file.ends_with(".rs") {
        return None;
    }
    let test = tests.join(file);
    (!test.exists()).then(|| format!("there is no crates/{name}/tests/it/{file}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(span: &str) -> Option<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let commands = ["run", "test"].map(str::to_owned).into();
        let scripts = ["build"].map(str::to_owned).into();
        Names { commands, scripts }.refuse(&root, Path::new("docs/api.md"), span)
    }

    #[test]
    fn paths_that_exist_are_taken_and_others_are_not() {
        assert_eq!(refused("crates/xtask/src/main.rs"), None);
        assert!(refused("crates/xtask/src/mian.rs").is_some());
        assert_eq!(refused("docs/decisions/"), None);
        assert!(refused("docs/decision/").is_some());
    }

    #[test]
    fn tests_are_found_by_their_short_name() {
        assert_eq!(refused("server/proxy.rs"), None);
        assert!(refused("server/porxy.rs").is_some());
    }

    #[test]
    fn commands_and_scripts_are_looked_up() {
        assert_eq!(refused("./dev run psql"), None);
        assert!(refused("./dev rnu psql").is_some());
        assert_eq!(refused("./dev --port 8081"), None);
        assert_eq!(refused("npm run build"), None);
        assert!(refused("npm run biuld").is_some());
    }

    #[test]
    fn patterns_generated_folders_and_other_words_are_left_alone() {
        for span in ["crates/*/tests/it/", "models/weights/a.onnx", "domain::clock", "a/b", ""] {
            assert_eq!(refused(span), None, "{span}");
        }
    }
}
