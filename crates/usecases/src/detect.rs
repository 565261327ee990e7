//! Boxes for overlays.

use faceauth_domain::analyzer::{Faces, Work};

use crate::analysis;
use crate::context::Context;
use crate::error::Result;
use crate::presented::Picture;

/// Finds the faces in `picture`; nothing is kept.
///
/// # Errors
/// [`Error::Picture`](crate::Error::Picture) when it does not decode, or a failure of ours.
pub async fn detect(context: &Context, picture: Picture) -> Result<Faces> {
    let slot = context.analyzer.reserve(Work::Faces)?;
    analysis::faces(slot, picture).await
}
