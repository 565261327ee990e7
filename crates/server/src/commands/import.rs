//! `faceauth users import`: everybody of a folder, through `POST /register/batch`.
//!
//! No person is skipped silently, and one failure does not stop the others. At the end a list shows
//! everybody with the result.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use base64::prelude::{BASE64_STANDARD, Engine};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

mod format;
mod list;
mod people;
mod picture;
mod service;

use list::{List, Outcome, Row};
use people::{Found, LeftOut, Person};
use picture::Picture;
use service::Service;

/// Where the API key is read from: it must not stand in the list of processes.
const KEY_VARIABLE: &str = "FACEAUTH_API_KEY";

/// People a request: few enough to see progress, and that an interruption repeats little.
const PEOPLE_A_REQUEST: usize = 10;

/// Bytes after which no further person is added to a request. A person adds up to 14 MB, so this
/// bounds the memory of the command.
const BYTES_A_REQUEST: usize = 32 * 1024 * 1024;

/// The arguments of the command line.
#[derive(Args)]
pub struct Arguments {
    /// The folder.
    dir: PathBuf,
    /// Where the service listens.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// Version of the policy all of them have agreed to.
    #[arg(long)]
    policy_version: String,
}

/// Enrols everybody of the folder, and prints a list of what became of them.
///
/// # Errors
/// When the folder or the key is not usable, the service does not answer, or anybody was not
/// enrolled.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let Arguments { dir, url, policy_version } = arguments;
    let key = std::env::var(KEY_VARIABLE)
        .with_context(|| format!("set {KEY_VARIABLE} to an API key with the scope enrol"))?;
    let found = Found::of_folder(dir)?;
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len}, {eta} left")?;
    let bar = ProgressBar::new(found.people.len() as u64).with_style(style);
    let mut import = Import {
        dir,
        policy_version,
        service: Service::new(url, key),
        waiting: Vec::new(),
        body: String::new(),
        broken: None,
        list: List { rows: Vec::new(), passed_over: found.passed_over, hidden: found.hidden },
        bar,
    };
    for (name, person) in found.people {
        import.person(name, person);
    }
    import.send();
    import.bar.finish_and_clear();
    import.list.rows.sort_by(|a, b| a.name.cmp(&b.name));
    println!("{}", import.list);
    if let Some(broken) = import.broken {
        bail!("{broken}");
    }
    match import.list.failed() {
        0 => Ok(()),
        failed => bail!("people who were not enrolled: {failed}"),
    }
}

/// An import on its way.
struct Import<'a> {
    dir: &'a Path,
    policy_version: &'a str,
    service: Service<'a>,
    /// The people in the next request: one line of `body` each, with the outcome of a success.
    waiting: Vec<Row>,
    body: String,
    /// Why sending has stopped.
    broken: Option<String>,
    list: List,
    bar: ProgressBar,
}

impl Import<'_> {
    /// Puts a person into the next request, or into the list.
    fn person(&mut self, name: String, mut person: Person) {
        let mut refusal = person.refusal.take();
        if refusal.is_none() {
            refusal = self.broken.as_ref().map(|broken| format!("not tried, because {broken}"));
        }
        let pictures = match refusal {
            Some(why) => Err(why),
            None => self.pictures(&mut person),
        };
        let row = |outcome| Row { name: name.clone(), outcome, left_out: person.left_out };
        match pictures {
            Err(why) => self.done(row(Outcome::Not(why))),
            Ok(pictures) => {
                let shrunk = pictures.iter().filter(|picture| picture.shrunk).count();
                let outcome = Outcome::Enrolled { pictures: pictures.len(), shrunk };
                self.body.push_str(&line(&name, &pictures, self.policy_version));
                self.waiting.push(row(outcome));
            }
        }
        if self.waiting.len() >= PEOPLE_A_REQUEST || self.body.len() >= BYTES_A_REQUEST {
            self.send();
        }
    }

    /// Those pictures of a person that can be used; the others are left out.
    fn pictures(&self, person: &mut Person) -> Result<Vec<Picture>, String> {
        let mut pictures = Vec::new();
        for path in std::mem::take(&mut person.pictures) {
            match picture::read(&self.dir.join(&path)) {
                Ok(picture) => pictures.push(picture),
                Err(why) => person.left_out.push(LeftOut { path, why }),
            }
        }
        if pictures.is_empty() {
            return Err("there is no picture that can be read".to_owned());
        }
        picture::fit_together(&mut pictures)?;
        Ok(pictures)
    }

    /// Sends the waiting people, and puts their results into the list.
    fn send(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let answers = self.service.enrol(&std::mem::take(&mut self.body));
        let mut waiting: Vec<Option<Row>> = self.waiting.drain(..).map(Some).collect();
        for answer in answers.lines {
            // Lines count from 1.
            let row = answer.line.checked_sub(1).and_then(|at| waiting.get_mut(at)?.take());
            let Some(mut row) = row else { continue };
            if answer.status != 201 {
                row.outcome = match answer.problem {
                    Some(problem) if problem.code == "username_taken" => Outcome::There,
                    Some(problem) => Outcome::Not(problem.to_string()),
                    None => Outcome::Not(format!("status {}", answer.status)),
                };
            }
            self.done(row);
        }
        let unanswered: Vec<Row> = waiting.into_iter().flatten().collect();
        if unanswered.is_empty() {
            return;
        }
        let why = answers.broken.unwrap_or_else(|| "the answer has too few lines".to_owned());
        for row in unanswered {
            self.done(Row { outcome: Outcome::Not(why.clone()), ..row });
        }
        self.broken = Some(why);
    }

    fn done(&mut self, row: Row) {
        self.list.rows.push(row);
        self.bar.inc(1);
    }
}

/// A person as the service takes them, on a line.
fn line(name: &str, pictures: &[Picture], policy_version: &str) -> String {
    let images: Vec<String> =
        pictures.iter().map(|picture| BASE64_STANDARD.encode(picture.image.bytes())).collect();
    let item = serde_json::json!({
        "username": name,
        "face_images": images,
        "consent": {"policy_version": policy_version, "granted": true},
    });
    format!("{item}\n")
}
