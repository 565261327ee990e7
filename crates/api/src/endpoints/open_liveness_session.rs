//! `POST /liveness/sessions`.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use faceauth_domain::challenge::{Action, Binding, Kinds, Purpose};
use faceauth_domain::clip::{MAX_CLIP_BYTES, MAX_CLIP_MS};
use faceauth_domain::liveness::capture::{MAX_FRAME_SIDE, MAX_FRAMES, MAX_GAP_MS, MIN_FRAMES};
use faceauth_usecases::Context;
use faceauth_usecases::liveness::{self, Opened};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::extract::SmallJson;
use crate::problems::problems;
use crate::wire::liveness::{ActionBody, PromptBody};
use crate::wire::username::parse_username;

/// Least width of a frame in pixels: a face that fills a third of it is above the least eye
/// distance.
const MIN_WIDTH: u32 = 320;

/// What is accepted as frames and clips.
const FORMATS: [&str; 5] = ["image/jpeg", "image/png", "image/webp", "video/webm", "video/mp4"];

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
    /// the token states a lower assurance. Left out: turning, looking up and coming closer. `blink` is
    /// to close the eyes and to keep them closed until told, for 400 ms at least. A service without a
    /// model of an eye refuses it.
    #[schema(min_items = 2)]
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
    #[schema(example = json!(["image/jpeg", "video/webm"]))]
    formats: Vec<&'static str>,
}

impl From<PurposeBody> for Purpose {
    fn from(purpose: PurposeBody) -> Self {
        match purpose {
            PurposeBody::Verify => Self::Verify,
            PurposeBody::Register => Self::Register,
        }
    }
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

problems!(SessionProblems: body, caller; DatabaseUnavailable);

/// Start a liveness session
///
/// Answers steps to perform and a nonce. Each is good for one capture; a capture that is
/// refused brings the next, while attempts remain.
#[utoipa::path(
    post,
    path = "/liveness/sessions",
    tag = "liveness",
    operation_id = "open_liveness_session",
    security(()),
    request_body = SessionRequest,
    responses(
        (status = 201, description = "What to do.", body = SessionResponse),
        SessionProblems,
    ),
)]
pub(crate) async fn open_liveness_session(
    context: web::Data<Context>,
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
    let opened = liveness::open(&context, binding, kinds).await?;
    Ok(HttpResponse::Created().json(SessionResponse::from(opened)))
}
