//! `POST /liveness`.

use actix_web::web;
use faceauth_usecases::events::Actor;
use faceauth_usecases::{Context, LivenessSubmission, Place, liveness};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::ApiResult;
use crate::extract::image::Parts;
use crate::extract::liveness::LivenessInput;
use crate::extract::{Body, RequestBody};
use crate::problems::problems;
use crate::source::Source;
use crate::wire::liveness::LivenessResponse;

/// A capture for a session, as a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; its parts are read by `extract`")]
pub(crate) struct LivenessForm {
    /// The session.
    session_id: Uuid,
    /// The newest nonce of the session.
    nonce: String,
    /// The frames as files, in order.
    #[schema(value_type = Option<Vec<String>>, format = Binary)]
    frames: Option<Vec<Vec<u8>>>,
    /// When each frame was taken, in milliseconds, in the same order.
    t_ms: Option<Vec<f64>>,
    /// Instead of frames: a WebM (VP8, VP9) or MP4 (H.264) of at most 20 MiB, 20 seconds and
    /// 1920 x 1080 pixels.
    #[schema(value_type = Option<String>, format = Binary)]
    video_clip: Option<Vec<u8>>,
}

impl RequestBody for LivenessInput {
    type Command = LivenessSubmission;
    const TAKES_CLIP: bool = true;

    fn into_command(self, parts: &mut Parts) -> ApiResult<LivenessSubmission> {
        self.resolve(parts, Place::new(""))
    }
}

problems!(LivenessProblems:
    body, image, liveness_session, analyzer, caller; MissingField, DatabaseUnavailable);

/// Judge a liveness capture
///
/// Answers whether a living person did the steps of the session, and if not, why. When several
/// captures use one nonce, one is judged, and the others get `session_consumed`. `/verify` and
/// `/register` also take the capture itself, and judge liveness and match on the same frames.
#[utoipa::path(
    post,
    path = "/liveness",
    tag = "liveness",
    operation_id = "judge_liveness",
    request_body(content(
        (LivenessInput = "application/json"),
        (LivenessForm = "multipart/form-data"),
    )),
    responses((status = 200, description = "A verdict.", body = LivenessResponse), LivenessProblems),
)]
pub(crate) async fn judge_liveness(
    context: web::Data<Context>,
    source: Source,
    body: Body<LivenessInput>,
) -> ApiResult<web::Json<LivenessResponse>> {
    let origin = source.by(Actor::Anonymous);
    let (judgement, token) = liveness::judge_alone(&context, body.command, &origin).await?;
    Ok(web::Json(LivenessResponse::new(judgement, token)))
}
