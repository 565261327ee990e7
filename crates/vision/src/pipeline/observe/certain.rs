//! PAD and the following of points, which go on only until the verdict is certain.
//!
//! When it is certain depends on how many frames there are, and that may not be known yet. Then there
//! are at least as many as have been seen, and at least as many as a capture must have. What the
//! verdict needs of those it needs of more (`domain::liveness::pad`, `joint`). So when more come, or
//! when the number is known, both go on where they stopped. In the end they have looked at what they
//! would have looked at had the number been known from the start.

use faceauth_domain::liveness::capture::MIN_FRAMES;
use faceauth_domain::liveness::evidence::FrameObservation;
use faceauth_domain::liveness::joint;
use faceauth_domain::liveness::pad::{self, PadRange};
use faceauth_telemetry::label::Stage;
use faceauth_telemetry::stage::measured;

use super::Scrutiny;
use super::in_hand::Watched;
use crate::error::VisionError;
use crate::motion::{self, Followed};
use crate::pad::PadDetector;

impl Watched {
    /// What PAD has said of the frames with a subject.
    pub(super) fn pad_ranges(&self) -> Vec<PadRange> {
        ranges(&self.frames)
    }

    /// Looks at what the verdict needs of the frames that were seen, when there are `count` in all.
    pub(super) fn look_until_certain(
        &mut self,
        pad: &mut PadDetector,
        scrutiny: &Scrutiny,
        count: Option<usize>,
    ) -> Result<(), VisionError> {
        let least = count.unwrap_or(self.frames.len().max(MIN_FRAMES));
        self.judge(pad, scrutiny, least)?;
        self.follow(scrutiny, least)
    }

    /// Lets PAD look at one frame after the other, until the mean of `least` frames is certain.
    fn judge(
        &mut self,
        pad: &mut PadDetector,
        scrutiny: &Scrutiny,
        least: usize,
    ) -> Result<(), VisionError> {
        while self.judged < self.frames.len() {
            let (before, frames) = self.frames.split_at_mut(self.judged);
            if let Scrutiny::Verdict { policy, .. } = scrutiny {
                let to_come = least.saturating_sub(before.len());
                if pad::bona_fide(&ranges(before), to_come, policy.min_mean_pad).is_some() {
                    return Ok(());
                }
            }
            let (frame, left) = (&mut frames[0].subject, &mut self.left[self.judged]);
            if let (Ok(sight), Some(left)) = (frame, left) {
                while pad.range(&left.pad).width() > scrutiny.leaves_open() {
                    measured(Stage::Pad, || pad.go_on(&mut left.pad))?;
                }
                sight.pad = pad.range(&left.pad);
            }
            self.judged += 1;
        }
        Ok(())
    }

    /// Follows points from one frame to the next, until it is certain for `least` frames whether face
    /// and background move as one.
    fn follow(&mut self, scrutiny: &Scrutiny, least: usize) -> Result<(), VisionError> {
        while self.followed < self.transitions.len() {
            let at = self.followed;
            let followed = match scrutiny {
                Scrutiny::Verdict { policy, .. } => {
                    let to_come = least.saturating_sub(1 + at);
                    if joint::is_joint(&self.transitions[..at], to_come, policy).is_some() {
                        return Ok(());
                    }
                    Followed::Face(policy)
                }
                Scrutiny::Everything => Followed::Everything,
            };
            let (before, after) = (&self.traces[at], &self.traces[at + 1]);
            motion::follow(&mut self.transitions[at], before, after, followed)?;
            self.followed += 1;
        }
        Ok(())
    }
}

fn ranges(frames: &[FrameObservation]) -> Vec<PadRange> {
    let sights = frames.iter().filter_map(|frame| frame.subject.as_ref().ok());
    sights.map(|sight| sight.pad).collect()
}
