//! What is asked of every frame, one after the other.

use faceauth_domain::analyzer::Keep;
use faceauth_domain::evidence::CaptureProblem;
use faceauth_domain::face::Face;
use faceauth_domain::liveness::evidence::{FrameObservation, Sight};
use faceauth_domain::liveness::pad::PadRange;
use faceauth_domain::subject;
use faceauth_telemetry::label::Stage;
use faceauth_telemetry::stage::measured;

use super::Scrutiny;
use super::first_stage::Crops;
use super::in_hand::{CaptureInHand, Left};
use crate::embed::Embedder;
use crate::error::VisionError;
use crate::eyes::EyeReader;
use crate::face_image;
use crate::frame::Frame;
use crate::halved::Halved;
use crate::motion::{self, Trace};
use crate::pad::PadDetector;
use crate::pipeline::evidence::previous_crop;
use crate::pipeline::finder::{Finder, Located};
use crate::wiped::Wiped;

/// The models that look at every frame, but for the matcher.
pub(super) struct Models<'a> {
    pub(super) finder: &'a mut Finder,
    pub(super) pad: &'a mut PadDetector,
    pub(super) eyes: Option<&'a mut EyeReader>,
    /// Its crop is made here. It looks later, if at all.
    pub(super) previous: Option<&'a Embedder>,
}

/// Looks at the frames of a capture one by one. The pixels are dropped as soon as a frame has been
/// measured.
pub(super) struct Watch<'a> {
    pub(super) models: Models<'a>,
    pub(super) scrutiny: &'a Scrutiny,
    pub(super) in_hand: &'a mut CaptureInHand,
}

impl Watch<'_> {
    /// Looks at the next frame, and hands the crop of its subject to the matcher.
    pub(super) fn see(
        &mut self,
        t_ms: u32,
        frame: &Frame,
        crops: &Crops,
    ) -> Result<(), VisionError> {
        let halved = Halved::new(frame);
        let trace = Trace::new(&halved)?;
        let finder = &mut self.models.finder;
        let mut located = match self.in_hand.height {
            Some(height) => finder.locate_next(&halved, height)?,
            None => finder.locate_all(&halved)?,
        };
        let faces: Vec<Face> = located.iter().map(|l| l.face.clone()).collect();
        let (subject, points) = match subject::select_subject(&faces) {
            Err(problem) => (Err(problem.into()), None),
            Ok(index) => {
                let found = located.swap_remove(index);
                let points = found.points;
                let broken: Vec<_> = found
                    .face
                    .reasons
                    .iter()
                    .copied()
                    .filter(|reason| !reason.tolerated_in_motion())
                    .collect();
                let subject = if broken.is_empty() {
                    Ok(self.subject(frame, found, crops)?)
                } else {
                    Err(CaptureProblem::Quality(broken))
                };
                (subject, Some(points))
            }
        };
        let face = faces.first().map(|face| face.bounding_box);
        self.in_hand.height = face.map(|face| face.height);
        self.compare(trace.shows(face, points))?;
        let (subject, left) = match subject {
            Ok((sight, left)) => (Ok(sight), Some(left)),
            Err(problem) => (Err(problem), None),
        };
        let seen = &mut self.in_hand.seen;
        seen.frames.push(FrameObservation { t_ms, subject, relief: None });
        seen.left.push(left);
        seen.look_until_certain(self.models.pad, self.scrutiny, self.in_hand.count)
    }

    /// What the subject of every frame is asked, and what is left for later.
    fn subject(
        &mut self,
        frame: &Frame,
        subject: Located,
        crops: &Crops,
    ) -> Result<(Sight, Left), VisionError> {
        let Located { face, points, aligned } = subject;
        crops.send(self.in_hand.seen.frames.len(), aligned.into());
        let Models { pad, eyes, previous, .. } = &mut self.models;
        let in_hand = measured(Stage::Pad, || pad.hold(frame, &face.bounding_box))?;
        let image = match self.in_hand.keep {
            Keep::Nothing => None,
            Keep::FaceImage => Some(face_image::cut(frame, &face.bounding_box)?),
        };
        let previous = previous_crop(*previous, frame, &face.landmarks)?.map(Wiped::from);
        let lids = match eyes {
            Some(eyes) if self.scrutiny.looks_at_lids() => eyes.openness(frame, &points)?,
            _ => None,
        };
        let sight = Sight { face, first: None, whole: None, lids, pad: PadRange::unknown(), image };
        Ok((sight, Left { aligned: Wiped::default(), first: None, previous, pad: in_hand }))
    }

    /// Compares the next frame with the last one.
    fn compare(&mut self, trace: Trace) -> Result<(), VisionError> {
        let seen = &mut self.in_hand.seen;
        if let Some(before) = seen.traces.last() {
            seen.transitions.push(motion::transition(before, &trace)?);
        }
        seen.traces.push(trace);
        Ok(())
    }
}
