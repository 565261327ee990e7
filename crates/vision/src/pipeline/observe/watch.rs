//! What is asked of every frame, one after the other.

use faceauth_domain::analyzer::Keep;
use faceauth_domain::evidence::CaptureProblem;
use faceauth_domain::face::Face;
use faceauth_domain::liveness::evidence::{First, FrameObservation, Sight, Transition};
use faceauth_domain::liveness::joint;
use faceauth_domain::liveness::pad::{self, PadRange};
use faceauth_domain::quality::QualityPolicy;
use faceauth_domain::subject;
use faceauth_telemetry::label::Stage;
use faceauth_telemetry::stage::measured;

use super::Scrutiny;
use super::first_stage::{Crops, Matched};
use crate::embed::{Embedder, FirstPart};
use crate::error::VisionError;
use crate::eyes::EyeReader;
use crate::face_image;
use crate::frame::Frame;
use crate::motion::{self, Followed, Trace};
use crate::pad::{PadDetector, PadInHand};
use crate::pipeline::evidence::{known, previous_crop};
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

/// Collects a capture frame by frame. The pixels are dropped as soon as a frame has been measured.
/// A grey picture of at most 320 pixels a side stays for the comparison at the end, and so do the
/// faces, where they are to be kept.
pub(super) struct Watch<'a> {
    models: Models<'a>,
    keep: Keep,
    scrutiny: &'a Scrutiny,
    /// How many frames there are, where that is known from the start.
    count: Option<usize>,
    /// Height in pixels of the largest face in the last frame.
    height: Option<f32>,
    seen: Watched,
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

impl<'a> Watch<'a> {
    pub(super) fn new(
        models: Models<'a>,
        keep: Keep,
        scrutiny: &'a Scrutiny,
        count: Option<usize>,
    ) -> Self {
        Self { models, keep, scrutiny, count, height: None, seen: Watched::default() }
    }

    /// Looks at the next frame, and hands the crop of its subject to the matcher.
    pub(super) fn see(
        &mut self,
        t_ms: u32,
        frame: &Frame,
        crops: &Crops,
    ) -> Result<(), VisionError> {
        let finder = &mut self.models.finder;
        let mut located = match self.height {
            Some(height) => finder.locate_next(frame, height)?,
            None => finder.locate_all(frame)?,
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
        self.height = face.map(|face| face.height);
        self.follow(Trace::new(frame, face, points)?)?;
        let (subject, left) = match subject {
            Ok((sight, left)) => (Ok(sight), Some(left)),
            Err(problem) => (Err(problem), None),
        };
        self.seen.frames.push(FrameObservation { t_ms, subject, relief: None });
        self.seen.left.push(left);
        Ok(())
    }

    /// What the subject of every frame is asked, and what is left for later.
    fn subject(
        &mut self,
        frame: &Frame,
        subject: Located,
        crops: &Crops,
    ) -> Result<(Sight, Left), VisionError> {
        let Located { face, points, aligned } = subject;
        crops.send(self.seen.frames.len(), aligned.into());
        let judged = self.pad_is_open();
        let Models { pad, eyes, previous, .. } = &mut self.models;
        let mut in_hand = measured(Stage::Pad, || pad.hold(frame, &face.bounding_box))?;
        if judged {
            while pad.range(&in_hand).width() > self.scrutiny.leaves_open() {
                measured(Stage::Pad, || pad.go_on(&mut in_hand))?;
            }
        }
        let range = if judged { pad.range(&in_hand) } else { PadRange::unknown() };
        let image = match self.keep {
            Keep::Nothing => None,
            Keep::FaceImage => Some(face_image::cut(frame, &face.bounding_box)?),
        };
        let previous = previous_crop(*previous, frame, &face.landmarks)?.map(Wiped::from);
        let lids = match eyes {
            Some(eyes) if self.scrutiny.looks_at_lids() => eyes.openness(frame, &points)?,
            _ => None,
        };
        let sight = Sight { face, first: None, whole: None, lids, pad: range, image };
        Ok((sight, Left { aligned: Wiped::default(), first: None, previous, pad: in_hand }))
    }

    /// Compares the next frame with the last one.
    fn follow(&mut self, trace: Trace) -> Result<(), VisionError> {
        if let Some(before) = self.seen.traces.last() {
            let followed = match (self.scrutiny, self.count) {
                (Scrutiny::Verdict { policy, .. }, Some(count)) => {
                    let to_come = count.saturating_sub(1 + self.seen.transitions.len());
                    match joint::is_joint(&self.seen.transitions, to_come, policy) {
                        Some(_) => Followed::Nothing,
                        None => Followed::Face(policy),
                    }
                }
                _ => Followed::Everything,
            };
            self.seen.transitions.push(motion::transition(before, &trace, followed)?);
        }
        self.seen.traces.push(trace);
        Ok(())
    }

    /// Whether PAD has to look at the next frame.
    fn pad_is_open(&self) -> bool {
        let (Scrutiny::Verdict { policy, .. }, Some(count)) = (self.scrutiny, self.count) else {
            return true;
        };
        let to_come = count.saturating_sub(self.seen.frames.len());
        pad::bona_fide(&self.seen.pad_ranges(), to_come, policy.min_mean_pad).is_none()
    }

    /// Everything that was seen, with what the first stage of the matcher says. It takes out
    /// frames whose face it does not know by `limits`.
    pub(super) fn watched(self, matched: Vec<Matched>, limits: &QualityPolicy) -> Watched {
        let mut seen = self.seen;
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

impl Watched {
    /// What PAD has said of the frames with a subject.
    pub(super) fn pad_ranges(&self) -> Vec<PadRange> {
        let sights = self.frames.iter().filter_map(|frame| frame.subject.as_ref().ok());
        sights.map(|sight| sight.pad).collect()
    }
}
