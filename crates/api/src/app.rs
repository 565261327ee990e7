//! The server: middleware in order.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, web};

use crate::connections::{self, HEAD_TIMEOUT};
use crate::cross_origin::CrossOrigin;
use crate::endpoints::docs::Documentation;
use crate::endpoints::login_page::PageFolder;
use crate::endpoints::readyz::LastAnswer;
use crate::error::{ApiError, ErrorCode};
use crate::limit::{ClientAddress, Limit, Limits};
use crate::services::{Capacity, Services};
use crate::settings::ApiSettings;
use crate::{deliver, discard, drain, headers, openapi, page, router, routes, upkeep};

/// How long requests in flight may take after the server was told to stop. Orchestrators
/// commonly kill 30 seconds after their signal, and the drain before this takes 5.
const SHUTDOWN_SECONDS: u64 = 20;

/// Serves on `listener` until it is stopped by its handle. Signals are the caller's.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(
    mut settings: ApiSettings,
    mut services: Services,
    listener: TcpListener,
) -> std::io::Result<Server> {
    let limits = Limits::new(&settings);
    let clients = web::Data::new(ClientAddress::new(&settings.trusted_proxies));
    let capacity = web::Data::new(Capacity::new(&settings));
    let drain = web::Data::new(services.drain.clone());
    let receiver = services.receiver.take();
    let context = web::Data::new(services.context(&mut settings));
    let documentation = web::Data::new(Documentation::new(openapi::openapi_json(), settings.docs));
    let last_answer = web::Data::new(LastAnswer::default());
    let security_txt = web::Data::new(settings.security_txt.take());
    let page_folder = web::Data::new(PageFolder(settings.frontend_dir.clone()));
    let page_look = web::Data::new(std::mem::take(&mut settings.page_look));
    upkeep::spawn(web::Data::clone(&context), limits.clone(), settings.retention);
    if let Some(receiver) = receiver {
        deliver::spawn(web::Data::clone(&context), receiver, drain.get_ref().clone());
    }

    let settings = Arc::new(settings);
    let workers = settings.http_workers;
    let server = HttpServer::new(move || {
        let table = routes::table();
        let cross_origin = CrossOrigin::new(settings.cors_origins.clone(), router::methods(&table));
        let anything_else = match &settings.frontend_dir {
            Some(folder) => page::route(folder),
            None => web::to(router::unknown),
        };
        App::new()
            .app_data(web::Data::clone(&context))
            .app_data(web::Data::clone(&capacity))
            .app_data(web::Data::clone(&clients))
            .app_data(web::Data::clone(&documentation))
            .app_data(web::Data::clone(&security_txt))
            .app_data(web::Data::clone(&page_folder))
            .app_data(web::Data::clone(&page_look))
            .app_data(web::Data::clone(&last_answer))
            .app_data(web::Data::clone(&drain))
            .app_data(web::QueryConfig::default().error_handler(|_, _| {
                ApiError::new(ErrorCode::InvalidField).detail("The query cannot be read.").into()
            }))
            .configure(|config| router::register(config, &table, &limits, &cross_origin))
            .default_service(
                limits.around(Limit::Other, None, anything_else).wrap(cross_origin.listed()),
            )
            // The last one wrapped is the first to see a request.
            .wrap(from_fn(drain::close_connections))
            .wrap(from_fn(headers::envelope))
            .wrap(Compress::default())
            .wrap(from_fn(headers::acceptable))
            .wrap(from_fn(discard::hold_body))
    });
    connections::end_unread(&listener)?;
    let server = server
        .workers(workers)
        .disable_signals()
        // A client that goes away is not worked for: its handler is dropped.
        .h1_allow_half_closed(false)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .client_request_timeout(HEAD_TIMEOUT)
        .client_disconnect_timeout(discard::LINGER)
        .listen(listener)?
        .run();
    Ok(server)
}
