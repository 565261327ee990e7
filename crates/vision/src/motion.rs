//! What moves between the frames of a capture, and how.
//!
//! Three views of one question: does a head turn in front of a camera, or is a picture of a head
//! moved? [`relief`] compares landmarks through a homography. [`flow`] follows points in the face
//! and behind it. [`difference`] separates new pictures from repeated ones. None is a verdict; the
//! domain weighs them.

mod difference;
mod flow;
mod pyramid;
mod relief;
mod scene;
mod trace;

use faceauth_domain::liveness::evidence::Transition;
use faceauth_domain::liveness::joint;
use faceauth_domain::liveness::policy::LivenessPolicy;

use crate::error::VisionError;

pub(crate) use difference::recurrences;
pub(crate) use relief::relief;
pub(crate) use trace::Trace;

/// Which points are followed from one frame to the next.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Followed<'a> {
    /// Those of the face. Those behind it only where the face moves far enough to compare both.
    Face(&'a LivenessPolicy),
    /// Those of the face, and those behind it.
    Everything,
}

/// What happened from `before` to `after`. No points are followed yet.
pub(crate) fn transition(before: &Trace, after: &Trace) -> Result<Transition, VisionError> {
    Ok(Transition {
        change: difference::difference(before, after)?,
        background_change: scene::change(before, after)?,
        face: None,
        background: None,
    })
}

/// Adds to `transition` where points have moved from `before` to `after`.
pub(crate) fn follow(
    transition: &mut Transition,
    before: &Trace,
    after: &Trace,
    followed: Followed<'_>,
) -> Result<(), VisionError> {
    let Some(face) = before.face() else { return Ok(()) };
    transition.face = flow::flow_of_face(before, after, &face)?;
    let behind = match followed {
        Followed::Face(policy) => transition.face.is_some_and(|f| joint::moves(&f, policy)),
        Followed::Everything => true,
    };
    if behind {
        transition.background = flow::flow_behind(before, after, &face)?;
    }
    Ok(())
}
