//! Boxes for overlays.

use faceauth_domain::analyzer::Analysis;
use faceauth_domain::capture::EncodedImage;

use super::analysis;
use crate::error::ApiResult;
use crate::state::AppState;

/// Finds the faces in `image`; nothing is kept.
pub(crate) async fn detect(state: &AppState, image: EncodedImage) -> ApiResult<Analysis> {
    let slot = state.analyzer.reserve()?;
    analysis::faces(slot, image, "/image").await
}
