//! `/me/faces`.

use actix_web::{HttpResponse, web};
use faceauth_domain::template::TemplateId;
use faceauth_usecases::events::{EventKind, Subject};
use faceauth_usecases::{Context, Picture, Presented, enrol};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::FaceBody;
use crate::auth::{Caller, EnrollingCaller, FreshCaller};
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::extract::image::{ImageInput, Parts};
use crate::extract::liveness::LivenessInput;
use crate::extract::{Body, RequestBody};
use crate::problems::problems;
use crate::source::Source;
use crate::wire::presented;

/// The faces of an account.
#[derive(Serialize, ToSchema)]
pub(crate) struct FacesResponse {
    /// Oldest first.
    faces: Vec<FaceBody>,
}

/// Another face of the account holder: a picture, a liveness capture, or the token of one with
/// or without a picture. With liveness, the frames that were found live are enrolled.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AddFaceRequest {
    /// A picture.
    face_image: Option<ImageInput>,
    /// A capture.
    liveness: Option<LivenessInput>,
    /// What `/liveness` answered.
    #[schema(max_length = 4096)]
    liveness_token: Option<String>,
}

/// The same as a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; its parts are read by `extract`")]
pub(crate) struct AddFaceForm {
    /// The picture as a file.
    #[schema(value_type = Option<String>, format = Binary)]
    face_image: Option<Vec<u8>>,
    /// As in JSON.
    #[schema(rename = "liveness.session_id")]
    liveness_session_id: Option<String>,
    /// As in JSON.
    #[schema(rename = "liveness.nonce")]
    liveness_nonce: Option<String>,
    /// The frames as files, in order.
    #[schema(rename = "liveness.frames", value_type = Option<Vec<String>>, format = Binary)]
    liveness_frames: Option<Vec<Vec<u8>>>,
    /// When each frame was taken, in the same order.
    #[schema(rename = "liveness.t_ms")]
    liveness_t_ms: Option<Vec<f64>>,
    /// Instead of frames.
    #[schema(rename = "liveness.video_clip", value_type = Option<String>, format = Binary)]
    liveness_video_clip: Option<Vec<u8>>,
    /// As in JSON.
    liveness_token: Option<String>,
}

impl RequestBody for AddFaceRequest {
    type Command = Presented<Picture>;
    const TAKES_CLIP: bool = true;

    fn into_command(self, parts: &mut Parts) -> ApiResult<Presented<Picture>> {
        presented::one_face(self.face_image, self.liveness, self.liveness_token, parts)
    }
}

problems!(ListProblems:
    TokenInvalid, TokenExpired, RateLimited, InternalError, DatabaseUnavailable);

/// Enrolled faces
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

problems!(AddProblems:
    MalformedJson, MissingField, InvalidField, InvalidBase64, TokenInvalid, TokenExpired,
    ConsentRequired, EnrolmentNotAllowed, LivenessRequired, NotFound, RequestTimeout, SessionConsumed,
    SessionExpired, PayloadTooLarge,
    ImageDimensionsTooLarge, UnsupportedMediaType, ImageFormatMismatch, ImageUndecodable, NoFace,
    MultipleFaces, FaceTooSmall, FaceCutOff, PoseOutOfRange, Blurred, TooDark, TooBright,
    EyesClosed, NotUpright, NotNatural, Occluded, LivenessFailed, FramesInconsistent, ChallengeNotMet, RateLimited, InternalError, Overloaded, ModelUnavailable,
    DatabaseUnavailable);

/// Add a face
///
/// Needs a sign-in within the last five minutes, or the `enrolment_token` of an account that
/// was reset, which is good for its first face. An account has at most ten.
#[utoipa::path(
    post,
    path = "/me/faces",
    tag = "account",
    operation_id = "add_face",
    security(("access_token" = [])),
    request_body(content(
        (AddFaceRequest = "application/json"),
        (AddFaceForm = "multipart/form-data"),
    )),
    responses((status = 201, description = "Enrolled.", body = FaceBody), AddProblems),
)]
pub(crate) async fn add_face(
    context: web::Data<Context>,
    caller: EnrollingCaller,
    source: Source,
    body: Body<AddFaceRequest>,
) -> ApiResult<HttpResponse> {
    let origin = source.by(caller.actor());
    let face = enrol::add_face(&context, caller.enrolling(&context), body.command, &origin).await?;
    Ok(HttpResponse::Created().json(FaceBody::from(face)))
}

problems!(RemoveProblems:
    TokenInvalid, TokenExpired, NotFound, RateLimited, InternalError, DatabaseUnavailable);

/// Remove a face
///
/// Needs a sign-in within the last five minutes. Without any face nobody can sign in.
#[utoipa::path(
    delete,
    path = "/me/faces/{id}",
    tag = "account",
    operation_id = "remove_face",
    security(("access_token" = [])),
    params(("id" = Uuid, Path, description = "Identifier of the face.")),
    responses((status = 204, description = "Removed."), RemoveProblems),
)]
pub(crate) async fn remove_face(
    context: web::Data<Context>,
    caller: FreshCaller,
    source: Source,
    id: web::Path<String>,
) -> ApiResult<HttpResponse> {
    let not_found = || ApiError::new(ErrorCode::NotFound).detail("The account has no such face.");
    // What is no id names no face; the caller's session is checked all the same.
    let id: Uuid = id.parse().unwrap_or_default();
    if caller.account(&context).remove_face(TemplateId(id)).await? {
        source.by(caller.actor()).log(EventKind::FaceRemoved, Subject::Account(caller.user()));
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(not_found())
    }
}
