//! `GET /login`: the page on which people sign in to an app.

use std::path::PathBuf;

use actix_files::NamedFile;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::error::{ApiError, ApiResult, ErrorCode};

/// Where apps send people to sign in.
pub(crate) const PATH: &str = "/login";
/// The page there, in the folder of the built page.
const FILE: &str = "login.html";

/// Folder of the built page; `None` when the service serves the API alone.
pub(crate) struct PageFolder(pub Option<PathBuf>);

/// The page. Its address holds the secret of a request, so browsers keep nothing of it.
pub(crate) async fn login_page(
    request: HttpRequest,
    folder: web::Data<PageFolder>,
) -> ApiResult<HttpResponse> {
    let unknown = || ApiError::new(ErrorCode::NotFound);
    let file = folder.0.as_ref().ok_or_else(unknown)?.join(FILE);
    let file = NamedFile::open_async(file).await.map_err(|_| unknown())?;
    Ok(file.use_etag(false).use_last_modified(false).into_response(&request))
}
