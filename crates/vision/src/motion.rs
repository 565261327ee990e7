//! What moves between the frames of a capture, and how.
//!
//! Three views of one question: does a head turn in front of a camera, or is a picture of a head
//! moved? [`relief`] compares landmarks through a homography. [`flow`] follows points in the face
//! and behind it. [`difference`] separates new pictures from repeated ones. None is a verdict; the
//! domain weighs them.

mod difference;
mod flow;
mod relief;
mod scene;
mod trace;

use faceauth_domain::liveness::evidence::Transition;

use crate::error::VisionError;

pub(crate) use difference::recurrences;
pub(crate) use relief::relief;
pub(crate) use trace::Trace;

/// From each trace to the next.
pub(crate) fn transitions(traces: &[Trace]) -> Result<Vec<Transition>, VisionError> {
    traces.windows(2).map(|pair| transition(&pair[0], &pair[1])).collect()
}

fn transition(before: &Trace, after: &Trace) -> Result<Transition, VisionError> {
    let (face, background) = match before.face() {
        Some(face) => flow::flow(before, after, &face)?,
        None => (None, None),
    };
    Ok(Transition {
        change: difference::difference(before, after)?,
        background_change: scene::change(before, after)?,
        face,
        background,
    })
}
