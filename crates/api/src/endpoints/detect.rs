//! `POST /detect`.

use actix_web::web;
use faceauth_domain::analyzer::Faces;
use faceauth_domain::face::Face;
use faceauth_domain::geometry::{BoundingBox, FiveLandmarks, Point};
use faceauth_usecases::{Context, Picture, detect};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::ApiResult;
use crate::extract::form_schema::FormOf;
use crate::extract::image::{ImageInput, Parts};
use crate::extract::{Body, RequestBody};
use crate::places::Lane;
use crate::problems::problems;
use crate::wire::face::QualityBody;

/// A picture.
#[derive(Deserialize, ToSchema)]
pub(crate) struct DetectRequest {
    /// The picture to look for faces in.
    image: ImageInput,
}

type DetectForm = FormOf<DetectRequest>;

/// The faces in a picture.
#[derive(Serialize, ToSchema)]
pub(crate) struct DetectResponse {
    /// The picture after EXIF orientation; coordinates refer to it.
    image: ImageSizeBody,
    /// At most 32, largest first.
    faces: Vec<DetectedFaceBody>,
}

/// Width and height in pixels.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImageSizeBody {
    #[schema(example = 640)]
    width: u32,
    #[schema(example = 480)]
    height: u32,
}

/// A face: where it is and whether it could be enrolled. Signing in takes a little more.
#[derive(Serialize, ToSchema)]
pub(crate) struct DetectedFaceBody {
    #[serde(rename = "box")]
    bounding_box: BoxBody,
    landmarks: LandmarksBody,
    quality: QualityBody,
}

/// A box in pixels; may reach past the picture.
#[derive(Serialize, ToSchema)]
pub(crate) struct BoxBody {
    #[schema(example = 210.5)]
    x: f32,
    #[schema(example = 98.0)]
    y: f32,
    #[schema(example = 181.2)]
    width: f32,
    #[schema(example = 240.7)]
    height: f32,
}

/// Five points. Sides are the image's, not the person's.
#[derive(Serialize, ToSchema)]
pub(crate) struct LandmarksBody {
    eye_image_left: PointBody,
    eye_image_right: PointBody,
    nose: PointBody,
    mouth_image_left: PointBody,
    mouth_image_right: PointBody,
}

/// A point in pixels.
#[derive(Serialize, ToSchema)]
pub(crate) struct PointBody {
    #[schema(example = 263.4)]
    x: f32,
    #[schema(example = 190.1)]
    y: f32,
}

impl RequestBody for DetectRequest {
    type Command = Picture;
    const LANE: Lane = Lane::Detect;

    fn into_command(self, parts: &mut Parts) -> ApiResult<Picture> {
        self.image.picture(parts, "/image")
    }
}

/// Pixels to a tenth: finer is noise, and overlays draw nothing finer.
fn tenth(pixels: f32) -> f32 {
    (pixels * 10.0).round() / 10.0
}

impl From<Point> for PointBody {
    fn from(point: Point) -> Self {
        Self { x: tenth(point.x), y: tenth(point.y) }
    }
}

impl From<FiveLandmarks> for LandmarksBody {
    fn from(five: FiveLandmarks) -> Self {
        Self {
            eye_image_left: five.eye_image_left.into(),
            eye_image_right: five.eye_image_right.into(),
            nose: five.nose.into(),
            mouth_image_left: five.mouth_image_left.into(),
            mouth_image_right: five.mouth_image_right.into(),
        }
    }
}

impl From<BoundingBox> for BoxBody {
    fn from(b: BoundingBox) -> Self {
        Self { x: tenth(b.x), y: tenth(b.y), width: tenth(b.width), height: tenth(b.height) }
    }
}

impl From<Face> for DetectedFaceBody {
    fn from(face: Face) -> Self {
        Self {
            bounding_box: face.bounding_box.into(),
            landmarks: face.landmarks.into(),
            quality: QualityBody {
                acceptable: face.acceptable(),
                reasons: face.reasons.into_iter().map(Into::into).collect(),
            },
        }
    }
}

impl From<Faces> for DetectResponse {
    fn from(Faces { size, faces }: Faces) -> Self {
        Self {
            image: ImageSizeBody { width: size.width, height: size.height },
            faces: faces.into_iter().map(Into::into).collect(),
        }
    }
}

problems!(DetectProblems: body, image, analyzer, caller; MissingField);

/// Find faces
///
/// Boxes, five points and capture hints for every face. Says nothing about who it is, and keeps
/// nothing.
#[utoipa::path(
    post,
    path = "/detect",
    tag = "capture",
    operation_id = "detect",
    security(()),
    request_body(content(
        (DetectRequest = "application/json"),
        (DetectForm = "multipart/form-data"),
    )),
    responses((status = 200, description = "What was found.", body = DetectResponse), DetectProblems),
)]
pub(crate) async fn detect(
    context: web::Data<Context>,
    body: Body<DetectRequest>,
) -> ApiResult<web::Json<DetectResponse>> {
    let analysis = detect::detect(&context, body.command).await?;
    Ok(web::Json(analysis.into()))
}
