//! `GET /healthz`.

use actix_web::HttpResponse;

use crate::problems::problems;
use crate::wire::health::HealthResponse;

problems!(HealthProblems: ; InternalError);

/// Is the process alive?
///
/// Asks nothing else: neither the database nor a model.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "operations",
    operation_id = "healthz",
    security(()),
    responses((status = 200, description = "It is.", body = HealthResponse), HealthProblems),
)]
pub(crate) async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(HealthResponse::OK)
}
