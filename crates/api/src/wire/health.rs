//! The answer of a probe.

use serde::Serialize;
use utoipa::ToSchema;

/// A probe's answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct HealthResponse {
    #[schema(example = "ok")]
    status: &'static str,
}

impl HealthResponse {
    /// All is well.
    pub(crate) const OK: Self = Self { status: "ok" };
}
