//! Probes.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::openapi::problems;
use crate::state::AppState;

/// A probe's answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct HealthResponse {
    #[schema(example = "ok")]
    status: &'static str,
}

problems!(HealthProblems: InternalError);

/// Is the process alive?
#[utoipa::path(
    tag = "operations",
    operation_id = "healthz",
    responses((status = 200, description = "It is.", body = HealthResponse), HealthProblems),
)]
#[get("/healthz")]
pub(crate) async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(HealthResponse { status: "ok" })
}

problems!(ReadyProblems: InternalError, ModelUnavailable, DatabaseUnavailable);

/// Can it take requests?
///
/// After every analysis worker has warmed up, while the database answers with the newest schema.
#[utoipa::path(
    tag = "operations",
    operation_id = "readyz",
    responses((status = 200, description = "It can.", body = HealthResponse), ReadyProblems),
)]
#[get("/readyz")]
pub(crate) async fn readyz(state: web::Data<AppState>) -> ApiResult<HttpResponse> {
    if !state.analyzer.ready() {
        return Err(ApiError::new(ErrorCode::ModelUnavailable));
    }
    // Whatever is wrong with it, a replica that cannot use its database takes no requests.
    state.store.ping().await.map_err(|error| {
        tracing::warn!(cause = %error, "not ready");
        ApiError::new(ErrorCode::DatabaseUnavailable)
    })?;
    Ok(HttpResponse::Ok().json(HealthResponse { status: "ok" }))
}
