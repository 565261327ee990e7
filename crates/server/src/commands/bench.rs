//! `faceauth bench`: what a sign-in costs, on a running service or in this process.

mod capture;
mod in_process;
mod pipelines;
mod seed;
mod service;
mod stages;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use faceauth_domain::challenge::Action;
use faceauth_eval::captures;
use faceauth_eval::load::drive::{self, Arrivals, Plan, Run, Target};
use faceauth_eval::load::process::Meter;
use faceauth_eval::load::report::Report;
use indicatif::{ProgressBar, ProgressStyle};

use self::capture::Capture;
use self::in_process::InProcess;
use self::service::{Captures, Service};

/// How long requests are made before anything is counted: caches fill and clocks rise.
const WARM_UP: Duration = Duration::from_secs(2);

/// Shares of the most that was reached, at which latency is then measured.
const LOADS: [f64; 3] = [0.5, 0.8, 0.95];

/// Callers that may wait at the same time with open arrivals: more than any queue of the service.
const OPEN_CALLERS: usize = 64;

/// Draws the arrivals: one bench is one bench.
const SEED: u64 = 6;

/// What is presented again and again.
pub enum Presented<'a> {
    /// A picture of one face signs in.
    Picture {
        /// The picture.
        image: &'a Path,
        /// The picture that is enrolled; `None` takes the same one.
        enrolled: Option<&'a Path>,
    },
    /// A liveness capture is judged.
    Capture {
        /// Its frames.
        folder: &'a Path,
        /// The steps that it answers; empty when that is not known.
        steps: &'a [Action],
    },
}

/// What is measured, and where the report goes.
pub struct Bench<'a> {
    /// A running service; `None` measures the analysis in this process.
    pub url: Option<&'a str>,
    /// Its process, when it runs on this machine.
    pub pid: Option<u32>,
    /// What is presented.
    pub presented: Presented<'a>,
    /// Version of the policy that the service asks people to agree to.
    pub policy_version: &'a str,
    /// Seconds of each run.
    pub seconds: u64,
    /// Callers that find out how much can be done at most.
    pub callers: usize,
    /// Arrivals a second; without, shares of the most that was reached.
    pub rates: &'a [f64],
    /// Where JSON and a page are written, besides Markdown on standard output.
    pub json: Option<&'a Path>,
    /// See above.
    pub html: Option<&'a Path>,
}

/// Measures and prints the report.
///
/// # Errors
/// When the service does not answer or does not take the pictures, the configuration is not usable,
/// or a report cannot be written.
pub fn run(config: Option<&Path>, what: &Bench<'_>) -> anyhow::Result<()> {
    let report = match what.presented {
        Presented::Picture { image, enrolled } => of_picture(config, what, image, enrolled)?,
        Presented::Capture { folder, steps } => of_capture(config, what, folder, steps)?,
    };
    super::eval::write_reports(what.json, what.html, || report.json(), || report.html())?;
    print!("{}", report.markdown());
    Ok(())
}

fn of_picture(
    config: Option<&Path>,
    what: &Bench<'_>,
    image: &Path,
    enrolled: Option<&Path>,
) -> anyhow::Result<Report> {
    let file = image.display();
    let read = |path: &Path| fs::read(path).with_context(|| path.display().to_string());
    let image = read(image)?;
    let enrolled = enrolled.map_or_else(|| Ok(image.clone()), read)?;
    if let Some(url) = what.url {
        let service = Service::enrol(url, &enrolled, &image, what.policy_version)?;
        let meter = what.pid.map(Meter::of).transpose()?;
        let runs = measure(&service, what, meter.as_ref());
        service.erase()?;
        return Ok(Report { subject: url.to_owned(), runs: runs?, stages: Vec::new() });
    }
    ensure!(what.pid.is_none(), "--pid is the process of a running service: give --url");
    let target = InProcess::start(config, enrolled, image)?;
    let meter = Meter::of(std::process::id())?;
    let runs = measure(&target, what, Some(&meter))?;
    let subject = format!("signing in with {file} in one process");
    Ok(Report { subject, runs, stages: target.stages()? })
}

fn of_capture(
    config: Option<&Path>,
    what: &Bench<'_>,
    folder: &Path,
    steps: &[Action],
) -> anyhow::Result<Report> {
    let frames = captures::read_frames(folder)?;
    let count = frames.as_slice().len();
    if let Some(url) = what.url {
        let target = Captures::new(url, &frames);
        let meter = what.pid.map(Meter::of).transpose()?;
        let runs = measure(&target, what, meter.as_ref())?;
        let subject = format!("{url}: captures of {count} frames");
        return Ok(Report { subject, runs, stages: Vec::new() });
    }
    let target = Capture::start(config, frames, steps)?;
    let meter = Meter::of(std::process::id())?;
    let runs = measure(&target, what, Some(&meter))?;
    let subject = format!("judging a capture of {count} frames in one process");
    Ok(Report { subject, runs, stages: target.stages()? })
}

fn measure(
    target: &dyn Target,
    what: &Bench<'_>,
    meter: Option<&Meter>,
) -> anyhow::Result<Vec<(String, Run)>> {
    let time = Duration::from_secs(what.seconds.max(1));
    let run = |name: String, arrivals: Arrivals, callers: usize, time: Duration| {
        let style = ProgressStyle::with_template("{msg}  {pos} requests, {per_sec}, {elapsed}");
        let bar = ProgressBar::new_spinner().with_message(name.clone());
        let bar = style.map(|style| bar.clone().with_style(style)).unwrap_or(bar);
        let plan = Plan { arrivals, callers, time, seed: SEED };
        let run = drive::run(target, plan, meter, &|| bar.inc(1));
        bar.finish_and_clear();
        (name, run)
    };
    let warm = run("warming up".to_owned(), Arrivals::Closed, what.callers, WARM_UP).1;
    let why = || warm.failed.keys().cloned().collect::<Vec<_>>().join(", ");
    ensure!(
        warm.done() > 0,
        "nothing was done: {}. A limit on sign-ins (429) is raised by limits.sign_in_per_minute",
        why()
    );
    let name = format!("as fast as {} callers can", what.callers);
    let mut runs = vec![run(name, Arrivals::Closed, what.callers, time)];
    let most = runs[0].1.throughput();
    let loads: Vec<(String, f64)> = if what.rates.is_empty() {
        let load = |share: &f64| (format!("{:.0} % of that", 100.0 * share), share * most);
        LOADS.iter().map(load).collect()
    } else {
        what.rates.iter().map(|rate| (format!("{rate} a second"), *rate)).collect()
    };
    for (name, rate) in loads {
        ensure!(rate > 0.0 && rate.is_finite(), "a rate is above 0");
        runs.push(run(name, Arrivals::Open { rate }, OPEN_CALLERS, time));
    }
    Ok(runs)
}

/// What is asked for on the command line: a measurement, unless a command is named.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Command {
    #[command(subcommand)]
    prepare: Option<Prepare>,
    #[command(flatten)]
    measure: Arguments,
}

/// What is done before a measurement.
#[derive(clap::Subcommand)]
enum Prepare {
    /// Fill the configured database with people who do not exist.
    Seed(seed::Arguments),
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// As of [`run`] and of [`seed::run`].
    pub fn run(&self, config: Option<&Path>) -> anyhow::Result<()> {
        match &self.prepare {
            Some(Prepare::Seed(arguments)) => seed::run(config, arguments),
            None => run(config, &self.measure.bench()),
        }
    }
}

/// The arguments of the command line.
#[derive(clap::Args)]
pub struct Arguments {
    /// A running service, such as http://127.0.0.1:8080. Registration must be open: people are
    /// enrolled and erased again. Left out: sign-ins without HTTP and database are measured in this
    /// process, stage by stage.
    #[arg(long)]
    url: Option<String>,
    /// Process of the service, to watch its processor time and memory.
    #[arg(long, requires = "url")]
    pid: Option<u32>,
    /// A picture of one face, which signs in.
    #[arg(long, value_name = "FILE", required_unless_present = "liveness")]
    image: Option<PathBuf>,
    /// A folder with the frames of a liveness capture, which is judged instead of a picture: JPEG
    /// files, each named by its time in milliseconds. A running service judges it as an answer to
    /// steps of its own and refuses it, which costs the same.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["image", "enrolled"])]
    liveness: Option<PathBuf>,
    /// The steps that the capture answers, with commas: it must then be found live.
    #[arg(long, requires = "liveness", value_delimiter = ',', value_parser = action)]
    steps: Vec<Action>,
    /// Another picture of the same person, which is enrolled. Left out: the same one, which the
    /// first stage of a cascade always knows.
    #[arg(long, value_name = "FILE")]
    enrolled: Option<PathBuf>,
    /// Version of the policy that the service asks people to agree to.
    #[arg(long, default_value = "2026-11")]
    policy_version: String,
    /// Seconds of each run.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// Callers that find out how much can be done at most.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    callers: u16,
    /// Arrivals a second, at random times; may be repeated. Left out: 50, 80 and 95 % of the most
    /// that was reached.
    #[arg(long)]
    rate: Vec<f64>,
    /// Write the figures as JSON as well.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a page with charts as well, which needs nothing beside it.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl Arguments {
    /// As [`run`] takes it.
    #[must_use]
    pub fn bench(&self) -> Bench<'_> {
        let presented = match (&self.liveness, &self.image) {
            (Some(folder), _) => Presented::Capture { folder, steps: &self.steps },
            // One of both is there; an empty path says so if not.
            (None, image) => Presented::Picture {
                image: image.as_deref().unwrap_or(Path::new("")),
                enrolled: self.enrolled.as_deref(),
            },
        };
        Bench {
            url: self.url.as_deref(),
            pid: self.pid,
            presented,
            policy_version: &self.policy_version,
            seconds: self.seconds,
            callers: usize::from(self.callers),
            rates: &self.rate,
            json: self.json.as_deref(),
            html: self.html.as_deref(),
        }
    }
}

fn action(word: &str) -> Result<Action, String> {
    Action::parse(word).ok_or_else(|| {
        let words: Vec<&str> = Action::ALL.iter().map(|action| action.as_str()).collect();
        format!("one of {}", words.join(", "))
    })
}
