//! `faceauth users import`: everybody of a folder, through `POST /register/batch`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use base64::prelude::{BASE64_STANDARD, Engine};
use faceauth_domain::capture::MAX_CAPTURE_IMAGES;
use faceauth_domain::user::Username;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Deserialize;
use ureq::Agent;

/// Where the API key is read from: it must not stand in the list of processes.
const KEY_VARIABLE: &str = "FACEAUTH_API_KEY";

/// People a request: few enough to see progress, and that an interruption repeats little.
const PEOPLE_A_REQUEST: usize = 10;

/// Longest a request may take: five pictures of each, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(600);

/// What pictures are called.
const EXTENSIONS: [&str; 4] = ["jpg", "jpeg", "png", "webp"];

/// A line of the answer, as far as it matters here.
#[derive(Deserialize)]
struct Outcome {
    line: usize,
    status: u16,
    problem: Option<Problem>,
}

#[derive(Deserialize)]
struct Problem {
    code: String,
    detail: String,
}

/// Enrols everybody of `dir`, and says who could not be.
///
/// # Errors
/// When the folder or the key is not usable, the service does not answer, or anybody was not
/// enrolled.
pub fn run(dir: &Path, url: &str, policy_version: &str) -> anyhow::Result<()> {
    let key = std::env::var(KEY_VARIABLE)
        .with_context(|| format!("set {KEY_VARIABLE} to an API key with the scope enrol"))?;
    let people = people(dir)?;
    let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE));
    let agent = Agent::new_with_config(config.build());
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len}, {eta} left")?;
    let bar = ProgressBar::new(people.len() as u64).with_style(style);
    let (mut enrolled, mut there, mut failed) = (0, 0, 0);
    let people: Vec<(String, Vec<PathBuf>)> = people.into_iter().collect();
    for group in people.chunks(PEOPLE_A_REQUEST) {
        let outcomes = send(&agent, url, &key, &body(group, policy_version)?)?;
        ensure!(outcomes.len() == group.len(), "the service answered for too few people");
        for outcome in outcomes {
            let name = outcome.line.checked_sub(1).and_then(|at| group.get(at));
            let name = name.map_or("", |(name, _)| name.as_str());
            match (outcome.status, outcome.problem) {
                (201, _) => enrolled += 1,
                (_, Some(problem)) if problem.code == "username_taken" => there += 1,
                (status, problem) => {
                    failed += 1;
                    let (code, detail) = problem.map_or_else(
                        || (status.to_string(), String::new()),
                        |problem| (problem.code, problem.detail),
                    );
                    bar.suspend(|| eprintln!("{name}: {code}. {detail}"));
                }
            }
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    println!("{enrolled} enrolled, {there} there already, {failed} not enrolled");
    ensure!(failed == 0, "{failed} people were not enrolled");
    Ok(())
}

/// Names and their pictures.
fn people(dir: &Path) -> anyhow::Result<BTreeMap<String, Vec<PathBuf>>> {
    let mut people: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    let mut add = |name: Option<&str>, picture: PathBuf| {
        let name = name.with_context(|| format!("{} has no name", picture.display()))?;
        Username::parse(name).with_context(|| format!("{name} is no username"))?;
        people.entry(name.to_owned()).or_default().push(picture);
        anyhow::Ok(())
    };
    for path in entries(dir)? {
        if path.is_dir() {
            let name = path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
            for picture in entries(&path)?.into_iter().filter(|path| is_picture(path)) {
                add(name.as_deref(), picture)?;
            }
        } else if is_picture(&path) {
            let name = path.file_stem().and_then(|name| name.to_str()).map(str::to_owned);
            add(name.as_deref(), path)?;
        }
    }
    ensure!(!people.is_empty(), "{} holds no pictures", dir.display());
    for (name, pictures) in &people {
        ensure!(
            pictures.len() <= MAX_CAPTURE_IMAGES,
            "{name} has {} pictures; {MAX_CAPTURE_IMAGES} are the most",
            pictures.len()
        );
    }
    Ok(people)
}

/// What is in a folder, by name.
fn entries(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let read = fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))?;
    let mut paths = read.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn is_picture(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|e| EXTENSIONS.contains(&e.to_ascii_lowercase().as_str()))
}

/// A line a person.
fn body(group: &[(String, Vec<PathBuf>)], policy_version: &str) -> anyhow::Result<String> {
    let mut body = String::new();
    for (name, pictures) in group {
        let images = pictures
            .iter()
            .map(|path| {
                let bytes = fs::read(path);
                let bytes = bytes.with_context(|| format!("cannot read {}", path.display()))?;
                Ok(BASE64_STANDARD.encode(bytes))
            })
            .collect::<anyhow::Result<Vec<String>>>()?;
        let item = serde_json::json!({
            "username": name,
            "face_images": images,
            "consent": {"policy_version": policy_version, "granted": true},
        });
        writeln!(body, "{item}")?;
    }
    Ok(body)
}

fn send(agent: &Agent, url: &str, key: &str, body: &str) -> anyhow::Result<Vec<Outcome>> {
    let mut answer = agent
        .post(format!("{}/register/batch", url.trim_end_matches('/')))
        .header("Content-Type", "application/x-ndjson")
        .header("X-Api-Key", key)
        .send(body)
        .with_context(|| format!("{url} does not answer"))?;
    let text = answer.body_mut().read_to_string().context("the answer broke off")?;
    if answer.status() != 200 {
        let problem: Option<Problem> = serde_json::from_str(&text).ok();
        match problem {
            Some(problem) => bail!("{}: {}", problem.code, problem.detail),
            None => bail!("{url} answers with {}", answer.status()),
        }
    }
    text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}
