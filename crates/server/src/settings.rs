//! Configuration resolved to values that cannot be wrong, before anything is bound.
//!
//! What is not set follows the mode, and what would be unsafe in production stops here
//! with the setting's name.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use chrono::TimeDelta;
use faceauth_api::settings::{
    ApiSettings, LimitSettings, Origin, Registration, SecurityTxt, SecurityTxtFields,
    TokenSettings, TrustedProxy,
};
use faceauth_domain::clock::Clock;
use faceauth_domain::failures::FailurePolicy;
use faceauth_domain::liveness::policy::LivenessPolicy;
use faceauth_domain::policy::{PadMode, PadPolicy, Policy, PreviousModel, STRONG_MATCH_FMR};
use faceauth_domain::quality::QualityPolicies;
use faceauth_store::StoreConfig;
use faceauth_store::pooler::Pooler;
use faceauth_store::retire::Retention;
use faceauth_vision::clip::ClipDecoder;
use faceauth_vision::manifest::Manifest;
use faceauth_vision::worker::WorkerSettings;
use secrecy::SecretBox;

mod attestation;
mod oidc;
mod page;
mod second_factor;
mod webhooks;

pub use webhooks::webhooks;

use crate::clock::SystemClock;
use crate::config::{self, Config, LogFormat, Mode};
use crate::traces::TraceSettings;

/// Loosest false match rate a production deployment may ask for; NIST SP 800-63B-4 asks
/// for 1e-4, and a rate ten times that is the most one could defend.
const MAX_PRODUCTION_FMR: f64 = 1e-3;

/// What `limits.max_wait_ms` may be. The watch of the queue looks every 200 ms, and a client does
/// not wait for half a minute.
const MAX_WAIT_MS: std::ops::RangeInclusive<u64> = 100..=30_000;

/// Default of `server.drain_seconds` in production. The proxies in `deploy/` ask every 2 s, and
/// HAProxy drops a replica after two failures, so two checks and one second to act. With the 20 s
/// that requests in flight have, it stays below the 30 s after which supervisors kill.
const DRAIN_SECONDS: u64 = 5;

/// Longest wait for the database at start-up: a supervisor should hear of it within a day.
const MAX_STARTUP_SECONDS: u64 = 86_400;

/// Longest drain. A balancer that needs more than minutes to notice is not asking.
const MAX_DRAIN_SECONDS: u64 = 300;

/// Where the weights and the runtime are, and how many threads use them.
pub struct ModelSettings {
    /// The manifest.
    pub manifest: PathBuf,
    /// Folder of the weight files.
    pub weights_dir: PathBuf,
    /// ONNX Runtime's shared library.
    pub onnx_runtime: PathBuf,
    /// The program that decodes clips.
    pub clips: ClipDecoder,
    /// Threads and queue.
    pub workers: WorkerSettings,
}

/// How the process logs.
pub fn log(config: &Config) -> (LogFormat, &str) {
    let by_mode = match config.mode {
        Mode::Production => LogFormat::Json,
        Mode::Development => LogFormat::Pretty,
    };
    (config.log.format.unwrap_or(by_mode), &config.log.filter)
}

/// How long the service goes on after SIGTERM, while balancers learn that it stops.
///
/// # Errors
/// When it is too long.
pub fn drain(config: &Config) -> anyhow::Result<Duration> {
    let by_mode = match config.mode {
        Mode::Production => DRAIN_SECONDS,
        Mode::Development => 0,
    };
    let seconds = config.server.drain_seconds.unwrap_or(by_mode);
    ensure!(
        seconds <= MAX_DRAIN_SECONDS,
        "server.drain_seconds is at most {MAX_DRAIN_SECONDS}: supervisors do not wait longer"
    );
    Ok(Duration::from_secs(seconds))
}

/// Where traces go; `None` when nobody asked for them.
///
/// # Errors
/// When the address or the share is not usable.
pub fn traces(config: &Config) -> anyhow::Result<Option<TraceSettings>> {
    let config::Tracing { otlp_endpoint, sample_ratio } = &config.tracing;
    ensure!(
        (0.0..=1.0).contains(sample_ratio),
        "tracing.sample_ratio lies between 0 and 1: the share of traces to record"
    );
    let Some(endpoint) = otlp_endpoint else { return Ok(None) };
    ensure!(
        endpoint.starts_with("http://"),
        "tracing.otlp_endpoint is an http:// address: of a collector on this machine or in its \
         private network, which encrypts what leaves it"
    );
    Ok(Some(TraceSettings { endpoint: endpoint.clone(), sample_ratio: *sample_ratio }))
}

/// Where Prometheus scrapes.
///
/// # Errors
/// When it is the public port.
pub fn metrics_bind(config: &Config) -> anyhow::Result<Option<SocketAddr>> {
    let config::Server { bind, metrics_bind, .. } = &config.server;
    if let Some(metrics) = metrics_bind {
        ensure!(
            metrics.port() == 0 || metrics.port() != bind.port(),
            "server.metrics_bind has a port of its own: the public one never serves metrics"
        );
    }
    Ok(*metrics_bind)
}

/// How long a start waits for the database.
///
/// # Errors
/// When it is no time at all, or too long.
pub fn startup(config: &Config) -> anyhow::Result<Duration> {
    let seconds = config.database.startup_seconds;
    ensure!(
        (1..=MAX_STARTUP_SECONDS).contains(&seconds),
        "database.startup_seconds lies between 1 and {MAX_STARTUP_SECONDS}"
    );
    Ok(Duration::from_secs(seconds))
}

/// The database.
///
/// # Errors
/// When there is no URL.
pub fn store(config: &Config) -> anyhow::Result<StoreConfig> {
    let url = config.database.url.clone().context("set DATABASE_URL or database.url")?;
    Ok(StoreConfig {
        url,
        max_connections: config.database.max_connections.max(1),
        acquire_timeout: Duration::from_millis(config.database.acquire_timeout_ms),
        outbox: config.webhooks.url.is_some(),
        pooler: match config.database.pooler {
            config::Pooler::None => Pooler::None,
            config::Pooler::Transaction => Pooler::Transaction,
        },
    })
}

/// Weights, runtime and threads.
///
/// # Errors
/// When the runtime is not named or threads would outnumber the cores in production.
pub fn models(config: &Config) -> anyhow::Result<ModelSettings> {
    let models = &config.models;
    let onnx_runtime = models
        .onnx_runtime
        .clone()
        .context("set ORT_DYLIB_PATH or models.onnx_runtime to libonnxruntime.so")?;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let defaults = WorkerSettings::for_cores(cores / models.session_threads.max(1));
    let workers = WorkerSettings {
        workers: models.workers.unwrap_or(defaults.workers),
        session_threads: models.session_threads.max(1),
        queue: models.queue.unwrap_or(defaults.queue),
        max_wait: Duration::from_millis(config.limits.max_wait_ms),
    };
    ensure!(
        MAX_WAIT_MS.contains(&config.limits.max_wait_ms),
        "limits.max_wait_ms lies between {} and {}",
        MAX_WAIT_MS.start(),
        MAX_WAIT_MS.end()
    );
    ensure!(workers.workers >= 1, "models.workers is at least 1");
    if workers.workers * workers.session_threads > cores {
        tracing::warn!(
            cores,
            ?workers,
            "more analysis threads than cores: each sign-in slows down"
        );
    }
    Ok(ModelSettings {
        manifest: models.manifest.clone(),
        weights_dir: models.weights_dir.clone(),
        onnx_runtime,
        clips: match &models.clip_program {
            Some(program) => ClipDecoder::new(program.clone())?,
            None => ClipDecoder::installed()?,
        },
        workers,
    })
}

/// What sign-ins are decided by.
///
/// # Errors
/// When the manifest has no threshold for the rate asked for, or production would be unsafe.
pub fn policy(config: &Config, manifest: &Manifest) -> anyhow::Result<Policy> {
    let production = config.mode == Mode::Production;
    let target_fmr = config.policy.target_fmr;
    if production {
        ensure!(
            target_fmr <= MAX_PRODUCTION_FMR,
            "policy.target_fmr = {target_fmr:e} lets too many strangers in: at most \
             {MAX_PRODUCTION_FMR:e} in production"
        );
    }
    let matching = manifest.match_policy(target_fmr).with_context(|| {
        let measured: Vec<String> =
            manifest.embedding.thresholds.iter().map(|t| format!("{:e}", t.fmr)).collect();
        format!(
            "policy.target_fmr = {target_fmr:e} has no measured threshold; the manifest has {}",
            measured.join(", ")
        )
    })?;
    let previous = match &manifest.previous_embedding {
        Some(model) => Some(PreviousModel {
            matching: model.match_policy(target_fmr).with_context(|| {
                format!(
                    "previous_embedding has no threshold for policy.target_fmr = {target_fmr:e}"
                )
            })?,
            strong: model
                .match_policy(STRONG_MATCH_FMR)
                .with_context(|| {
                    format!("previous_embedding has no threshold for {STRONG_MATCH_FMR:e}")
                })?
                .threshold,
        }),
        None => None,
    };
    let mode = match config.policy.passive_pad {
        Some(config::PassivePad::Record) if production => {
            bail!("policy.passive_pad = \"record\" accepts prints and screens: not in production")
        }
        Some(config::PassivePad::Record) => PadMode::Record,
        Some(config::PassivePad::Enforce) => PadMode::Enforce,
        None if production => PadMode::Enforce,
        None => PadMode::Record,
    };
    let require_liveness = config.policy.require_liveness.unwrap_or(production);
    if production && !require_liveness {
        tracing::warn!("policy.require_liveness = false: a picture alone signs in");
    }
    Ok(Policy {
        matching,
        previous,
        pad: PadPolicy { mode, threshold: manifest.pad.threshold },
        quality: QualityPolicies::DEFAULT,
        liveness: LivenessPolicy::DEFAULT,
        failures: FailurePolicy::DEFAULT,
        require_liveness,
    })
}

/// HTTP, tokens and limits.
///
/// # Errors
/// When an origin, a network or the issuer is malformed or missing.
pub fn api(
    config: &Config,
    policy: Policy,
    client_hash_key: SecretBox<[u8; 32]>,
) -> anyhow::Result<ApiSettings> {
    let production = config.mode == Mode::Production;
    let server = &config.server;
    let cors_origins: Vec<Origin> = listed("server.cors_origins", &server.cors_origins)?;
    let trusted_proxies: Vec<TrustedProxy> =
        listed("server.trusted_proxies", &server.trusted_proxies)?;
    if production {
        doors(&cors_origins, &trusted_proxies)?;
    }
    if let Some(dir) = &server.frontend_dir {
        let index = dir.join("index.html");
        ensure!(index.is_file(), "server.frontend_dir has no index.html: {}", dir.display());
    }
    let registration = match config.policy.registration {
        Some(config::Registration::Open) => Registration::Open,
        Some(config::Registration::Invite) => Registration::Invite,
        Some(config::Registration::Service) => Registration::Service,
        Some(config::Registration::Closed) => Registration::Closed,
        None if production => Registration::Closed,
        None => Registration::Open,
    };
    ensure!(server.max_in_flight >= 1, "server.max_in_flight is at least 1");
    let tokens = tokens(config)?;
    Ok(ApiSettings {
        bind: server.bind,
        http_workers: server.http_workers.max(1),
        cors_origins,
        trusted_proxies,
        limits: LimitSettings {
            sign_in_per_minute: positive("sign_in_per_minute", config.limits.sign_in_per_minute)?,
            detect_per_minute: positive("detect_per_minute", config.limits.detect_per_minute)?,
            account_per_minute: positive("account_per_minute", config.limits.account_per_minute)?,
            service_per_minute: positive("service_per_minute", config.limits.service_per_minute)?,
            other_per_minute: positive("other_per_minute", config.limits.other_per_minute)?,
        },
        registration,
        page_url: page_url(config)?,
        page_look: page::look(&config.page)?,
        policy,
        attestation: attestation::rules(config)?,
        second_factor: second_factor::rules(config)?,
        oidc: oidc::rules(config, &tokens)?,
        tokens,
        retention: retention(config)?,
        frontend_dir: server.frontend_dir.clone(),
        docs: server.docs.unwrap_or(!production),
        security_txt: config.security_txt.as_ref().map(security_txt).transpose()?,
        max_in_flight: server.max_in_flight,
        client_hash_key,
    })
}

/// Address of the page, for links of invitations: `server.page_url`, or the issuer where the service
/// serves the page itself.
///
/// # Errors
/// When it is malformed, or others could read what goes to it.
pub fn page_url(config: &Config) -> anyhow::Result<Option<String>> {
    let Some(page) = &config.server.page_url else {
        return match config.server.frontend_dir {
            Some(_) => tokens(config).map(|tokens| Some(tokens.issuer)),
            None => Ok(None),
        };
    };
    let uri: http::Uri = page.parse().with_context(|| format!("server.page_url: {page}"))?;
    let http = config.mode == Mode::Development && uri.scheme_str() == Some("http");
    ensure!(
        uri.scheme_str() == Some("https") || http,
        "server.page_url is an https:// address: a link carries a secret"
    );
    ensure!(uri.query().is_none() && !page.contains('#'), "server.page_url has no ? and no #");
    Ok(Some(page.clone()))
}

/// Parses every text of a list.
fn listed<T: FromStr<Err: std::fmt::Display>>(
    setting: &'static str,
    texts: &[String],
) -> anyhow::Result<Vec<T>> {
    texts
        .iter()
        .map(|text| text.parse().map_err(|error| anyhow::anyhow!("{text}: {error}")))
        .collect::<anyhow::Result<_>>()
        .context(setting)
}

/// Refuses proxies and origins that a production deployment must not have.
fn doors(origins: &[Origin], proxies: &[TrustedProxy]) -> anyhow::Result<()> {
    if let Some(origin) = origins.iter().find(|origin| !origin.is_trustworthy()) {
        bail!(
            "server.cors_origins: anybody on the way can change the page at {}: https:// in \
             production, http:// on localhost alone",
            origin.as_str()
        );
    }
    if let Some(proxy) = proxies.iter().find(|proxy| proxy.is_too_wide()) {
        bail!(
            "server.trusted_proxies: {proxy} takes in strangers, who would choose the address \
             that they are counted under: name the proxies' own network"
        );
    }
    Ok(())
}

fn security_txt(config: &config::SecurityTxt) -> anyhow::Result<SecurityTxt> {
    let file = SecurityTxt::new(&SecurityTxtFields {
        contact: config.contact.clone(),
        expires: config.expires.clone(),
        encryption: config.encryption.clone(),
        acknowledgments: config.acknowledgments.clone(),
        preferred_languages: config.preferred_languages.clone(),
        canonical: config.canonical.clone(),
        policy: config.policy.clone(),
        hiring: config.hiring.clone(),
    })
    .context("security_txt")?;
    if file.expires() <= SystemClock.now() {
        tracing::warn!("security_txt.expires has passed: the file is not served");
    }
    Ok(file)
}

fn retention(config: &Config) -> anyhow::Result<Retention> {
    let config::Retention {
        inactive_account_days,
        attempt_days,
        old_template_days,
        enrolment_image_days,
    } = config.retention;
    ensure!((1..=3650).contains(&attempt_days), "retention.attempt_days lies between 1 and 3650");
    ensure!(inactive_account_days <= 36_500, "retention.inactive_account_days is at most 36500");
    ensure!(enrolment_image_days <= 3650, "retention.enrolment_image_days is at most 3650");
    let days = |days: u32| TimeDelta::days(i64::from(days));
    Ok(Retention {
        inactive_account: (inactive_account_days > 0).then(|| days(inactive_account_days)),
        attempt: days(attempt_days),
        old_template: days(old_template_days),
        enrolment_image: (enrolment_image_days > 0).then(|| days(enrolment_image_days)),
    })
}

fn tokens(config: &Config) -> anyhow::Result<TokenSettings> {
    let tokens = &config.tokens;
    let issuer = match (&tokens.issuer, config.mode) {
        (Some(issuer), Mode::Development) => issuer.clone(),
        (Some(issuer), Mode::Production) => {
            ensure!(issuer.starts_with("https://"), "tokens.issuer is an https:// address");
            issuer.clone()
        }
        (None, Mode::Development) => format!("http://{}", config.server.bind),
        (None, Mode::Production) => bail!("set tokens.issuer to the address clients know"),
    };
    ensure!(!tokens.audience.is_empty(), "tokens.audience is not empty");
    ensure!(
        (1..=60).contains(&tokens.access_minutes),
        "tokens.access_minutes lies between 1 and 60: access tokens cannot be taken back"
    );
    ensure!((1..=365).contains(&tokens.refresh_days), "tokens.refresh_days lies between 1 and 365");
    ensure!(
        (tokens.refresh_days..=3650).contains(&tokens.session_days),
        "tokens.session_days lies between refresh_days and 3650"
    );
    Ok(TokenSettings {
        issuer,
        audience: tokens.audience.clone(),
        access_ttl: Duration::from_secs(60 * u64::from(tokens.access_minutes)),
        refresh_ttl: Duration::from_secs(24 * 3600 * u64::from(tokens.refresh_days)),
        session_ttl: Duration::from_secs(24 * 3600 * u64::from(tokens.session_days)),
    })
}

fn positive(name: &str, value: u32) -> anyhow::Result<std::num::NonZeroU32> {
    std::num::NonZeroU32::new(value).with_context(|| format!("limits.{name} is at least 1"))
}
