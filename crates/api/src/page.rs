//! The built page, as files.

use std::path::Path;

use actix_files::{Files, PathBufWrap};
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::{Next, from_fn};
use actix_web::{Error, ResponseError, web};

use crate::error::{ApiError, ErrorCode};
use crate::router;

/// Folder of the files whose names have a hash of their content.
const HASHED: &str = "assets";
/// Such a file never changes.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// Other files of the page do.
const ASK_AGAIN: &str = "no-cache";

/// Reads a file of `folder`; answers 404 to everything else.
pub(crate) fn route(folder: &Path) -> actix_web::Route {
    let files =
        Files::new("/", folder).index_file("index.html").default_handler(web::to(router::unknown));
    web::route().service(files).wrap(from_fn(read))
}

/// Lets through what may be a file, and says how long browsers may keep it.
async fn read(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // The name of the file is found exactly as `Files` finds it. Names that it refuses (hidden
    // files, devices of other systems) do not exist here, and only this method is allowed.
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    let file = PathBufWrap::parse_path(request.match_info().unprocessed(), false);
    let Some(file) = file.ok().filter(|_| reads) else {
        let refusal = ApiError::new(ErrorCode::NotFound).error_response();
        return Ok(request.into_response(refusal));
    };
    let caching = if file.as_ref().starts_with(HASHED) { IMMUTABLE } else { ASK_AGAIN };
    let mut response = next.call(request).await?;
    // Only files have entity tags.
    let status = response.status();
    let is_file = response.headers().contains_key(header::ETAG);
    if is_file && (status.is_success() || status == StatusCode::NOT_MODIFIED) {
        let caching = header::HeaderValue::from_static(caching);
        response.headers_mut().insert(header::CACHE_CONTROL, caching);
    }
    Ok(response)
}
