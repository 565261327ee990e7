//! Names of headers that are our own.

use actix_web::http::header::HeaderName;

/// The id of a request, from the client or made for it.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The version of the API that answered.
pub(crate) const API_VERSION: HeaderName = HeaderName::from_static("api-version");
