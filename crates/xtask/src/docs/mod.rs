//! `./dev test docs`: the pages are narrow enough to read, and what they name is there.
//!
//! Three rules hold for every `*.md` file of the checkout:
//!
//! - A line of prose has at most [`WIDTH`] columns. Code blocks, headings and rows of tables may
//!   be longer.
//! - A relative link leads to a file of the checkout, and its anchor to a heading of that file.
//! - A path or a command between backticks exists (`names.rs` says which are checked).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

mod markdown;
mod names;

use markdown::Page;
use names::Names;

/// Columns of a line of prose, the same as in Rust sources.
const WIDTH: usize = 100;

/// Folders that hold no page of ours: what builds and set-up write.
const NOT_OURS: &[&str] = &["target", "node_modules", "dist", "weights"];

/// Checks all pages of the checkout at `root`. `commands` are the words that `./dev` takes.
///
/// # Errors
/// Every breach, one a line, or when a page cannot be read.
pub fn check(root: &Path, commands: BTreeSet<String>) -> Result<()> {
    let names = Names::of(root, commands)?;
    let mut breaches = Vec::new();
    for path in pages_below(root)? {
        let text = fs::read_to_string(root.join(&path))
            .with_context(|| format!("cannot read {}", path.display()))?;
        let page = Page::parse(&text);
        let mut report =
            |line: usize, what: String| breaches.push(format!("{}:{line}: {what}", path.display()));
        for (line, columns) in page.too_wide(WIDTH) {
            report(line, format!("{columns} columns, at most {WIDTH}"));
        }
        for (line, link) in page.links() {
            if let Err(why) = follow(root, &path, &page, &link) {
                report(line, format!("the link {link} leads nowhere: {why}"));
            }
        }
        for (line, span) in page.spans() {
            if let Some(why) = names.refuse(root, &path, &span) {
                report(line, format!("`{span}`: {why}"));
            }
        }
    }
    if !breaches.is_empty() {
        bail!("pages need mending:\n  {}", breaches.join("\n  "));
    }
    Ok(())
}

/// Every page below `root`, relative to it, in order.
fn pages_below(root: &Path) -> Result<Vec<PathBuf>> {
    let mut pages = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(root.join(&folder))
            .with_context(|| format!("cannot look into {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = folder.join(&name);
            if entry.file_type()?.is_dir() {
                if !name.starts_with('.') && !NOT_OURS.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    Ok(pages)
}

/// Whether a link of the page at `path` leads to something. Other sites are not asked.
fn follow(root: &Path, path: &Path, page: &Page, link: &str) -> Result<(), String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return Ok(());
    }
    let (file, anchor) = match link.split_once('#') {
        Some((file, anchor)) => (file, Some(anchor)),
        None => (link, None),
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let target = root.join(folder).join(file);
    if !file.is_empty() && !target.exists() {
        return Err("there is no such file".to_owned());
    }
    let Some(anchor) = anchor else { return Ok(()) };
    let found = if file.is_empty() {
        page.has_anchor(anchor)
    } else {
        let text = fs::read_to_string(&target).map_err(|error| error.to_string())?;
        Page::parse(&text).has_anchor(anchor)
    };
    if found { Ok(()) } else { Err("the page has no such heading".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_of_this_checkout_is_found_and_nothing_that_was_built() -> Result<()> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let pages = pages_below(&root)?;
        assert!(pages.contains(&PathBuf::from("README.md")));
        assert!(pages.contains(&PathBuf::from("docs/api.md")));
        assert!(!pages.iter().any(|page| page.starts_with("target")));
        Ok(())
    }

    #[test]
    fn links_are_followed_to_files_and_headings() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let here = Path::new("src/README.md");
        let page = Page::parse("# A page\n\n## Its second heading\n");
        let follow = |link: &str| follow(root, here, &page, link);
        assert_eq!(follow("../Cargo.toml"), Ok(()));
        assert_eq!(follow("#its-second-heading"), Ok(()));
        assert_eq!(follow("https://example.org/nothing"), Ok(()));
        assert!(follow("../Cargo.tom").is_err());
        assert!(follow("#its-third-heading").is_err());
    }
}
