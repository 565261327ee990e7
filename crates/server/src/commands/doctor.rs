//! `faceauth doctor`: what would stop the service, found one by one.

use std::path::Path;

use faceauth_domain::quality::QualityPolicies;
use faceauth_store::Store;
use faceauth_store::seal::Sealer;
use faceauth_vision::manifest::Manifest;
use faceauth_vision::pipeline::{ModelSet, Pipeline};
use faceauth_vision::session::Runtime;

use crate::config::{Config, Mode};
use crate::keys::Keys;
use crate::settings;

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
    check("database", database(&config));
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
        (closed, open) if open.is_empty() => format!("the decoder has none of {closed}"),
        (closed, open) => {
            format!("the decoder has none of {closed}, but this kernel leaves it {open}")
        }
    })
}

fn database(config: &Config) -> anyhow::Result<String> {
    let store_config = settings::store(config)?;
    let keys = Keys::load(&config.keys, config.mode == Mode::Production)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::connect(&store_config, Sealer::new(keys.seal)).await?;
        store.ping().await?;
        anyhow::Ok(())
    })?;
    Ok("reachable, schema up to date".to_owned())
}
