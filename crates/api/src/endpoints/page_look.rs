//! `GET /page`, and the logo.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::problems::problems;
use crate::settings::PageLook;

/// Where the logo is, for browsers alone.
pub(crate) const LOGO_PATH: &str = "/page/logo";

/// How long clients may keep the answers: they change when a replica is restarted with another
/// configuration.
const CACHE: &str = "public, max-age=300";

/// How the deployment wants the sign-in page to look. What is missing keeps its default.
#[derive(Serialize, ToSchema)]
pub(crate) struct PageLookResponse {
    /// What stands in place of the product's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Wool & Thread", min_length = 1, max_length = 40)]
    name: Option<String>,
    /// Path of the logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/page/logo")]
    logo: Option<&'static str>,
    /// Accent colour on light surfaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "#9a3412", pattern = "^#[0-9a-f]{6}$")]
    accent_light: Option<String>,
    /// Accent colour on dark surfaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "#fdba74", pattern = "^#[0-9a-f]{6}$")]
    accent_dark: Option<String>,
}

problems!(PageLookProblems: caller);

/// The look of the page
///
/// Name, logo and colours of this deployment, for pages that people sign in on.
#[utoipa::path(
    get,
    path = "/page",
    tag = "capture",
    operation_id = "page_look",
    security(()),
    responses((status = 200, description = "The look.", body = PageLookResponse), PageLookProblems),
)]
pub(crate) async fn page_look(look: web::Data<PageLook>) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, CACHE)).json(PageLookResponse {
        name: look.name.as_ref().map(|name| name.as_str().to_owned()),
        logo: look.logo.as_ref().map(|_| LOGO_PATH),
        accent_light: look.accent_light.map(|accent| accent.to_string()),
        accent_dark: look.accent_dark.map(|accent| accent.to_string()),
    })
}

/// The logo. A drawing with scripts runs none of them: the page's content policy allows no inline
/// script, and an `<img>` runs no script at all.
pub(crate) async fn logo(look: web::Data<PageLook>) -> ApiResult<HttpResponse> {
    let logo = look.logo.as_ref().ok_or_else(|| ApiError::new(ErrorCode::NotFound))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, CACHE))
        .content_type(logo.media_type())
        .body(logo.bytes().to_vec()))
}
