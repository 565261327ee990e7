//! `faceauth serve`.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use faceauth_api::Services;
use faceauth_store::Store;
use faceauth_store::seal::Sealer;
use faceauth_vision::pipeline::ModelSet;
use faceauth_vision::session::Runtime;
use faceauth_vision::worker::WorkerPool;

use crate::clock::SystemClock;
use crate::config::{Config, Mode};
use crate::keys::Keys;
use crate::{settings, telemetry};

/// Serves until it is told to stop (SIGINT or SIGTERM), finishing what it has begun.
///
/// # Errors
/// When the configuration, a key, a weight file or the port is not usable.
pub fn run(config: Option<&Path>) -> anyhow::Result<()> {
    let config = Config::load(config)?;
    let (format, filter) = settings::log(&config);
    telemetry::install(format, filter)?;

    // Everything that can be wrong is found before the port is taken.
    let keys = Keys::load(&config.keys, config.mode == Mode::Production)?;
    let models = settings::models(&config)?;
    let set = ModelSet::load(&models.manifest, &models.weights_dir)?;
    let policy = settings::policy(&config, &set.manifest)?;
    let store_config = settings::store(&config)?;
    let quality = policy.quality;
    let api = settings::api(&config, policy, keys.client_hash)?;
    let listener = TcpListener::bind(api.bind)
        .with_context(|| format!("cannot listen on {}: choose another server.bind", api.bind))?;

    let runtime = Runtime::load(&models.onnx_runtime)?;
    let pool = Arc::new(WorkerPool::start(&runtime, set, &models.clips, quality, models.workers)?);
    let bind = listener.local_addr()?;
    actix_web::rt::System::new().block_on(async move {
        let store = Store::connect(&store_config, Sealer::new(keys.seal)).await?;
        let services = Services {
            store,
            analyzer: Arc::clone(&pool) as _,
            clock: Arc::new(SystemClock),
            keys: keys.tokens,
        };
        let server = faceauth_api::serve(api, services, listener)?;
        let handle = server.handle();
        // Probes answer while the models load; a model that does not load ends the process.
        let loading = actix_web::rt::spawn(async move {
            let loaded = pool.loaded().await;
            match &loaded {
                Ok(()) => tracing::info!(%bind, "ready"),
                Err(_) => handle.stop(false).await,
            }
            loaded
        });
        server.await?;
        if loading.is_finished() {
            loading.await??;
        }
        tracing::info!("stopped");
        Ok(())
    })
}
