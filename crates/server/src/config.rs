//! Raw configuration: defaults, then a TOML file, then the environment.
//!
//! Nothing here is checked beyond its type; `settings` resolves it. The example that
//! documents every key is `deploy/config.example.toml`, and a test parses it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use faceauth_store::StoreConfig;
use faceauth_vision::worker::WorkerSettings;
use figment::Figment;
use figment::providers::{Env, Format, Toml};
use secrecy::SecretString;
use serde::Deserialize;

mod lenient;

/// Everything an operator can set.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How strict the defaults are.
    #[serde(default)]
    pub mode: Mode,
    /// HTTP.
    #[serde(default)]
    pub server: Server,
    /// How the page looks.
    #[serde(default)]
    pub page: Page,
    /// Postgres.
    #[serde(default)]
    pub database: Database,
    /// Weights and workers.
    #[serde(default)]
    pub models: Models,
    /// Key files.
    #[serde(default)]
    pub keys: Keys,
    /// Access and refresh tokens.
    #[serde(default)]
    pub tokens: Tokens,
    /// Who may sign in.
    #[serde(default)]
    pub policy: Policy,
    /// What is asked for beside a face.
    #[serde(default)]
    pub second_factor: SecondFactor,
    /// Clients that sign people in.
    #[serde(default)]
    pub oidc: Oidc,
    /// Apps whose captures count.
    #[serde(default)]
    pub apps: Apps,
    /// Requests a minute.
    #[serde(default)]
    pub limits: Limits,
    /// Where to report a weakness.
    pub security_txt: Option<SecurityTxt>,
    /// Who is told what happens to accounts.
    #[serde(default)]
    pub webhooks: Webhooks,
    /// How long things are kept.
    #[serde(default)]
    pub retention: Retention,
    /// Logs.
    #[serde(default)]
    pub log: Log,
    /// Traces.
    #[serde(default)]
    pub tracing: Tracing,
}

/// How strict the defaults are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Safe defaults; unsafe combinations refuse to start.
    #[default]
    Production,
    /// Portraits sign in and anybody registers. For a developer's own machine.
    Development,
}

/// HTTP.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    pub bind: SocketAddr,
    /// Where Prometheus scrapes; nowhere when not set.
    pub metrics_bind: Option<SocketAddr>,
    pub http_workers: usize,
    pub frontend_dir: Option<PathBuf>,
    /// Address of the page; `tokens.issuer` when not set and the service serves the page.
    pub page_url: Option<String>,
    #[serde(deserialize_with = "lenient::list")]
    pub cors_origins: Vec<String>,
    #[serde(deserialize_with = "lenient::list")]
    pub trusted_proxies: Vec<String>,
    pub max_in_flight: usize,
    /// 5 in production, 0 in development when not set.
    pub drain_seconds: Option<u64>,
    /// Closed in production, open in development when not set.
    pub docs: Option<bool>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([127, 0, 0, 1], 8080)),
            metrics_bind: None,
            // The event loops only move bytes; the cores are for analysis.
            http_workers: 2,
            frontend_dir: None,
            page_url: None,
            cors_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            // Bodies of 10 MiB: at most 160 MiB of them are in memory.
            max_in_flight: 16,
            drain_seconds: None,
            docs: None,
        }
    }
}

/// How the page looks; what is not set keeps its default.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Page {
    #[serde(deserialize_with = "lenient::optional_text")]
    pub name: Option<String>,
    /// A picture file.
    pub logo: Option<PathBuf>,
    /// `#rrggbb`, on light surfaces.
    #[serde(deserialize_with = "lenient::optional_text")]
    pub accent_light: Option<String>,
    /// `#rrggbb`, on dark surfaces.
    #[serde(deserialize_with = "lenient::optional_text")]
    pub accent_dark: Option<String>,
}

/// Postgres.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `DATABASE_URL` is read when this is not set.
    pub url: Option<SecretString>,
    pub max_connections: u32,
    pub pooler: Pooler,
    pub acquire_timeout_ms: u64,
    /// How long a start waits for the database.
    pub startup_seconds: u64,
}

/// What stands between the service and Postgres.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pooler {
    /// Nothing, or a pooler in session mode.
    #[default]
    None,
    /// A pooler in transaction mode.
    Transaction,
}

impl Default for Database {
    fn default() -> Self {
        let timeout = StoreConfig::DEFAULT_ACQUIRE_TIMEOUT;
        Self {
            url: None,
            max_connections: StoreConfig::DEFAULT_MAX_CONNECTIONS,
            pooler: Pooler::None,
            // A database that recovers from a crash takes minutes.
            startup_seconds: 300,
            acquire_timeout_ms: timeout.as_millis().try_into().unwrap_or(u64::MAX),
        }
    }
}

/// Weights and workers.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Models {
    pub manifest: PathBuf,
    pub weights_dir: PathBuf,
    /// `ORT_DYLIB_PATH` is read when this is not set.
    pub onnx_runtime: Option<PathBuf>,
    /// `faceauth-clip` beside the running program when not set.
    pub clip_program: Option<PathBuf>,
    /// One a core when not set.
    pub workers: Option<usize>,
    pub session_threads: usize,
    pub queue: Option<usize>,
}

impl Default for Models {
    fn default() -> Self {
        Self {
            manifest: "models/manifest.toml".into(),
            weights_dir: "models/weights".into(),
            onnx_runtime: None,
            clip_program: None,
            workers: None,
            session_threads: WorkerSettings::SESSION_THREADS,
            queue: None,
        }
    }
}

/// Key files.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    pub dir: PathBuf,
    /// Environment variable that holds the seal keys, instead of the file.
    #[serde(deserialize_with = "lenient::optional_text")]
    pub template_seal_env: Option<String>,
    /// Command that prints the seal keys, instead of the file.
    pub template_seal_command: Option<Vec<String>>,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            dir: "/run/secrets/faceauth".into(),
            template_seal_env: None,
            template_seal_command: None,
        }
    }
}

/// Access and refresh tokens.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tokens {
    /// The address clients know the service by; required in production.
    #[serde(deserialize_with = "lenient::optional_text")]
    pub issuer: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub audience: String,
    pub access_minutes: u32,
    pub refresh_days: u32,
    pub session_days: u32,
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            issuer: None,
            audience: "faceauth".to_owned(),
            access_minutes: 15,
            refresh_days: 30,
            session_days: 90,
        }
    }
}

/// Who may sign in. Values that are not set follow the mode.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    #[serde(deserialize_with = "lenient::number")]
    pub target_fmr: f64,
    pub registration: Option<Registration>,
    pub passive_pad: Option<PassivePad>,
    pub require_liveness: Option<bool>,
    pub attestation: Attestation,
    /// By the prefix of an API key.
    pub attestation_by_key: BTreeMap<String, Attestation>,
}

/// What happens with the attestation of a capture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Attestation {
    /// Nothing.
    #[default]
    Off,
    /// It is checked and written down.
    Record,
    /// A capture without a good one is refused.
    Require,
}

impl Default for Policy {
    fn default() -> Self {
        // NIST SP 800-63B-4: a false match rate of at most 1 in 10,000.
        Self {
            target_fmr: 1e-4,
            registration: None,
            passive_pad: None,
            require_liveness: None,
            attestation: Attestation::Off,
            attestation_by_key: BTreeMap::new(),
        }
    }
}

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Registration {
    /// Anybody.
    Open,
    /// Whoever has an invitation, and services with an API key.
    Invite,
    /// Services with an API key.
    Service,
    /// Nobody.
    Closed,
}

/// What is asked for beside a face. Values that are not set follow the mode.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecondFactor {
    pub mode: Option<SecondFactorMode>,
    pub passkey_alone: Option<bool>,
    /// The domain that passkeys are made for; that of `tokens.issuer` when not set.
    #[serde(deserialize_with = "lenient::optional_text")]
    pub domain: Option<String>,
    /// Pages and apps that may ask for passkeys; `tokens.issuer` when not set.
    #[serde(deserialize_with = "lenient::list")]
    pub origins: Vec<String>,
}

/// When a face is not enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecondFactorMode {
    /// There are no passkeys.
    Off,
    /// Whoever has a passkey is asked for it.
    Offered,
    /// Everybody needs a passkey.
    Required,
}

/// OpenID Connect. Values that are not set follow the mode.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Oidc {
    pub enabled: Option<bool>,
    pub clients: Vec<OidcClient>,
}

/// A client of OpenID Connect.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcClient {
    #[serde(deserialize_with = "lenient::text")]
    pub client_id: String,
    #[serde(deserialize_with = "lenient::text")]
    pub name: String,
    #[serde(deserialize_with = "lenient::list")]
    pub redirect_uris: Vec<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub post_logout_redirect_uris: Vec<String>,
    /// `none`, `client_secret_basic` or `private_key_jwt`.
    pub authentication: String,
    /// File that holds the secret.
    pub secret_file: Option<PathBuf>,
    /// Public keys, a JWK set as JSON.
    pub jwks: Option<String>,
    #[serde(default)]
    pub first_party: bool,
    #[serde(default)]
    pub pairwise: bool,
    pub sector: Option<String>,
    pub audience: Option<String>,
    #[serde(default)]
    pub require_par: bool,
    #[serde(default)]
    pub offline_access: bool,
}

/// Apps whose captures count, by platform.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Apps {
    pub android: Option<AndroidApps>,
    pub apple: Option<AppleApps>,
}

/// Android apps.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AndroidApps {
    /// PEM file.
    pub roots: PathBuf,
    /// Google's status list, JSON.
    pub revoked: PathBuf,
    /// SHA-256 of signing certificates in hexadecimal, by the name of the package.
    pub signers: BTreeMap<String, Vec<String>>,
}

/// Apple's apps.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppleApps {
    /// PEM file.
    pub roots: PathBuf,
    /// The team, a dot and the bundle.
    pub app_ids: Vec<String>,
    #[serde(default)]
    pub environment: AppleEnvironment,
}

/// Where Apple's apps make their keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AppleEnvironment {
    /// Apps of the App Store.
    #[default]
    Production,
    /// Apps that run from Xcode.
    Development,
}

/// What a failing passive PAD score does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PassivePad {
    /// It is written down.
    Record,
    /// It refuses.
    Enforce,
}

/// Requests a minute from one client address.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    pub sign_in_per_minute: u32,
    pub detect_per_minute: u32,
    pub account_per_minute: u32,
    pub service_per_minute: u32,
    pub other_per_minute: u32,
    /// Longest wait for a worker.
    pub max_wait_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sign_in_per_minute: 5,
            detect_per_minute: 60,
            account_per_minute: 120,
            service_per_minute: 600,
            // Files of the page: 20 a second for everybody behind one address.
            other_per_minute: 1200,
            max_wait_ms: WorkerSettings::MAX_WAIT.as_millis().try_into().unwrap_or(u64::MAX),
        }
    }
}

/// Where to report a weakness (RFC 9116).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityTxt {
    #[serde(deserialize_with = "lenient::list")]
    pub contact: Vec<String>,
    pub expires: String,
    #[serde(default, deserialize_with = "lenient::list")]
    pub encryption: Vec<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub acknowledgments: Vec<String>,
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub preferred_languages: Option<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub canonical: Vec<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub policy: Vec<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub hiring: Vec<String>,
}

/// Who is told what happens to accounts.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Where events are posted; nowhere when not set.
    #[serde(deserialize_with = "lenient::optional_text")]
    pub url: Option<String>,
    /// File with a secret in each line; `webhook.secrets` beside the other keys when not set.
    pub secret_file: Option<PathBuf>,
    /// Secrets with commas between them, instead of the file.
    pub secrets: Option<SecretString>,
    /// Longest that a receiver may take for one event.
    pub timeout_seconds: u64,
}

impl Default for Webhooks {
    fn default() -> Self {
        // A receiver puts the event into a queue of its own and answers.
        Self { url: None, secret_file: None, secrets: None, timeout_seconds: 10 }
    }
}

/// How long things are kept.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// 0 means for ever.
    pub inactive_account_days: u32,
    pub attempt_days: u32,
    pub old_template_days: u32,
    /// 0 keeps none.
    pub enrolment_image_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            inactive_account_days: 3 * 365,
            attempt_days: 365,
            old_template_days: 90,
            enrolment_image_days: 0,
        }
    }
}

/// Logs.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// JSON in production, pretty in development when not set.
    pub format: Option<LogFormat>,
    /// The syntax of `RUST_LOG`.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: None, filter: "info,ort=warn".to_owned() }
    }
}

/// Traces.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tracing {
    /// The collector's address for traces, OTLP over HTTP. None are made when it is not set.
    #[serde(deserialize_with = "lenient::optional_text")]
    pub otlp_endpoint: Option<String>,
    /// The share of the traces that begin here.
    #[serde(deserialize_with = "lenient::number")]
    pub sample_ratio: f64,
}

impl Default for Tracing {
    fn default() -> Self {
        Self { otlp_endpoint: None, sample_ratio: 1.0 }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Pretty,
}

impl Config {
    /// Merges defaults, `file` and the environment.
    ///
    /// # Errors
    /// When the file is missing or a value has the wrong type or an unknown name.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let mut figment = Figment::new();
        if let Some(file) = file {
            anyhow::ensure!(file.is_file(), "there is no configuration file {}", file.display());
            figment = figment.merge(Toml::file_exact(file));
        }
        let mut config: Self = figment
            .merge(Env::prefixed("FACEAUTH__").split("__"))
            .extract()
            .context("the configuration is not valid")?;
        if config.database.url.is_none() {
            config.database.url = std::env::var("DATABASE_URL").ok().map(SecretString::from);
        }
        if config.models.onnx_runtime.is_none() {
            config.models.onnx_runtime = std::env::var_os("ORT_DYLIB_PATH").map(PathBuf::from);
        }
        Ok(config)
    }
}
