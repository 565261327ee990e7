//! `faceauth doctor`: what would stop the service, found one by one.

use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;
use faceauth_domain::quality::QualityPolicies;
use faceauth_store::Store;
use faceauth_store::seal::Sealer;
use faceauth_vision::manifest::Manifest;
use faceauth_vision::pipeline::{ModelSet, Pipeline};
use faceauth_vision::session::Runtime;

use crate::clock::SystemClock;
use crate::config::{Config, Mode};
use crate::keys::Keys;
use crate::settings;

/// Skew above which a clock gets a warning. Machines with NTP differ by milliseconds.
const TOLERABLE_SKEW: TimeDelta = TimeDelta::seconds(1);

/// Checks each part and prints a line for it.
///
/// # Errors
/// When any check fails; the lines say which.
pub fn run(config: Option<&Path>) -> anyhow::Result<()> {
    let config = Config::load(config)?;
    println!("ok    configuration ({:?})", config.mode);
    let mut failed = 0;
    let mut check = |what: &str, outcome: anyhow::Result<String>| match outcome {
        Ok(detail) => println!("ok    {what}: {detail}"),
        Err(error) => {
            failed += 1;
            println!("FAIL  {what}: {error:#}");
        }
    };
    check("keys", keys(&config));
    check("settings", http(&config));
    check("models", models(&config));
    check("clips", clips(&config));
    let reached = database(&config);
    let ahead = reached.as_ref().ok().copied().flatten();
    check("database", reached.map(|_| "reachable, writable, schema up to date".to_owned()));
    if let Some(ahead) = ahead {
        println!("{}", clocks(ahead));
    }
    anyhow::ensure!(failed == 0, "{failed} of the checks failed");
    Ok(())
}

fn keys(config: &Config) -> anyhow::Result<String> {
    Keys::load(&config.keys, config.mode == Mode::Production)?;
    Ok(config.keys.dir.display().to_string())
}

fn http(config: &Config) -> anyhow::Result<String> {
    let keys = Keys::load(&config.keys, config.mode == Mode::Production)?;
    let policy = settings::policy(config, &Manifest::load(&config.models.manifest)?)?;
    let api = settings::api(config, policy, keys.client_hash)?;
    Ok(format!("{} on {}", api.tokens.issuer, api.bind))
}

fn models(config: &Config) -> anyhow::Result<String> {
    let models = settings::models(config)?;
    let set = ModelSet::load(&models.manifest, &models.weights_dir)?;
    let policy = settings::policy(config, &set.manifest)?;
    let runtime = Runtime::load(&models.onnx_runtime)?;
    let pipeline = Pipeline::new(&runtime, &set, QualityPolicies::DEFAULT, 1)?;
    Ok(format!("{} at FMR {:e}", pipeline.model(), policy.matching.fmr))
}

fn clips(config: &Config) -> anyhow::Result<String> {
    let said = settings::models(config)?.clips.confinement()?;
    let named = |closed: bool| -> String {
        let those = said.iter().filter(|(_, is)| *is == closed);
        those.map(|(what, _)| what.as_str()).collect::<Vec<_>>().join(", ")
    };
    Ok(match (named(true), named(false)) {
        (closed, open) if open.is_empty() => format!("the decoder has no access to {closed}"),
        (closed, open) => {
            format!(
                "the decoder has no access to {closed}, but this kernel cannot take away {open}"
            )
        }
    })
}

/// How far the clock of this machine is ahead of the database's.
fn database(config: &Config) -> anyhow::Result<Option<TimeDelta>> {
    let store_config = settings::store(config)?;
    let keys = Keys::load(&config.keys, config.mode == Mode::Production)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::connect(&store_config, Sealer::new(keys.seal)).await?;
        store.ping().await?;
        anyhow::Ok(store.clock(Arc::new(SystemClock)).ahead())
    })
}

/// What to say of this machine's clock. It fails no check: the service follows the database's.
fn clocks(ahead: TimeDelta) -> String {
    let seconds = ahead.abs().as_seconds_f64();
    let side = if ahead > TimeDelta::zero() { "ahead of" } else { "behind" };
    if ahead.abs() > TOLERABLE_SKEW {
        format!(
            "warn  clock: this machine is {seconds:.1} s {side} the database. Sign-ins follow the \
             database's clock; logs, certificates and verifiers of tokens do not. Set both by NTP."
        )
    } else {
        format!("ok    clock: {seconds:.3} s {side} the database")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warns_of_clocks_that_differ() {
        for (ms, begins, says) in [
            (0, "ok", "0.000 s behind"),
            (1_000, "ok", "1.000 s ahead of"),
            (-999, "ok", "0.999 s behind"),
            (1_001, "warn", "1.0 s ahead of"),
            (-5_000, "warn", "5.0 s behind"),
        ] {
            let line = clocks(TimeDelta::milliseconds(ms));
            assert!(line.starts_with(begins) && line.contains(says), "{line}");
        }
    }
}
