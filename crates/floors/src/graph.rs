//! The arrows of a crate, from file to file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::{Result, bail};

use crate::arrows::arrows;
use crate::modules::Modules;
use crate::sources::Sources;

/// Which file of a crate uses which.
#[derive(Debug, Default)]
pub struct Graph {
    /// Every file that is compiled outside tests.
    pub files: BTreeSet<String>,
    /// The reasons of each arrow, by its two files.
    pub arrows: BTreeMap<(String, String), Reasons>,
}

/// Why a file uses another.
#[derive(Debug, Default)]
pub struct Reasons {
    /// The first line that does, from 1.
    pub line: usize,
    /// The names that it uses.
    pub names: BTreeSet<String>,
}

impl fmt::Display for Reasons {
    /// At most [`SHOWN`] names, so that a line stays one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.names.iter().map(String::as_str).take(SHOWN).collect();
        let more = if self.names.len() > SHOWN { ", …" } else { "" };
        write!(f, "{}{more}", names.join(", "))
    }
}

/// Names of one arrow that are printed.
const SHOWN: usize = 4;

impl Graph {
    /// The arrows of a crate.
    ///
    /// # Errors
    /// When a file is no Rust, or no module reaches it.
    pub fn of(sources: &Sources) -> Result<Self> {
        let mut graph = Self::default();
        let mut reached = BTreeSet::new();
        for root in sources.roots() {
            let modules = Modules::of(sources, root)?;
            for arrow in arrows(&modules) {
                let file = |id: usize| modules.all[id].file.clone();
                let reasons = graph.arrows.entry((file(arrow.from), file(arrow.to))).or_default();
                if reasons.names.is_empty() || arrow.line < reasons.line {
                    reasons.line = arrow.line;
                }
                reasons.names.insert(arrow.name);
            }
            graph.files.extend(modules.syntax.into_keys());
            reached.extend(modules.of_tests);
        }
        let lost: Vec<&str> = sources
            .files
            .keys()
            .filter(|file| !graph.files.contains(*file) && !reached.contains(*file))
            .map(String::as_str)
            .collect();
        if !lost.is_empty() {
            bail!("no module of crates/{} reaches {}", sources.name, lost.join(", "));
        }
        Ok(graph)
    }

    /// An arrow as a line for a person.
    pub fn shown(&self, from: &str, to: &str) -> String {
        match self.arrows.get(&(from.to_owned(), to.to_owned())) {
            Some(reasons) => format!("{from}:{} -> {to} ({reasons})", reasons.line),
            None => format!("{from} -> {to}"),
        }
    }
}

impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (from, to) in self.arrows.keys() {
            writeln!(f, "{}", self.shown(from, to))?;
        }
        Ok(())
    }
}

/// The name of a file's module, as `liveness/judge`; empty for a root.
pub fn module_of(file: &str) -> &str {
    let name = file.strip_suffix("/mod.rs").or_else(|| file.strip_suffix(".rs")).unwrap_or(file);
    if matches!(name, "lib" | "main") { "" } else { name }
}

/// Whether module `outer` stands around module `inner`.
pub fn is_around(outer: &str, inner: &str) -> bool {
    outer != inner
        && (outer.is_empty() || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/')))
}
