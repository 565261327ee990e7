//! `faceauth eval verification`: how often strangers pass and users fail.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use faceauth_eval::verification::report::{self, Report};

use super::pictures::{self, Measured, PicturesArguments};
use super::write_reports;

/// The arguments of the command line.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    pictures: PicturesArguments,
    /// Lines of person,group: error rates within each group.
    #[arg(long, value_name = "FILE")]
    groups: Option<PathBuf>,
    /// Write the figures as JSON as well.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a page with charts as well, which needs nothing beside it.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// Measures how often strangers pass and users fail at the configured threshold and others, and
/// prints the report. Embeddings stay in memory, except in a sealed cache.
///
/// # Errors
/// When the configuration, the pairs or a picture is not usable, or a report cannot be written.
pub fn run(config: Option<&Path>, arguments: &Arguments) -> anyhow::Result<()> {
    let Measured { protocol, acquired, scores, policy, .. } =
        pictures::measure(config, &arguments.pictures)?;
    let groups = match &arguments.groups {
        Some(path) => read_groups(path)?,
        None => BTreeMap::new(),
    };
    let report = Report::new(&protocol, &acquired, &scores, &policy.matching, &groups);
    let (json, html) = (arguments.json.as_deref(), arguments.html.as_deref());
    write_reports(json, html, || report::json(&report), || report::html(&report))?;
    print!("{}", report::markdown(&report));
    Ok(())
}

/// `person,group` by line. A header line is ignored when no person has that name.
fn read_groups(path: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let mut groups = BTreeMap::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let Some((person, group)) = line.split_once(',') else {
            bail!("{}, line {}: write person,group", path.display(), number + 1)
        };
        groups.insert(person.trim().to_owned(), group.trim().to_owned());
    }
    Ok(groups)
}
