//! The agreement to biometric processing: as it is sent, and as it is recorded.

use chrono::{DateTime, Utc};
use faceauth_domain::user::Consent;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{ApiError, ApiResult, ErrorCode};

/// Longest policy version, in characters.
const POLICY_VERSION_MAX_CHARS: usize = 64;

/// The person's explicit agreement to biometric processing.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ConsentBody {
    /// The version of the text the person agreed to.
    #[schema(example = "2026-11", min_length = 1, max_length = 64)]
    policy_version: String,
    /// Must be `true`.
    granted: bool,
}

impl ConsentBody {
    /// The version that was agreed to. `pointer` is where this stands in the request.
    pub(crate) fn agreed(self, pointer: &str) -> ApiResult<String> {
        let version = self.policy_version;
        if version.is_empty() || version.chars().count() > POLICY_VERSION_MAX_CHARS {
            return Err(ApiError::at(ErrorCode::InvalidField, format!("{pointer}/policy_version")));
        }
        if !self.granted {
            return Err(ApiError::at(ErrorCode::ConsentRequired, format!("{pointer}/granted")));
        }
        Ok(version)
    }
}

/// A recorded agreement.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecordedConsentBody {
    /// Version of the text.
    #[schema(example = "2026-11")]
    pub policy_version: String,
    /// When it was granted.
    pub granted_at: DateTime<Utc>,
    /// When it was withdrawn; then the account has no faces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<DateTime<Utc>>,
}

impl From<Consent> for RecordedConsentBody {
    fn from(consent: Consent) -> Self {
        Self {
            policy_version: consent.policy_version,
            granted_at: consent.granted_at,
            withdrawn_at: consent.withdrawn_at,
        }
    }
}
