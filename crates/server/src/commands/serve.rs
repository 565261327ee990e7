//! `faceauth serve`.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use anyhow::Context;
use faceauth_api::{Drain, EventReceiver, Services};
use faceauth_store::Store;
use faceauth_store::seal::Sealer;
use faceauth_vision::clip::ClipDecoder;
use faceauth_vision::pipeline::ModelSet;
use faceauth_vision::session::Runtime;
use faceauth_vision::worker::WorkerPool;
use rustix::process::{Signal, getpid, kill_process};

mod reach;
mod signals;

use self::signals::Signals;
use crate::clock::SystemClock;
use crate::config::{Config, Mode};
use crate::exposition::{self, Exposition};
use crate::keys::Keys;
use crate::lines::Lost;
use crate::webhooks::Webhooks;
use crate::{settings, telemetry};

/// How long the process may take to exit once a thread hangs and everything else has ended.
const EXIT_WITHIN: Duration = Duration::from_secs(3);

/// Serves until a signal stops it ([`signals`]), and finishes the requests that have begun.
///
/// # Errors
/// When the configuration, a key, a weight file or the port is not usable, when the models do not
/// load, and when an analysis worker hangs.
pub fn run(config: Option<&Path>) -> anyhow::Result<()> {
    let config = Config::load(config)?;
    let (format, filter) = settings::log(&config);
    // Held to the end, when it sends the last lines and traces.
    let telemetry = telemetry::install(format, filter, settings::traces(&config)?.as_ref())?;
    let metrics_bind = settings::metrics_bind(&config)?;
    let exposition = metrics_bind.map(|_| Exposition::install()).transpose()?;

    // Everything that can be wrong is found before the port is taken.
    let keys = Keys::load(&config.keys, config.mode == Mode::Production)?;
    let models = settings::models(&config)?;
    let set = ModelSet::load(&models.manifest, &models.weights_dir)?;
    let policy = settings::policy(&config, &set.manifest)?;
    let store_config = settings::store(&config)?;
    let quality = policy.quality;
    let api = settings::api(&config, policy, keys.client_hash)?;
    let drain_for = settings::drain(&config)?;
    let patience = settings::startup(&config)?;
    let receiver = match settings::webhooks(&config)? {
        Some(webhooks) => Some(Arc::new(Webhooks::new(webhooks)?) as Arc<dyn EventReceiver>),
        None => None,
    };
    let listener = TcpListener::bind(api.bind)
        .with_context(|| format!("cannot listen on {}: choose another server.bind", api.bind))?;

    let scraped = metrics_bind.map(scraped_on).transpose()?;
    if let Some(exposition) = &exposition {
        exposition.say_keys(&config.keys);
        exposition.say_weights(&set.manifest, &models.weights_dir);
        exposition.say_setup(models.workers.workers, store_config.max_connections);
    }

    say_what_clips_may_do(&models.clips);
    let runtime = Runtime::load(&models.onnx_runtime)?;
    let pool = Arc::new(WorkerPool::start(&runtime, set, &models.clips, quality, models.workers)?);
    let bind = listener.local_addr()?;
    let served = actix_web::rt::System::new().block_on(async {
        let signals = Signals::take().context("cannot listen to signals")?;
        let drain = Drain::default();
        let store = Store::connect(&store_config, Sealer::new(keys.seal)).await?;
        let scrapes = exposition
            .zip(scraped)
            .map(|(exposition, listener)| {
                measure(exposition, listener, store.clone(), telemetry.lost_lines())
            })
            .transpose()?;
        let reached = store.clone();
        let services = Services {
            clock: Arc::new(store.clock(Arc::new(SystemClock))),
            store,
            analyzer: Arc::clone(&pool) as _,
            keys: keys.tokens,
            drain: drain.clone(),
            receiver,
        };
        let server = faceauth_api::serve(api, services, listener)?;
        let reached = actix_web::rt::spawn(reach::database(reached, patience, server.handle()));
        actix_web::rt::spawn(watch(Arc::clone(&pool), bind, server.handle()));
        actix_web::rt::spawn(signals.obey(drain, drain_for, server.handle()));
        let served = server.await;
        if let Some(scrapes) = scrapes {
            scrapes.stop(false).await;
        }
        served?;
        // It has ended the server, or found the database long ago.
        if reached.is_finished() { reached.await? } else { Ok(()) }
    });
    // A worker that hangs cannot be ended. The exit status tells the supervisor of this process.
    let ended = pool.close();
    if ended.is_err() {
        end_for_certain();
    }
    served?;
    ended.context("analysis ended the service")?;
    tracing::info!("stopped");
    Ok(())
}

/// Takes the address for Prometheus.
fn scraped_on(bind: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(bind)
        .with_context(|| format!("cannot listen on {bind}: choose another server.metrics_bind"))?;
    tracing::info!(bind = %listener.local_addr()?, "metrics");
    Ok(listener)
}

/// Serves metrics on an address of their own, and keeps their memory bounded.
fn measure(
    exposition: Exposition,
    listener: TcpListener,
    store: Store,
    lost_lines: Lost,
) -> std::io::Result<ServerHandle> {
    let upkeep = exposition.clone();
    actix_web::rt::spawn(async move {
        loop {
            actix_web::rt::time::sleep(exposition::UPKEEP_EVERY).await;
            upkeep.upkeep();
        }
    });
    let server =
        faceauth_api::serve_metrics(listener, move || exposition.render(&store, &lost_lines))?;
    let handle = server.handle();
    actix_web::rt::spawn(server);
    Ok(handle)
}

/// Logs what the kernel lets the decoder of clips give up. What it cannot is no reason not to serve:
/// the limits on memory and time need no such kernel.
fn say_what_clips_may_do(clips: &ClipDecoder) {
    match clips.confinement() {
        Ok(said) => {
            let open: Vec<&str> =
                said.iter().filter(|(_, closed)| !closed).map(|(what, _)| what.as_str()).collect();
            if open.is_empty() {
                tracing::info!("the decoder of clips is confined");
            } else {
                let open = open.join(", ");
                tracing::warn!(open, "the kernel cannot confine the decoder of clips wholly");
            }
        }
        Err(error) => {
            tracing::warn!(%error, "cannot find out how the decoder of clips is confined")
        }
    }
}

/// Probes answer while the models load. Models that do not load and workers that hang end the
/// service, so that it is started again.
async fn watch(pool: Arc<WorkerPool>, bind: SocketAddr, server: ServerHandle) {
    if pool.loaded().await.is_ok() {
        tracing::info!(%bind, "ready");
    }
    let error = pool.failed().await;
    tracing::error!(%error, "analysis has failed; stopping");
    server.stop(true).await;
}

/// Ends the process should its end be held up: what runs at exit may wait for a thread that hangs
/// in native code.
fn end_for_certain() {
    std::thread::spawn(|| {
        std::thread::sleep(EXIT_WITHIN);
        // No core file, which would hold faces.
        let _ = kill_process(getpid(), Signal::KILL);
    });
}
