//! `POST /me/faces`.

use actix_web::{HttpResponse, web};
use faceauth_usecases::{Context, Picture, Presented, enrol};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::auth::{EnrollingCaller, ServiceCaller};
use crate::error::ApiResult;
use crate::extract::form_schema::FormOf;
use crate::extract::image::{ImageInput, Parts};
use crate::extract::liveness::LivenessInput;
use crate::extract::{Body, RequestBody};
use crate::problems::problems;
use crate::source::Source;
use crate::wire::face::FaceBody;
use crate::wire::presented;

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

type AddFaceForm = FormOf<AddFaceRequest>;

impl RequestBody for AddFaceRequest {
    type Command = Presented<Picture>;

    fn into_command(self, parts: &mut Parts) -> ApiResult<Presented<Picture>> {
        presented::one_face(self.face_image, self.liveness, self.liveness_token, parts)
    }
}

problems!(AddProblems:
    body, image, face, liveness_session, proof, account_holder, analyzer, caller; MissingField,
    ConsentRequired, EnrolmentNotAllowed, DatabaseUnavailable);

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
    service: ServiceCaller,
    source: Source,
    body: Body<AddFaceRequest>,
) -> ApiResult<HttpResponse> {
    let origin = source.by(caller.actor()).through(service.prefix());
    let face = enrol::add_face(&context, caller.enrolling(&context), body.command, &origin).await?;
    Ok(HttpResponse::Created().json(FaceBody::from(face)))
}
