//! `GET /readyz`.

use std::time::{Duration, Instant};

use actix_web::{HttpResponse, web};
use faceauth_usecases::Context;

use crate::drain::Drain;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::problems::problems;
use crate::wire::health::HealthResponse;

/// How long an answer of the database counts. Probes have no limit, so this bounds what they
/// cost; orchestrators ask every second at most.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// When the database has last answered a probe. One probe asks at a time.
#[derive(Default)]
pub(crate) struct LastAnswer(tokio::sync::Mutex<Option<Instant>>);

problems!(ReadyProblems: ; InternalError, Overloaded, ModelUnavailable, DatabaseUnavailable);

/// Can it take requests?
///
/// After every analysis worker has warmed up, while the database answers with the newest schema.
/// No more once it was told to stop.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operations",
    operation_id = "readyz",
    security(()),
    responses((status = 200, description = "It can.", body = HealthResponse), ReadyProblems),
)]
pub(crate) async fn readyz(
    context: web::Data<Context>,
    drain: web::Data<Drain>,
    last_answer: web::Data<LastAnswer>,
) -> ApiResult<HttpResponse> {
    if drain.has_begun() {
        return Err(ApiError::new(ErrorCode::Overloaded)
            .detail("This replica is about to stop: ask another one."));
    }
    if !context.analyzer.ready() {
        return Err(ApiError::new(ErrorCode::ModelUnavailable));
    }
    // A replica that cannot use its database takes no requests, whatever the cause.
    let mut answered = last_answer.0.lock().await;
    if answered.is_none_or(|at| at.elapsed() >= ASK_AGAIN_AFTER) {
        context.store.ping().await.map_err(|error| {
            tracing::warn!(cause = %error, "not ready");
            ApiError::new(ErrorCode::DatabaseUnavailable)
        })?;
        *answered = Some(Instant::now());
    }
    Ok(HttpResponse::Ok().json(HealthResponse::OK))
}
