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

#[cfg(test)]
mod tests {
    use super::*;
    use base64::prelude::{BASE64_STANDARD, Engine};
    use faceauth_test_support::scripted::Shows;

    fn image() -> ImageInput {
        ImageInput::Text(BASE64_STANDARD.encode(Shows::Person(0).picture()))
    }

    fn refusal<T>(presented: ApiResult<T>) -> (ErrorCode, String) {
        let problem = presented.err().expect("a refusal").problem(String::new());
        (problem.code, problem.errors[0].pointer.clone())
    }

    fn many(
        face_image: Option<ImageInput>,
        face_images: Option<Vec<ImageInput>>,
        token: Option<&str>,
    ) -> ApiResult<Presented<Pictures>> {
        let token = token.map(str::to_owned);
        faces(face_image, face_images, None, token, &mut Parts::default())
    }

    #[test]
    fn what_nobody_could_mean_is_refused() {
        let missing = (ErrorCode::MissingField, FACE_IMAGE.to_owned());
        let list = (ErrorCode::InvalidField, FACE_IMAGES.to_owned());
        assert_eq!(refusal(many(None, None, None)), missing);
        assert_eq!(refusal(one_face(None, None, None, &mut Parts::default())), missing);
        assert_eq!(refusal(many(Some(image()), Some(vec![image()]), None)), list);
        for count in [0, MAX_CAPTURE_IMAGES + 1] {
            let images = || (0..count).map(|_| image()).collect();
            assert_eq!(refusal(many(None, Some(images()), None)), list);
            assert_eq!(refusal(many(None, Some(images()), Some("token"))), list);
        }
    }

    #[test]
    fn a_picture_that_cannot_be_read_is_named_by_its_place() {
        let broken = || ImageInput::Text("?".to_owned());
        let at = |place: &str| (ErrorCode::InvalidBase64, place.to_owned());
        assert_eq!(refusal(many(Some(broken()), None, None)), at("/face_image"));
        let images = vec![image(), broken()];
        assert_eq!(refusal(many(None, Some(images), None)), at("/face_images/1"));
    }

    #[test]
    fn a_token_stands_alone_or_has_pictures_beside_it() {
        let beside = |presented| match presented {
            Ok(Presented::Live { proof: LiveProof::Token(token), beside }) => {
                assert_eq!(token.place.as_str(), LIVENESS_TOKEN);
                beside.is_some()
            }
            _ => panic!("no token"),
        };
        assert!(!beside(many(None, None, Some("token"))));
        assert!(beside(many(Some(image()), None, Some("token"))));
        assert!(matches!(many(Some(image()), None, None), Ok(Presented::Pictures(_))));
    }
}
