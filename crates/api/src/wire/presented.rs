//! What a person presents: pictures, a capture, or the token of one.

use faceauth_domain::capture::MAX_CAPTURE_IMAGES;
use faceauth_usecases::{
    LiveProof, LivenessSubmission, LivenessToken, Picture, Pictures, Place, Presented,
};

use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::extract::image::{ImageInput, Parts};
use crate::extract::liveness::LivenessInput;

/// The fields that present one picture, a capture, or a token with or without a picture.
pub(crate) fn one_face(
    face_image: Option<ImageInput>,
    liveness: Option<LivenessInput>,
    liveness_token: Option<String>,
    parts: &mut Parts,
) -> ApiResult<Presented<Picture>> {
    let picture = face_image.map(|image| image.picture(parts, FACE_IMAGE)).transpose()?;
    match (picture, live_proof(liveness, liveness_token, parts)?) {
        (Some(picture), None) => Ok(Presented::Pictures(picture)),
        (None, None) => Err(ApiError::at(ErrorCode::MissingField, FACE_IMAGE)),
        (Some(_), Some(LiveProof::Capture(_))) => {
            Err(ApiError::at(ErrorCode::InvalidField, FACE_IMAGE)
                .detail("A capture shows the face already: leave the picture out."))
        }
        (beside, Some(proof)) => Ok(Presented::Live { proof, beside }),
    }
}

/// The fields that present up to five pictures, or a capture or a token with or without them.
pub(crate) fn faces(
    face_image: Option<ImageInput>,
    face_images: Option<Vec<ImageInput>>,
    liveness: Option<LivenessInput>,
    liveness_token: Option<String>,
    parts: &mut Parts,
) -> ApiResult<Presented<Pictures>> {
    let proof = live_proof(liveness, liveness_token, parts)?;
    let pictures = match (face_image, face_images) {
        (Some(image), None) => Some(image.picture(parts, FACE_IMAGE)?.into()),
        (None, Some(images)) => Some(pictures(images, parts)?),
        (None, None) => None,
        (Some(_), Some(_)) => {
            return Err(ApiError::at(ErrorCode::InvalidField, FACE_IMAGES)
                .detail("Send face_image or face_images, not both."));
        }
    };
    match (pictures, proof) {
        (Some(pictures), None) => Ok(Presented::Pictures(pictures)),
        (None, None) => Err(ApiError::at(ErrorCode::MissingField, FACE_IMAGE)),
        (beside, Some(proof)) => Ok(Presented::Live { proof, beside }),
    }
}

const FACE_IMAGE: &str = "/face_image";
const FACE_IMAGES: &str = "/face_images";

/// The pictures of `face_images`, each with its place in the list.
fn pictures(images: Vec<ImageInput>, parts: &mut Parts) -> ApiResult<Pictures> {
    let count =
        || ApiError::at(ErrorCode::InvalidField, FACE_IMAGES).detail("Send one to five pictures.");
    // Before anything is decoded.
    if images.len() > MAX_CAPTURE_IMAGES {
        return Err(count());
    }
    let pictures = images
        .into_iter()
        .enumerate()
        .map(|(index, image)| image.picture(parts, format!("{FACE_IMAGES}/{index}")))
        .collect::<ApiResult<Vec<_>>>()?;
    Pictures::new(pictures).map_err(|_| count())
}

/// A capture or a token: at most one of both.
fn live_proof(
    liveness: Option<LivenessInput>,
    token: Option<String>,
    parts: &mut Parts,
) -> ApiResult<Option<LiveProof>> {
    let capture: Option<LivenessSubmission> =
        liveness.map(|input| input.resolve(parts, Place::new("/liveness"))).transpose()?;
    match (capture, token) {
        (None, None) => Ok(None),
        (Some(capture), None) => Ok(Some(LiveProof::Capture(capture))),
        (None, Some(token)) => {
            let place = Place::new(LIVENESS_TOKEN);
            Ok(Some(LiveProof::Token(LivenessToken { token, place })))
        }
        (Some(_), Some(_)) => Err(ApiError::at(ErrorCode::InvalidField, LIVENESS_TOKEN)
            .detail("Send a capture or a token, not both.")),
    }
}

const LIVENESS_TOKEN: &str = "/liveness_token";
