//! `POST /verify`.

use actix_web::{HttpRequest, post, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::SignedInBody;
use super::register::parse_username;
use crate::error::ApiResult;
use crate::extract::image::{ImageInput, Part};
use crate::extract::{Body, RequestBody};
use crate::flow;
use crate::flow::verify::VerifyCommand;
use crate::limit::ClientAddress;
use crate::openapi::problems;
use crate::state::AppState;

/// A claimed name and a picture.
#[derive(Deserialize, ToSchema)]
pub(crate) struct VerifyRequest {
    /// The name of the account.
    #[schema(example = "ada", min_length = 1, max_length = 128, pattern = "^[A-Za-z0-9._@+-]+$")]
    username: String,
    /// The probe.
    face_image: ImageInput,
}

/// The same as a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; its parts are read by `extract`")]
pub(crate) struct VerifyForm {
    /// As in JSON.
    username: String,
    /// The picture as a file.
    #[schema(value_type = String, format = Binary)]
    face_image: Vec<u8>,
}

impl RequestBody for VerifyRequest {
    type Command = VerifyCommand;

    fn into_command(self, parts: &mut Vec<Part>) -> ApiResult<VerifyCommand> {
        Ok(VerifyCommand {
            username: parse_username(&self.username)?,
            image: self.face_image.resolve(parts, "/face_image")?,
        })
    }
}

problems!(VerifyProblems:
    MalformedJson, MissingField, InvalidField, InvalidBase64, AuthenticationFailed,
    LivenessRequired, RequestTimeout, PayloadTooLarge, ImageDimensionsTooLarge,
    UnsupportedMediaType, ImageFormatMismatch, ImageUndecodable, NoFace, MultipleFaces,
    FaceTooSmall, FaceCutOff, PoseOutOfRange, Blurred, TooDark, TooBright, EyesClosed,
    LivenessFailed, RateLimited, InternalError, Overloaded, ModelUnavailable,
    DatabaseUnavailable);

/// Sign in
///
/// Answers tokens when the person in the picture is the owner of the claimed name. An unknown
/// name, an account without faces and another person's face are the same answer:
/// `authentication_failed`. Codes with status 422 speak of the picture alone.
#[utoipa::path(
    tag = "sign-in",
    operation_id = "verify",
    request_body(content(
        (VerifyRequest = "application/json"),
        (VerifyForm = "multipart/form-data"),
    )),
    responses((status = 200, description = "Signed in.", body = SignedInBody), VerifyProblems),
)]
#[post("/verify")]
pub(crate) async fn verify(
    state: web::Data<AppState>,
    clients: web::Data<ClientAddress>,
    request: HttpRequest,
    body: Body<VerifyRequest>,
) -> ApiResult<web::Json<SignedInBody>> {
    let client = clients.of_request(&request);
    let signed_in = flow::verify::verify(&state, body.command, client).await?;
    Ok(web::Json(signed_in.into()))
}
