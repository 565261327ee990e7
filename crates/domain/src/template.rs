//! What enrolment stored.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::embedding::Embedding;

/// Most templates one account keeps. Each one is another chance for a stranger, so the
/// account-level FMR grows with it; ten cover glasses, beard and light.
pub const MAX_TEMPLATES_PER_USER: usize = 10;

/// Identifier of a template: a UUID version 7. The API calls it the id of a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TemplateId(pub Uuid);

/// A reference the account is verified against.
#[derive(Debug, Clone)]
pub struct Template {
    /// Identifier.
    pub id: TemplateId,
    /// The enrolled embedding with its model.
    pub embedding: Embedding,
    /// When it was enrolled.
    pub created_at: DateTime<Utc>,
}
