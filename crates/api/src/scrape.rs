//! The address for Prometheus: a small server of its own, so that the public port never serves
//! metrics.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::middleware::from_fn;
use actix_web::{App, HttpResponse, HttpServer, web};

use crate::connections::{self, HEAD_TIMEOUT};
use crate::discard::hold_body;

/// The text format of Prometheus.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// Scrapes at once. A monitoring system has one connection, or a few.
const MAX_CONNECTIONS: usize = 16;

/// Serves what `render` writes at `/metrics` on `listener`, until the server's handle stops it.
/// Signals are left to the public server, which finishes its requests first.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve_metrics(
    listener: TcpListener,
    render: impl Fn() -> String + Send + Sync + 'static,
) -> std::io::Result<Server> {
    let render = Arc::new(render);
    let server = HttpServer::new(move || {
        let render = Arc::clone(&render);
        let scrape = move || {
            let text = render();
            async move {
                HttpResponse::Ok()
                    .insert_header((CONTENT_TYPE, TEXT_FORMAT))
                    .insert_header((CACHE_CONTROL, "no-store"))
                    .body(text)
            }
        };
        App::new().route("/metrics", web::get().to(scrape)).wrap(from_fn(hold_body))
    });
    connections::end_unread(&listener)?;
    let server = server
        .workers(1)
        .max_connections(MAX_CONNECTIONS)
        .client_request_timeout(HEAD_TIMEOUT)
        .disable_signals()
        .listen(listener)?
        .run();
    Ok(server)
}
