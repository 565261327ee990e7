//! `GET /capture`.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use faceauth_domain::attestation::AttestationMode;
use faceauth_domain::capture::{MAX_CAPTURE_IMAGES, MAX_IMAGE_BYTES, MAX_IMAGE_SIDE};
use faceauth_domain::challenge::STEPS;
use faceauth_domain::quality::QualityPolicy;
use faceauth_usecases::Context;
use serde::Serialize;
use utoipa::ToSchema;

use crate::problems::problems;
use crate::settings::Registration;
use crate::wire::second_factor::SecondFactorModeBody;

/// How long clients may keep the answer: it changes when a replica is restarted with another
/// configuration.
const CACHE: &str = "public, max-age=300";

/// What pages and apps need to know to guide a person to a capture that will be accepted.
#[derive(Serialize, ToSchema)]
pub(crate) struct CaptureResponse {
    /// Whether a picture alone is refused: `/register`, `/verify` and `/me/faces` then want a
    /// liveness capture or the token of one.
    liveness_required: bool,
    /// Who may register.
    registration: RegistrationBody,
    /// When a face is not enough to sign in.
    second_factor: SecondFactorModeBody,
    /// Whether a passkey alone signs in: `/verify/passkey/challenge`.
    passkey_alone: bool,
    /// Days for which a sealed picture of an enrolled face is kept. A page can say so where it asks
    /// for consent. 0: no picture is kept.
    #[schema(example = 0)]
    enrolment_image_days: i64,
    /// Steps of a liveness challenge.
    #[schema(example = 3)]
    liveness_steps: usize,
    /// What a picture must be like.
    image: ImageLimits,
    /// What the face in it must be like.
    face: FaceLimits,
}

/// Who may register.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RegistrationBody {
    /// Anybody.
    Open,
    /// Whoever has an invitation, and services with an API key.
    Invite,
    /// Services with an API key.
    Service,
    /// Nobody.
    Closed,
}

/// What a picture must be like.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImageLimits {
    /// Most bytes of a request with pictures.
    #[schema(example = 10_485_760)]
    max_bytes: usize,
    /// Longest side in pixels.
    #[schema(example = 4096)]
    max_side: u32,
    /// Most pictures of a registration.
    #[schema(example = 5)]
    max_count: usize,
    /// Media types.
    #[schema(example = json!(["image/jpeg", "image/png", "image/webp"]))]
    formats: [&'static str; 3],
}

/// Limits of a face that is enrolled; signing in takes a little more. The service measures them itself; a client that guides by
/// them gets fewer refusals.
#[derive(Serialize, ToSchema)]
pub(crate) struct FaceLimits {
    /// Least distance between the eyes in pixels.
    #[schema(example = 24.0)]
    min_eye_distance: f32,
    /// Least room between the face and the edge of the picture, in face heights.
    #[schema(example = 0.02)]
    min_margin: f32,
    /// Most degrees the head may be turned, to either side.
    #[schema(example = 55.0)]
    max_yaw: f32,
    /// Most degrees it may be raised or lowered.
    #[schema(example = 40.0)]
    max_pitch: f32,
    /// Most degrees it may be tilted.
    #[schema(example = 45.0)]
    max_roll: f32,
    /// Least mean grey value of the face, 0 to 255.
    #[schema(example = 35.0)]
    min_brightness: f32,
    /// Most mean grey value of the face, 0 to 255.
    #[schema(example = 225.0)]
    max_brightness: f32,
}

impl From<Registration> for RegistrationBody {
    fn from(registration: Registration) -> Self {
        match registration {
            Registration::Open => Self::Open,
            Registration::Invite => Self::Invite,
            Registration::Service => Self::Service,
            Registration::Closed => Self::Closed,
        }
    }
}

impl From<&QualityPolicy> for FaceLimits {
    fn from(quality: &QualityPolicy) -> Self {
        Self {
            min_eye_distance: quality.min_eye_distance_px,
            min_margin: quality.min_margin,
            max_yaw: quality.max_yaw,
            max_pitch: quality.max_pitch.min(-quality.min_pitch),
            max_roll: quality.max_roll,
            min_brightness: quality.min_brightness,
            max_brightness: quality.max_brightness,
        }
    }
}

problems!(CaptureProblems: caller);

/// What a capture must be like
///
/// For pages and apps that guide a person at the camera, before anything is sent.
#[utoipa::path(
    get,
    path = "/capture",
    tag = "capture",
    operation_id = "capture_limits",
    security(()),
    responses((status = 200, description = "The limits.", body = CaptureResponse), CaptureProblems),
)]
pub(crate) async fn capture_limits(context: web::Data<Context>) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, CACHE)).json(CaptureResponse {
        liveness_required: context.policy.require_liveness
            || context.attestation.mode == AttestationMode::Require,
        registration: context.registration.into(),
        second_factor: context.second_factor.mode.into(),
        passkey_alone: context.second_factor.passkey_alone,
        enrolment_image_days: context.enrolment_image.map_or(0, |kept| kept.num_days()),
        liveness_steps: STEPS,
        image: ImageLimits {
            max_bytes: MAX_IMAGE_BYTES,
            max_side: MAX_IMAGE_SIDE,
            max_count: MAX_CAPTURE_IMAGES,
            formats: ["image/jpeg", "image/png", "image/webp"],
        },
        face: (&context.policy.quality.enrolment).into(),
    })
}
