//! The server: middleware in order, routes, the page, upkeep.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_cors::Cors;
use actix_files::Files;
use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::{Compress, Next, from_fn};
use actix_web::{App, Error, HttpRequest, HttpResponse, HttpServer, ResponseError, guard, web};
use faceauth_store::retention::Retention;
use utoipa_actix_web::AppExt;

use crate::endpoints::docs;
use crate::error::{ApiError, ErrorCode};
use crate::flow::audit;
use crate::limit::{self, ClientAddress, Limits};
use crate::routes::{self, AllowedMethods};
use crate::settings::{ApiSettings, Origin};
use crate::state::{AppState, Services};
use crate::{drain, headers, openapi};

/// How often expired rows are forgotten: the sealed face of a liveness token that nobody
/// redeems stays no longer than this past its minute.
const UPKEEP_EVERY: Duration = Duration::from_secs(60);
/// How often idle clients are forgotten: a window's worth of them at the most.
const FORGET_EVERY: Duration = Duration::from_secs(60);
/// How long requests in flight may take when the server is told to stop. Orchestrators
/// commonly kill after 30 seconds.
const SHUTDOWN_SECONDS: u64 = 20;
/// How long a client may take to send its request head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// How long browsers may keep a preflight's answer.
const PREFLIGHT_SECONDS: usize = 600;
/// Hashed file names never change their content.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// Other files of the page do.
const ASK_AGAIN: &str = "no-cache";

/// Serves on `listener` until it is stopped (SIGINT, SIGTERM or its handle).
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(
    mut settings: ApiSettings,
    services: Services,
    listener: TcpListener,
) -> std::io::Result<Server> {
    let limits = Limits::new(&settings);
    let clients = web::Data::new(ClientAddress::new(&settings.trusted_proxies));
    let state = web::Data::new(AppState::new(&mut settings, services));
    let document = openapi::document();
    let allowed = web::Data::new(AllowedMethods::new(&document));
    let document = web::Data::new(docs::Document(openapi::openapi_json()));
    upkeep(web::Data::clone(&state), limits.clone(), settings.retention);

    let settings = Arc::new(settings);
    let workers = settings.http_workers;
    let server = HttpServer::new(move || {
        let frontend = settings.frontend_dir.clone();
        App::new()
            .into_utoipa_app()
            .configure(routes::api)
            .split_for_parts()
            .0
            .app_data(web::Data::clone(&state))
            .app_data(web::Data::clone(&clients))
            .app_data(web::Data::clone(&allowed))
            .app_data(web::Data::clone(&document))
            .app_data(web::QueryConfig::default().error_handler(|_, _| {
                ApiError::new(ErrorCode::InvalidField).detail("The query cannot be read.").into()
            }))
            .service(docs::openapi_json)
            .service(docs::docs_redirect)
            .service(docs::interactive())
            .configure(|config| {
                if let Some(folder) = &frontend {
                    page(config, folder);
                }
            })
            .default_service(web::to(unknown))
            // The last one wrapped is the first to see a request.
            .wrap(from_fn(page_caching))
            .wrap(limits.clone())
            .wrap(from_fn(limit::describe))
            .wrap(from_fn(drain::drain_refused))
            .wrap(cors(&settings.cors_origins))
            .wrap(from_fn(headers::envelope))
            .wrap(Compress::default())
    });
    let server = server
        .workers(workers)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .client_request_timeout(HEAD_TIMEOUT)
        .listen(listener)?
        .run();
    Ok(server)
}

/// The built page. Only reads reach it, so that other methods on unknown paths are told
/// so by `unknown`.
fn page(config: &mut web::ServiceConfig, folder: &Path) {
    let files = Files::new("/", folder)
        .index_file("index.html")
        .guard(guard::Any(guard::Get()).or(guard::Head()))
        .default_handler(web::to(unknown));
    config.service(files);
}

/// Browsers keep hashed assets for good and ask again for the rest of the page.
async fn page_caching<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let caching = if request.path().starts_with("/assets/") { IMMUTABLE } else { ASK_AGAIN };
    let mut response = next.call(request).await?;
    // Only files have entity tags.
    let status = response.status();
    let file = response.headers().contains_key(header::ETAG);
    if file && (status.is_success() || status == StatusCode::NOT_MODIFIED) {
        let caching = header::HeaderValue::from_static(caching);
        response.headers_mut().insert(header::CACHE_CONTROL, caching);
    }
    Ok(response)
}

/// Answers what no route knows.
async fn unknown(request: HttpRequest) -> HttpResponse {
    let allowed = request
        .app_data::<web::Data<AllowedMethods>>()
        .and_then(|allowed| allowed.of(request.path()));
    match allowed {
        Some(methods) if !methods.split(", ").any(|m| m == request.method().as_str()) => {
            let mut answer = ApiError::new(ErrorCode::MethodNotAllowed).error_response();
            if let Ok(value) = header::HeaderValue::from_str(&methods) {
                answer.headers_mut().insert(header::ALLOW, value);
            }
            answer
        }
        _ => ApiError::new(ErrorCode::NotFound).error_response(),
    }
}

/// Exactly the configured origins; none means no browser of another origin.
fn cors(origins: &[Origin]) -> Cors {
    let cors = Cors::default()
        .allowed_methods([Method::GET, Method::POST, Method::DELETE])
        .allowed_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::HeaderName::from_static("idempotency-key"),
            headers::REQUEST_ID,
            header::HeaderName::from_static("traceparent"),
        ])
        .expose_headers([
            header::LOCATION,
            header::RETRY_AFTER,
            headers::REQUEST_ID,
            headers::API_VERSION,
            header::HeaderName::from_static("ratelimit"),
            header::HeaderName::from_static("ratelimit-policy"),
        ])
        .max_age(PREFLIGHT_SECONDS);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin.as_str()))
}

/// Forgets what is over: idle clients, expired rows, old events and accounts nobody uses,
/// every minute.
fn upkeep(state: web::Data<AppState>, limits: Limits, retention: Retention) {
    actix_web::rt::spawn(async move {
        loop {
            actix_web::rt::time::sleep(FORGET_EVERY).await;
            limits.forget_idle();
        }
    });
    actix_web::rt::spawn(async move {
        loop {
            actix_web::rt::time::sleep(UPKEEP_EVERY).await;
            match state.store.sweep(state.now()).await {
                Ok(0) => {}
                Ok(rows) => tracing::info!(rows, "swept expired rows"),
                Err(error) => tracing::warn!(cause = %error, "could not sweep expired rows"),
            }
            match state.store.retire(&retention, &state.policy.matching.model, state.now()).await {
                Ok(retired) => audit::announce_retired(&retired),
                Err(error) => tracing::warn!(cause = %error, "could not retire old rows"),
            }
        }
    });
}
