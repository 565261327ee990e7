//! `POST /liveness`.

use actix_web::web;
use faceauth_usecases::{Context, LivenessSubmission, Place, liveness};

use crate::auth::ServiceCaller;
use crate::error::ApiResult;
use crate::extract::form_schema::FormOf;
use crate::extract::image::Parts;
use crate::extract::liveness::LivenessInput;
use crate::extract::{Body, RequestBody};
use crate::problems::problems;
use crate::source::Source;
use crate::wire::liveness::LivenessResponse;

type LivenessForm = FormOf<LivenessInput>;

impl RequestBody for LivenessInput {
    type Command = LivenessSubmission;
    const LOOKS_AHEAD: bool = true;

    fn into_command(self, parts: &mut Parts) -> ApiResult<LivenessSubmission> {
        self.resolve(parts, Place::new(""))
    }
}

problems!(LivenessProblems:
    body, image, liveness_session, analyzer, caller; MissingField,
    AttestationRequired, TokenInvalid, DatabaseUnavailable);

/// Judge a liveness capture
///
/// Answers whether a living person did the steps of the session, and if not, why. When several
/// captures use one nonce, one is judged, and the others get `session_consumed`. `/verify` and
/// `/register` also take the capture itself, and judge liveness and match on the same frames.
///
/// Where the operator requires attestations, a capture without a good one is refused before it is
/// judged: `attestation_required`. An API key says which service calls; it needs no scope.
#[utoipa::path(
    post,
    path = "/liveness",
    tag = "liveness",
    operation_id = "judge_liveness",
    security((), ("api_key" = [])),
    request_body(content(
        (LivenessInput = "application/json"),
        (LivenessForm = "multipart/form-data"),
    )),
    responses((status = 200, description = "A verdict.", body = LivenessResponse), LivenessProblems),
)]
pub(crate) async fn judge_liveness(
    context: web::Data<Context>,
    service: ServiceCaller,
    source: Source,
    body: Body<LivenessInput>,
) -> ApiResult<web::Json<LivenessResponse>> {
    let origin = source.by(service.actor());
    let (judgement, token) = liveness::judge_alone(&context, body.command, &origin).await?;
    Ok(web::Json(LivenessResponse::new(judgement, token)))
}
