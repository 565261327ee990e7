//! `faceauth`, the one binary: it reads configuration and secrets, wires the crates
//! together and runs one command.
//!
//! Architecture invariant: the only place that reads environment variables and
//! configuration files. Every other crate takes resolved values.

mod clock;
mod commands;
mod config;
mod keys;
mod memory;
mod settings;
mod telemetry;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use faceauth_domain::quality::QualityPolicy;
use faceauth_domain::scope::Scope;
use faceauth_domain::user::Username;
use faceauth_eval::recordings::AttackFolder;
use faceauth_vision::pipeline::Choice;
use keys::SigningAlgorithm;

/// Self-hosted face sign-in.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    /// Configuration file (TOML). Environment variables `FACEAUTH__SECTION__KEY`
    /// override it.
    #[arg(long, global = true, env = "FACEAUTH_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API, its documentation and the page.
    Serve,
    /// Bring the database schema up to date.
    Migrate,
    /// Print the OpenAPI document.
    Openapi,
    /// Check configuration, keys, models and database, and say what is wrong.
    Doctor,
    /// Make and look at keys.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Look after accounts.
    #[command(arg_required_else_help = true)]
    Users {
        /// Show how many people have templates of which model.
        #[arg(long)]
        model_stats: bool,
        #[command(subcommand)]
        command: Option<UsersCommand>,
    },
    /// Measure how often the service is wrong, on recordings of yours.
    Eval {
        #[command(subcommand)]
        command: EvalCommand,
    },
    /// Measure what a sign-in costs: latency, throughput, processor and memory.
    Bench(commands::bench::Arguments),
    /// Measure the least score for a false match rate on pictures of yours, and write it into the
    /// manifest with the evidence.
    Calibrate {
        #[command(flatten)]
        pictures: PicturesArguments,
        /// False match rate to find the threshold for, such as 1e-4; may be repeated.
        #[arg(long, required = true)]
        fmr: Vec<f64>,
        /// Write the manifest to this file instead of the configured one.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Make the keys that are missing; existing ones are left alone.
    Init {
        /// Folder of the keys; made when missing.
        #[arg(long)]
        dir: PathBuf,
        /// What tokens are signed with.
        #[arg(long, value_enum, default_value_t = SigningAlgorithm::Eddsa)]
        algorithm: SigningAlgorithm,
    },
    /// Move every person's key to the first of the seal keys, while replicas serve. May be
    /// interrupted and run again.
    Reseal,
    /// Keys of services that call the API.
    Api {
        #[command(subcommand)]
        command: ApiKeyCommand,
    },
    /// Take the next of three steps that replace the key tokens are signed with: publish a new
    /// one, sign with it, withdraw the old one. Replicas are restarted after each.
    Rotate {
        /// Folder of the keys.
        #[arg(long)]
        dir: PathBuf,
        /// What tokens will be signed with.
        #[arg(long, value_enum, default_value_t = SigningAlgorithm::Eddsa)]
        algorithm: SigningAlgorithm,
        /// Do not wait until nobody can be holding an old key set or an old token: for a key
        /// that somebody else knows.
        #[arg(long)]
        now: bool,
    },
}

#[derive(Subcommand)]
enum ApiKeyCommand {
    /// Make a key and print it, once.
    Create {
        /// Whose it is, for people.
        #[arg(long)]
        label: String,
        /// What it may do: enrol, scores:read, accounts:reset; may be repeated.
        #[arg(long, required = true)]
        scope: Vec<Scope>,
        /// Days until it is worth nothing.
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: u32,
    },
    /// List the keys, without their secrets.
    List,
    /// Take a key back, at once.
    Revoke {
        /// What stands between the underscores of the key.
        prefix: String,
    },
}

#[derive(Subcommand)]
enum UsersCommand {
    /// Enrol everybody of a folder: DIR/NAME.jpg, or DIR/NAME/ with up to five pictures. Lists
    /// everybody at the end, and fails when somebody is not enrolled. May be interrupted and run
    /// again. Reads the API key from FACEAUTH_API_KEY.
    Import {
        /// The folder.
        dir: PathBuf,
        /// Where the service listens.
        #[arg(long, default_value = "http://127.0.0.1:8080")]
        url: String,
        /// Version of the policy all of them have agreed to.
        #[arg(long)]
        policy_version: String,
    },
    /// Make templates of the configured matcher from enrolment images, where they are kept. May
    /// be interrupted and run again, while replicas serve.
    Reembed,
    /// Forget the failed sign-ins of a name, so that it need not wait and is not locked.
    Unlock {
        /// The username; letter case does not count.
        username: Username,
    },
}

#[derive(Subcommand)]
enum EvalCommand {
    /// How often strangers pass (FMR) and users fail (FNMR), as Markdown.
    ///
    /// Pictures without a usable face are counted as refused. Embeddings stay in memory, unless a cache
    /// is asked for.
    Verification {
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
    },
    /// Error rates of presentation attack detection (APCER, BPCER) as Markdown.
    ///
    /// Pictures are judged as single images, clips as liveness captures of three seconds
    /// that answer no challenge: what is measured is what passive detection does alone.
    Pad {
        /// Folder of pictures and clips of people; may be repeated.
        #[arg(long, required = true, value_name = "DIR")]
        bonafide: Vec<PathBuf>,
        /// Folder of pictures and clips of attacks with the name of their species, such as
        /// `print=DIR`; may be repeated.
        #[arg(long, required = true, value_name = "SPECIES=DIR")]
        attack: Vec<AttackFolder>,
        /// Which single pictures are good enough; the others have no response.
        #[arg(long, value_enum, default_value_t, value_name = "LIMITS")]
        quality: Quality,
        /// Write the figures as JSON as well.
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
        /// Write a page with curves as well, which needs nothing beside it.
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
    },
}

/// What is compared.
#[derive(Args)]
struct PicturesArguments {
    /// Folder of the pictures; one folder a person when there are no pairs.
    #[arg(long, value_name = "DIR")]
    images: PathBuf,
    /// Pairs to compare: LFW's pairs.txt, or lines of left,right,mated (1 or 0). Left out: every
    /// picture with every other.
    #[arg(long, value_name = "FILE")]
    pairs: Option<PathBuf>,
    /// Take the face in the middle when a picture has several, as benchmarks do whose pictures are
    /// centred on one person; the service refuses such pictures.
    #[arg(long)]
    central: bool,
    /// Which pictures are good enough, as the service has it or, to measure the matcher alone, any.
    #[arg(long, value_enum, default_value_t, value_name = "LIMITS")]
    quality: Quality,
    /// Keep what became of each picture in this file, and look at none twice: a run that was
    /// interrupted goes on. Embeddings in it are sealed by the deployment's seal keys.
    #[arg(long, value_name = "FILE")]
    cache: Option<PathBuf>,
}

/// The limits of a picture.
#[derive(Clone, Copy, Default, ValueEnum)]
enum Quality {
    /// What may sign in.
    #[default]
    SignIn,
    /// What may be enrolled.
    Enrolment,
    /// Whatever shows a face.
    Any,
}

impl From<Quality> for QualityPolicy {
    fn from(quality: Quality) -> Self {
        match quality {
            Quality::SignIn => Self::SIGN_IN,
            Quality::Enrolment => Self::ENROLMENT,
            Quality::Any => Self::NONE,
        }
    }
}

impl PicturesArguments {
    fn verification(&self) -> commands::eval::Verification<'_> {
        commands::eval::Verification {
            images: &self.images,
            pairs: self.pairs.as_deref(),
            choice: if self.central { Choice::Central } else { Choice::OnlyOne },
            quality: self.quality.into(),
            cache: self.cache.as_deref(),
            groups: None,
            json: None,
            html: None,
        }
    }
}

fn main() -> ExitCode {
    memory::return_large_blocks();
    let cli = Cli::parse();
    let config = cli.config.as_deref();
    let outcome = match cli.command {
        Command::Serve => commands::serve::run(config),
        Command::Migrate => commands::migrate::run(config),
        Command::Openapi => commands::openapi::run(),
        Command::Doctor => commands::doctor::run(config),
        Command::Keys { command: KeysCommand::Init { dir, algorithm } } => {
            commands::keys::init(&dir, algorithm)
        }
        Command::Keys { command: KeysCommand::Reseal } => commands::keys::reseal(config),
        Command::Keys { command: KeysCommand::Rotate { dir, algorithm, now } } => {
            commands::keys::rotate(&dir, algorithm, now)
        }
        Command::Keys { command: KeysCommand::Api { command } } => match command {
            ApiKeyCommand::Create { label, scope, days } => {
                commands::api_keys::create(config, &label, &scope, days)
            }
            ApiKeyCommand::List => commands::api_keys::list(config),
            ApiKeyCommand::Revoke { prefix } => commands::api_keys::revoke(config, &prefix),
        },
        Command::Users { command: None, .. } => commands::users::model_stats(config),
        Command::Users {
            command: Some(UsersCommand::Import { dir, url, policy_version }), ..
        } => commands::import::run(&dir, &url, &policy_version),
        Command::Users { command: Some(UsersCommand::Reembed), .. } => {
            commands::reembed::run(config)
        }
        Command::Users { command: Some(UsersCommand::Unlock { username }), .. } => {
            commands::users::unlock(config, &username)
        }
        Command::Eval { command: EvalCommand::Verification { pictures, groups, json, html } } => {
            commands::eval::verification(
                config,
                &commands::eval::Verification {
                    groups: groups.as_deref(),
                    json: json.as_deref(),
                    html: html.as_deref(),
                    ..pictures.verification()
                },
            )
        }
        Command::Bench(arguments) => commands::bench::run(config, &arguments.bench()),
        Command::Calibrate { pictures, fmr, out } => {
            commands::calibrate::run(config, &pictures.verification(), &fmr, out.as_deref())
        }
        Command::Eval { command: EvalCommand::Pad { bonafide, attack, quality, json, html } } => {
            let (json, html) = (json.as_deref(), html.as_deref());
            commands::eval::pad(config, &bonafide, &attack, quality.into(), json, html)
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line a cause; `{:#}` joins anyhow's chain.
            eprintln!("faceauth: {error:#}");
            ExitCode::FAILURE
        }
    }
}
