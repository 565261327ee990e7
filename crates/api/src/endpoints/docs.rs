//! `GET /openapi.json` and the interactive documentation at `/docs`.

use actix_web::http::header;
use actix_web::{HttpResponse, Responder, get, web};
use utoipa_swagger_ui::SwaggerUi;

/// The document, as served.
pub(crate) struct Document(pub String);

/// The document.
#[get("/openapi.json")]
pub(crate) async fn openapi_json(document: web::Data<Document>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(document.0.clone())
}

/// `/docs` without its slash, which the page's relative addresses need.
#[get("/docs")]
pub(crate) async fn docs_redirect() -> impl Responder {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}

/// Swagger UI; its files are in the binary, so that it works offline.
pub(crate) fn interactive() -> SwaggerUi {
    SwaggerUi::new("/docs/{_:.*}")
        .config(utoipa_swagger_ui::Config::from("/openapi.json").try_it_out_enabled(true))
}
