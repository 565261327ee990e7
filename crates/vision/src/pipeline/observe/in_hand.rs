//! What is in hand of a capture while its frames are looked at.

use faceauth_domain::analyzer::Keep;
use faceauth_domain::liveness::evidence::{First, FrameObservation, Transition};
use faceauth_domain::quality::QualityPolicy;

use super::first_stage::Matched;
use crate::embed::FirstPart;
use crate::motion::Trace;
use crate::pad::PadInHand;
use crate::pipeline::evidence::known;
use crate::wiped::Wiped;

/// A capture of which some frames have been looked at. Every pipeline of the same models may go on
/// with it.
///
/// A grey picture of at most 320 pixels a side stays of each frame for the comparison at the end, and
/// so do crops of the face for models that have not looked, and the faces, where they are to be
/// kept.
pub struct CaptureInHand {
    pub(super) keep: Keep,
    /// How many frames there are, where that is known yet.
    pub(super) count: Option<usize>,
    /// Height in pixels of the largest face in the last frame.
    pub(super) height: Option<f32>,
    pub(super) seen: Watched,
    /// What the first stage of the matcher has made of the frames with a subject.
    pub(super) matched: Vec<Matched>,
}

/// What every frame has shown.
#[derive(Default)]
pub(super) struct Watched {
    pub(super) frames: Vec<FrameObservation>,
    pub(super) traces: Vec<Trace>,
    /// From each frame to the next.
    pub(super) transitions: Vec<Transition>,
    /// For each frame with a subject, what the models that may still look at it need.
    pub(super) left: Vec<Option<Left>>,
    /// How many frames PAD has been asked about, from the first one on.
    pub(super) judged: usize,
    /// In how many transitions points have been followed, from the first one on.
    pub(super) followed: usize,
}

/// What is left of a frame for models that look at it later, if at all.
pub(super) struct Left {
    /// For the matcher.
    pub(super) aligned: Wiped,
    /// What its first stage has made of it.
    pub(super) first: Option<FirstPart>,
    /// For the previous matcher.
    pub(super) previous: Option<Wiped>,
    /// For the PAD models that have not looked.
    pub(super) pad: PadInHand,
}

impl CaptureInHand {
    /// Nothing yet, of a capture with `count` frames, where that is known.
    #[must_use]
    pub fn new(keep: Keep, count: Option<usize>) -> Self {
        Self { keep, count, height: None, seen: Watched::default(), matched: Vec::new() }
    }

    /// The same, now that the capture is known to have `count` frames.
    #[must_use]
    pub fn of(self, count: usize) -> Self {
        Self { count: Some(count), ..self }
    }

    /// How many frames have been looked at.
    #[must_use]
    pub fn looked_at(&self) -> usize {
        self.seen.frames.len()
    }

    /// Everything that was seen, with what the first stage of the matcher says. It takes out
    /// frames whose face it does not know by `limits`.
    pub(super) fn watched(self, limits: &QualityPolicy) -> Watched {
        let Self { mut seen, matched, .. } = self;
        for Matched { frame, aligned, first } in matched {
            let (subject, left) = (&mut seen.frames[frame].subject, &mut seen.left[frame]);
            let (Ok(sight), Some(left)) = (subject.as_mut(), left) else { continue };
            if let Some(first) = &first {
                match known(&sight.face, first.embedded.likeness, limits) {
                    Ok(face) => {
                        sight.face = face;
                        let embedding = first.embedded.embedding.clone();
                        sight.first = Some(First { embedding, sure: first.sure });
                    }
                    Err(problem) => *subject = Err(problem),
                }
            }
            (left.aligned, left.first) = (aligned, first);
        }
        seen
    }
}
