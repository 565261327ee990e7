//! Steps, and the verdict on a capture.

use chrono::{DateTime, Utc};
use faceauth_domain::challenge::{Action, Challenge, STEP_WITHIN_MS};
use faceauth_domain::liveness::reason::LivenessReason;
use faceauth_usecases::judgement::{Judgement, Prompt};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use uuid::Uuid;

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
    /// Close both eyes, keep them closed until told, and open them again. Tell the person by a tone
    /// or a vibration after about a second. Less than 400 ms does not count.
    Blink,
    /// Bring the face closer to the camera, and stay there.
    MoveCloser,
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

/// A verdict. Never a score.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct LivenessResponse {
    /// The session.
    session_id: Uuid,
    /// Whether a living person did what was asked.
    live: bool,
    /// Why not; empty when live.
    #[schema(example = json!([]))]
    reasons: Vec<ReasonBody>,
    /// The steps, and whether each was met in order and in time.
    steps: Vec<MetStepBody>,
    /// Proof of the verdict for `/verify` or `/register`: good once, for a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    liveness_token: Option<String>,
    /// When the session ends.
    expires_at: DateTime<Utc>,
    /// Captures the session will still judge.
    #[schema(example = 2)]
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
            .enum_values(Some(LivenessReason::all().map(LivenessReason::as_str)))
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

impl LivenessResponse {
    /// The verdict as it is answered, with the token if one was granted.
    pub(crate) fn new(judgement: Judgement, liveness_token: Option<String>) -> Self {
        let steps = numbered(&judgement.challenge)
            .zip(judgement.met)
            .map(|((id, action), met)| MetStepBody { id, action, met })
            .collect();
        let (live, reasons, next) = match judgement.live {
            Ok(_) => (true, Vec::new(), None),
            Err(refused) => (false, refused.reasons, refused.next),
        };
        Self {
            session_id: judgement.session,
            live,
            reasons: reasons.into_iter().map(ReasonBody).collect(),
            steps,
            liveness_token,
            expires_at: judgement.expires_at,
            attempts_left: judgement.attempts_left,
            next: next.map(Into::into),
        }
    }
}
