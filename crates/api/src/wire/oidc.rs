//! What the endpoints of OpenID Connect take and answer.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use faceauth_domain::oauth::parameters::Parameters;
use serde::Serialize;
use url::form_urlencoded;
use utoipa::ToSchema;

/// The page of the login.
const LOGIN_PAGE: &str = "/login";

/// Where the browser goes next.
#[derive(Serialize, ToSchema)]
pub(crate) struct RedirectBody {
    /// An address of the app, with its answer.
    #[schema(example = "https://app.example.org/callback?code=...&state=...&iss=...")]
    pub redirect_to: String,
}

/// Sends the browser on. It asks the next address with GET, whatever it sent here, so that no body
/// goes along (RFC 9700, 4.12).
pub(crate) fn see_other(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, address)).finish()
}

/// The login page with one thing that it is told.
pub(crate) fn login_page(name: &str, value: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
    format!("{LOGIN_PAGE}?{query}")
}

/// The parameters of a query; `None` when one stands twice.
pub(crate) fn query(request: &HttpRequest) -> Option<Parameters> {
    Parameters::of_query(request.query_string()).ok()
}
