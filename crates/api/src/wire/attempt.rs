//! A line of an account's history.

use chrono::{DateTime, Utc};
use faceauth_store::audit::AttemptRecord;
use serde::Serialize;
use utoipa::ToSchema;

/// An enrolment or a sign-in, accepted or refused. Never a score.
#[derive(Serialize, ToSchema)]
pub(crate) struct AttemptBody {
    /// What was wanted: `register`, `verify` or `add_face`.
    #[schema(example = "verify")]
    kind: String,
    /// How it ended: `accepted`, or why it was refused.
    #[schema(example = "accepted")]
    outcome: String,
    /// What was shown, when it was accepted: the end of `acr`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "face-liveness")]
    assurance: Option<String>,
    /// Why a liveness capture was refused.
    reasons: Vec<String>,
    /// The model in use.
    #[schema(example = "sface+fr-feature+lm68")]
    model: String,
    /// When.
    at: DateTime<Utc>,
}

impl From<AttemptRecord> for AttemptBody {
    fn from(attempt: AttemptRecord) -> Self {
        Self {
            kind: attempt.kind,
            outcome: attempt.outcome,
            assurance: attempt.assurance,
            reasons: attempt.reasons,
            model: attempt.model_id,
            at: attempt.at,
        }
    }
}
