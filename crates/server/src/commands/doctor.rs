//! `faceauth doctor`: what would stop the service or make it worse, and what to do about it.

mod database;
mod finding;
mod machine;
mod modes;
mod proxies;
mod webhooks;

use std::path::Path;

use faceauth_domain::quality::QualityPolicies;
use faceauth_vision::manifest::Manifest;
use faceauth_vision::pipeline::{ModelSet, Pipeline};
use faceauth_vision::session::Runtime;

use crate::config::{Config, Mode};
use crate::keys::Keys;
use crate::settings;
use finding::Finding;

/// Checks each part and prints a line for it, and a second one where something is to be done.
///
/// # Errors
/// When any check fails; the lines say which.
pub fn run(file: Option<&Path>) -> anyhow::Result<()> {
    let config = match Config::load(file) {
        Ok(config) => config,
        Err(error) => {
            let fix = "correct the setting that is named. deploy/config.example.toml has them all.";
            println!("{}", Finding::bad("configuration", &error, Some(fix)));
            anyhow::bail!("nothing else was checked");
        }
    };
    let mut failed = 0;
    let mut print = |finding: Finding| {
        println!("{finding}");
        failed += usize::from(finding.is_bad());
    };
    print(Finding::good("configuration", format!("{:?}", config.mode)));
    modes::check(file, &config).into_iter().for_each(&mut print);
    print(Finding::of("keys", keys(&config), None));
    print(Finding::of("settings", http(&config), None));
    print(proxies::check(&config));
    print(webhooks::check(&config));
    machine::check(&config).into_iter().for_each(&mut print);
    print(Finding::of("models", models(&config), Some(MODELS)));
    print(Finding::of("clips", clips(&config), Some(CLIPS)));
    database::check(&config).into_iter().for_each(&mut print);
    anyhow::ensure!(failed == 0, "{failed} of the checks failed");
    Ok(())
}

/// What to do when models do not load.
const MODELS: &str = "fetch the weights again (`./dev setup`, or the image of this release), and \
                      set `ORT_DYLIB_PATH` to the ONNX Runtime that docs/models.md names.";

/// What to do when clips cannot be decoded.
const CLIPS: &str = "put `faceauth-clip` beside `faceauth`, or name it in `models.clip_program`.";

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
    let (model, fmr) = (pipeline.model(), policy.matching.fmr);
    // The name of the file itself says which version it is.
    let library = models.onnx_runtime.canonicalize()?;
    Ok(format!("{model} at FMR {fmr:e}, with {}", library.display()))
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
