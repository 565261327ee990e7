//! `POST /liveness/sessions` and `POST /liveness`.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use faceauth_domain::challenge::{Action, Binding, Challenge, Kinds, Purpose, STEP_WITHIN_MS};
use faceauth_domain::clip::{MAX_CLIP_BYTES, MAX_CLIP_MS};
use faceauth_domain::liveness::capture::{MAX_FRAME_SIDE, MAX_FRAMES, MAX_GAP_MS, MIN_FRAMES};
use faceauth_domain::liveness::reason::LivenessReason;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use uuid::Uuid;

use super::register::parse_username;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::events::{Actor, Source};
use crate::extract::image::Parts;
use crate::extract::liveness::{LivenessInput, LivenessSubmission};
use crate::extract::{Body, RequestBody, SmallJson};
use crate::flow;
use crate::flow::liveness::{Judged, Opened, Prompt};
use crate::openapi::problems;
use crate::state::AppState;

/// Least width of a frame in pixels: a face that fills a third of it is above the least eye
/// distance.
const MIN_WIDTH: u32 = 320;

/// What is accepted as frames and clips.
const FORMATS: [&str; 5] = ["image/jpeg", "image/png", "image/webp", "video/webm", "video/mp4"];

/// A step of a challenge. Sides are the person's own; frames are not mirrored.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ActionBody {
    /// Turn the head to one's own left, and back.
    TurnLeft,
    /// Turn the head to one's own right, and back.
    TurnRight,
    /// Raise the chin, and lower it again.
    LookUp,
    /// Close both eyes for about a second, and open them again.
    Blink,
    /// Bring the face closer to the camera, and stay there.
    MoveCloser,
}

/// What a session is good for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PurposeBody {
    /// Signing in.
    Verify,
    /// Enrolling a face.
    Register,
}

/// What a session is wanted for. Every field may be left out.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SessionRequest {
    /// The session is good for this account alone.
    #[schema(example = "ada")]
    username: Option<String>,
    /// The session is good for this alone.
    purpose: Option<PurposeBody>,
    /// The steps this person can do, at least two different ones. Without a turn of the head
    /// the token states a lower assurance. Left out: turning, looking up and coming closer.
    #[schema(min_items = 2, max_items = 5)]
    actions: Option<Vec<ActionBody>>,
}

/// A challenge.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionResponse {
    /// The session.
    session_id: Uuid,
    #[serde(flatten)]
    prompt: PromptBody,
    /// When the session ends.
    expires_at: DateTime<Utc>,
    /// Captures the session will still judge.
    #[schema(example = 3)]
    attempts_left: u8,
    /// What a capture must be like.
    capture: CaptureLimits,
}

/// What to do, and the nonce that answers it. Both are good for one capture.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct PromptBody {
    /// Goes back with the capture.
    #[schema(example = "k3q5rXy0m0b2-4yq1m9o6Q3r0aJx3vQ1o0sYb0a7cXE")]
    nonce: String,
    /// To be performed in this order and nothing else between.
    steps: Vec<StepBody>,
}

/// One thing to do.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct StepBody {
    /// Names the step in this challenge.
    #[schema(example = "1")]
    id: String,
    /// What to do.
    action: ActionBody,
    /// Time for it in milliseconds, from the end of the step before.
    #[schema(example = 6000)]
    within_ms: u32,
}

/// What a capture must be like.
#[derive(Serialize, ToSchema)]
pub(crate) struct CaptureLimits {
    /// Least frames.
    #[schema(example = 8)]
    min_frames: usize,
    /// Most frames.
    #[schema(example = 30)]
    max_frames: usize,
    /// Most milliseconds between two frames.
    #[schema(example = 1500)]
    max_gap_ms: u32,
    /// Most milliseconds from the first frame to the last, and of a clip.
    #[schema(example = 20000)]
    max_duration_ms: u32,
    /// Least width of a frame in pixels.
    #[schema(example = 320)]
    min_width: u32,
    /// Longest side of a frame in pixels.
    #[schema(example = 1920)]
    max_side: u32,
    /// Most bytes of a clip.
    #[schema(example = 20_971_520)]
    max_clip_bytes: usize,
    /// Media types of frames and clips.
    formats: Vec<&'static str>,
}

/// A verdict. Never a score.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct LivenessResponse {
    /// The session.
    session_id: Uuid,
    /// Whether a living person did what was asked.
    live: bool,
    /// Why not; empty when live.
    reasons: Vec<ReasonBody>,
    /// The steps, and whether each was met in order and in time.
    steps: Vec<MetStepBody>,
    /// Proof of the verdict for `/verify` or `/register`: good once, for a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    liveness_token: Option<String>,
    /// When the session ends.
    expires_at: DateTime<Utc>,
    /// Captures the session will still judge.
    attempts_left: u8,
    /// The next attempt: other steps, another nonce.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<PromptBody>,
}

impl std::fmt::Debug for LivenessResponse {
    /// Neither nonces nor tokens.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LivenessResponse")
            .field("session_id", &self.session_id)
            .field("reasons", &self.reasons)
            .finish_non_exhaustive()
    }
}

/// A step, and whether it was met.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct MetStepBody {
    /// Names the step in its challenge.
    #[schema(example = "1")]
    id: String,
    /// What was to be done.
    action: ActionBody,
    /// Whether it was done in order and in time.
    met: bool,
}

/// Why a capture was refused.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReasonBody(LivenessReason);

impl Serialize for ReasonBody {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl utoipa::PartialSchema for ReasonBody {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .description(Some("Why a capture was refused. The list is closed."))
            .enum_values(Some(LivenessReason::ALL.iter().map(|reason| reason.as_str())))
            .into()
    }
}

impl utoipa::ToSchema for ReasonBody {
    fn name() -> std::borrow::Cow<'static, str> {
        "LivenessReason".into()
    }
}

impl From<Action> for ActionBody {
    fn from(action: Action) -> Self {
        match action {
            Action::TurnLeft => Self::TurnLeft,
            Action::TurnRight => Self::TurnRight,
            Action::LookUp => Self::LookUp,
            Action::Blink => Self::Blink,
            Action::MoveCloser => Self::MoveCloser,
        }
    }
}

impl From<ActionBody> for Action {
    fn from(action: ActionBody) -> Self {
        match action {
            ActionBody::TurnLeft => Self::TurnLeft,
            ActionBody::TurnRight => Self::TurnRight,
            ActionBody::LookUp => Self::LookUp,
            ActionBody::Blink => Self::Blink,
            ActionBody::MoveCloser => Self::MoveCloser,
        }
    }
}

impl From<PurposeBody> for Purpose {
    fn from(purpose: PurposeBody) -> Self {
        match purpose {
            PurposeBody::Verify => Self::Verify,
            PurposeBody::Register => Self::Register,
        }
    }
}

impl From<Prompt> for PromptBody {
    fn from(prompt: Prompt) -> Self {
        let steps = numbered(&prompt.challenge)
            .map(|(id, action)| StepBody { id, action, within_ms: STEP_WITHIN_MS })
            .collect();
        Self { nonce: prompt.nonce, steps }
    }
}

/// The steps of a challenge with the names they have in it.
fn numbered(challenge: &Challenge) -> impl Iterator<Item = (String, ActionBody)> {
    challenge.steps().iter().zip(1..).map(|(action, n)| (format!("{n}"), (*action).into()))
}

impl From<Opened> for SessionResponse {
    fn from(opened: Opened) -> Self {
        Self {
            session_id: opened.id,
            prompt: opened.prompt.into(),
            expires_at: opened.expires_at,
            attempts_left: opened.attempts_left,
            capture: CaptureLimits {
                min_frames: MIN_FRAMES,
                max_frames: MAX_FRAMES,
                max_gap_ms: MAX_GAP_MS,
                max_duration_ms: MAX_CLIP_MS,
                min_width: MIN_WIDTH,
                max_side: MAX_FRAME_SIDE,
                max_clip_bytes: MAX_CLIP_BYTES,
                formats: FORMATS.to_vec(),
            },
        }
    }
}

impl LivenessResponse {
    /// The verdict as it is told, with the token if one was granted.
    pub(crate) fn new(judged: Judged, liveness_token: Option<String>) -> Self {
        let steps = numbered(&judged.challenge)
            .zip(judged.met)
            .map(|((id, action), met)| MetStepBody { id, action, met })
            .collect();
        let (live, reasons, next) = match judged.live {
            Ok(_) => (true, Vec::new(), None),
            Err(refused) => (false, refused.reasons, refused.next),
        };
        Self {
            session_id: judged.session,
            live,
            reasons: reasons.into_iter().map(ReasonBody).collect(),
            steps,
            liveness_token,
            expires_at: judged.expires_at,
            attempts_left: judged.attempts_left,
            next: next.map(Into::into),
        }
    }
}

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
        self.resolve(parts, "")
    }
}

problems!(SessionProblems:
    MalformedJson, InvalidField, RequestTimeout, PayloadTooLarge, UnsupportedMediaType,
    RateLimited, InternalError, DatabaseUnavailable);

/// Start a liveness session
///
/// Answers steps to perform and a nonce. Each is good for one capture; a capture that is
/// refused brings the next, while attempts remain.
#[utoipa::path(
    post,
    path = "/liveness/sessions",
    tag = "liveness",
    operation_id = "open_liveness_session",
    request_body = SessionRequest,
    responses(
        (status = 201, description = "What to do.", body = SessionResponse),
        SessionProblems,
    ),
)]
pub(crate) async fn open_session(
    state: web::Data<AppState>,
    body: SmallJson<SessionRequest>,
) -> ApiResult<HttpResponse> {
    let SmallJson(request) = body;
    let username = request.username.as_deref().map(parse_username).transpose()?;
    let binding = Binding { username, purpose: request.purpose.map(Into::into) };
    let kinds = match request.actions {
        None => Kinds::default(),
        Some(actions) => {
            let actions: Vec<Action> = actions.into_iter().map(Into::into).collect();
            Kinds::new(&actions).map_err(|problem| {
                ApiError::at(ErrorCode::InvalidField, "/actions")
                    .detail(format!("Mend it: {problem}."))
            })?
        }
    };
    let opened = flow::liveness::open(&state, binding, kinds).await?;
    Ok(HttpResponse::Created().json(SessionResponse::from(opened)))
}

problems!(LivenessProblems:
    MalformedJson, MissingField, InvalidField, InvalidBase64, NotFound, RequestTimeout,
    SessionConsumed, SessionExpired, PayloadTooLarge, ImageDimensionsTooLarge,
    UnsupportedMediaType, ImageFormatMismatch, ImageUndecodable, RateLimited, InternalError,
    Overloaded, ModelUnavailable, DatabaseUnavailable);

/// Judge a liveness capture
///
/// Answers whether a living person did what the session asked, and why not. Of many captures
/// for one nonce a single one is judged; the others are `session_consumed`. `/verify` and
/// `/register` take the capture itself as well, and judge liveness and match on the same
/// frames.
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
pub(crate) async fn judge(
    state: web::Data<AppState>,
    source: Source,
    body: Body<LivenessInput>,
) -> ApiResult<web::Json<LivenessResponse>> {
    let origin = source.by(Actor::Anonymous);
    let (judged, token) = flow::liveness::verdict(&state, body.command, &origin).await?;
    Ok(web::Json(LivenessResponse::new(judged, token)))
}
