//! Enrolled faces, and how usable a picture is. Never a vector.

use chrono::{DateTime, Utc};
use faceauth_store::faces::FaceRecord;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::ErrorCode;

/// An enrolled face. Never its vector.
#[derive(Serialize, ToSchema)]
pub(crate) struct FaceBody {
    /// Identifier.
    pub id: Uuid,
    /// The model its template was made with.
    #[schema(example = "sface+fr-feature+lm68")]
    pub model: String,
    /// When it was enrolled.
    pub created_at: DateTime<Utc>,
}

impl From<FaceRecord> for FaceBody {
    fn from(face: FaceRecord) -> Self {
        Self { id: face.id.0, model: face.model.as_str().to_owned(), created_at: face.created_at }
    }
}

/// How usable a picture of a face is.
#[derive(Serialize, ToSchema)]
pub(crate) struct QualityBody {
    /// Whether it can be used.
    pub acceptable: bool,
    /// What to change, most helpful first; empty when acceptable.
    pub reasons: Vec<ErrorCode>,
}

/// A face that was just enrolled.
#[derive(Serialize, ToSchema)]
pub(crate) struct EnrolledFaceBody {
    #[serde(flatten)]
    face: FaceBody,
    /// Always acceptable: other pictures are refused.
    quality: QualityBody,
}

impl From<FaceRecord> for EnrolledFaceBody {
    fn from(face: FaceRecord) -> Self {
        let quality = QualityBody { acceptable: true, reasons: Vec::new() };
        Self { face: face.into(), quality }
    }
}
