//! A line of an account's history.

use chrono::{DateTime, Utc};
use faceauth_domain::attestation::{AttestationFinding, Attested};
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
    #[schema(example = json!([]))]
    reasons: Vec<String>,
    /// What the device of a capture proved (`android-tee`, `android-strongbox`, `apple-app-attest`),
    /// `missing`, or `refused`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "android-tee")]
    attestation: Option<&'static str>,
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
            attestation: attempt.attestation.as_deref().map(attestation),
            model: attempt.model_id,
            at: attempt.at,
        }
    }
}

/// A capture without an attestation.
const MISSING: &str = AttestationFinding::Missing.as_str();

/// Which flaw an attestation has is for the operator: whoever forges one would learn from it.
fn attestation(found: &str) -> &'static str {
    match Attested::parse(found) {
        Some(attested) => attested.as_str(),
        None if found == MISSING => MISSING,
        None => "refused",
    }
}
