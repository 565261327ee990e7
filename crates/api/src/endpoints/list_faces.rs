//! `GET /me/faces`.

use actix_web::web;
use faceauth_usecases::Context;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::error::ApiResult;
use crate::problems::problems;
use crate::wire::face::FaceBody;

/// The faces of an account.
#[derive(Serialize, ToSchema)]
pub(crate) struct FacesResponse {
    /// Oldest first.
    faces: Vec<FaceBody>,
}

problems!(ListProblems: account_holder, caller; DatabaseUnavailable);

/// Enrolled faces
///
/// When each was enrolled, and with which model. Never its vector.
#[utoipa::path(
    get,
    path = "/me/faces",
    tag = "account",
    operation_id = "list_faces",
    security(("access_token" = [])),
    responses((status = 200, description = "Never their vectors.", body = FacesResponse), ListProblems),
)]
pub(crate) async fn list_faces(
    context: web::Data<Context>,
    caller: Caller,
) -> ApiResult<web::Json<FacesResponse>> {
    let faces = caller.account(&context).faces().await?;
    Ok(web::Json(FacesResponse { faces: faces.into_iter().map(Into::into).collect() }))
}
