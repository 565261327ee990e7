//! `GET /.well-known/security.txt`: where to report a weakness (RFC 9116).

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use faceauth_usecases::Context;

use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::settings::SecurityTxt;

/// Where everybody looks for it (RFC 9116, 3).
pub(crate) const PATH: &str = "/.well-known/security.txt";

/// How long it may be cached. An hour after a change, everybody has the new one.
const CACHE: &str = "public, max-age=3600";

/// The file, while it is configured and has not expired: stale contacts must not be used
/// (RFC 9116, 2.5.5).
pub(crate) async fn security_txt(
    context: web::Data<Context>,
    configured: web::Data<Option<SecurityTxt>>,
) -> ApiResult<HttpResponse> {
    let current = configured.as_ref().as_ref().filter(|file| context.now() < file.expires());
    let file = current.ok_or_else(|| ApiError::new(ErrorCode::NotFound))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, CACHE))
        .content_type("text/plain; charset=utf-8")
        .body(file.text().to_owned()))
}
