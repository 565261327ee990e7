//! `GET /openapi.json` and the interactive documentation at `/docs`.
//!
//! The document is the same in every deployment of a version and says nothing of this one, so it
//! is always served. Swagger UI is code with a looser content policy on the address where people
//! sign in: it is served only where the operator wants it.

use std::sync::Arc;

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError, web};
use utoipa_swagger_ui::Config;

use crate::error::{ApiError, ErrorCode};

/// Where the document is.
pub(crate) const DOCUMENT_PATH: &str = "/openapi.json";

/// What Swagger UI may load. It styles itself inline.
const CONTENT_POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' \
                              'unsafe-inline'; object-src 'none'; base-uri 'none'; \
                              frame-ancestors 'none'";

/// What is served of the documentation.
pub(crate) struct Documentation {
    /// The document.
    pub document: String,
    /// Swagger UI, where it is open.
    pub interactive: Option<Arc<Config<'static>>>,
}

impl Documentation {
    pub(crate) fn new(document: String, interactive: bool) -> Self {
        let config = || Arc::new(Config::from(DOCUMENT_PATH).try_it_out_enabled(true));
        Self { document, interactive: interactive.then(config) }
    }
}

/// The document.
pub(crate) async fn openapi_json(documentation: web::Data<Documentation>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(documentation.document.clone())
}

/// `/docs` without its slash, which the page's relative addresses need.
pub(crate) async fn without_slash(documentation: web::Data<Documentation>) -> HttpResponse {
    match documentation.interactive {
        Some(_) => {
            HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()
        }
        None => to_document(),
    }
}

/// A file of Swagger UI. They are in the binary, so that it works offline.
pub(crate) async fn file(
    documentation: web::Data<Documentation>,
    file: web::Path<String>,
) -> HttpResponse {
    let Some(config) = &documentation.interactive else {
        return if file.is_empty() { to_document() } else { not_found() };
    };
    match utoipa_swagger_ui::serve(&file, Arc::clone(config)) {
        Ok(Some(file)) => {
            let mut answer = HttpResponse::Ok();
            if file.gzpipped {
                answer.insert_header((header::CONTENT_ENCODING, "gzip"));
            }
            let policy = HeaderValue::from_static(CONTENT_POLICY);
            answer
                .insert_header((header::CONTENT_SECURITY_POLICY, policy))
                .content_type(file.content_type)
                .body(file.bytes.into_owned())
        }
        Ok(None) => not_found(),
        Err(error) => {
            tracing::error!(%error, "a file of the documentation cannot be served");
            ApiError::new(ErrorCode::InternalError).error_response()
        }
    }
}

/// Where people are sent when the documentation is closed.
fn to_document() -> HttpResponse {
    HttpResponse::TemporaryRedirect().insert_header((header::LOCATION, DOCUMENT_PATH)).finish()
}

fn not_found() -> HttpResponse {
    ApiError::new(ErrorCode::NotFound).error_response()
}
