//! What is measured on a liveness capture, frame by frame and between frames.

use super::pad::PadRange;
use crate::capture::EncodedImage;
use crate::embedding::Embedding;
use crate::evidence::CaptureProblem;
use crate::face::Face;

/// What a usable frame says about its subject.
#[derive(Debug, Clone)]
pub struct Sight {
    /// The subject's face.
    pub face: Face,
    /// By the first stage of the matcher; `None` of a matcher without stages.
    pub first: Option<First>,
    /// By the whole matcher, where [`super::identity::wanted`] asked for it.
    pub whole: Option<Whole>,
    /// How far the lids are open, by the model of an eye: in distances between the eyes. `None`
    /// where no step asks for it.
    pub lids: Option<f32>,
    /// Passive PAD of this frame, as far as the verdict over all frames needs it.
    pub pad: PadRange,
    /// The face and what is around it, upright; `None` unless [`crate::analyzer::Keep::FaceImage`]
    /// was asked.
    pub image: Option<EncodedImage>,
}

/// A face, as the first stage of the matcher sees it.
#[derive(Debug, Clone)]
pub struct First {
    /// The embedding, of a model of its own.
    pub embedding: Embedding,
    /// Whether it saw enough of a face to accept the person alone.
    pub sure: bool,
}

/// A face, as the whole matcher sees it.
#[derive(Debug, Clone)]
pub struct Whole {
    /// The embedding.
    pub embedding: Embedding,
    /// The same by the previous model, while people move from it to the current one.
    pub previous: Option<Embedding>,
}

/// One frame.
#[derive(Debug, Clone)]
pub struct FrameObservation {
    /// When it was taken, in milliseconds.
    pub t_ms: u32,
    /// The subject, or why it is missing. The face may break the quality policy for reasons that
    /// are [tolerated in motion](crate::quality::QualityReason::tolerated_in_motion).
    pub subject: Result<Sight, CaptureProblem>,
    /// How the face lies compared with the capture's most frontal frame; `None` without a
    /// subject.
    pub relief: Option<Relief>,
}

/// How the 68 landmarks moved between the most frontal frame and this one, in eye distances
/// of the frontal frame.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Relief {
    /// Root mean square of the way the landmarks went, less the best shift, scale and rotation
    /// in the plane: the face was seen from another side.
    pub turn: f32,
    /// The movement that the best homography does not explain. It shows that the face is not a flat
    /// surface (Hartley and Zisserman, "Multiple View Geometry", 2nd ed., 13.1: views of a plane
    /// are related by a homography, however the camera moves).
    pub depth: f32,
}

/// How points moved between two frames, in face heights: the median over the points that
/// could be followed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flow {
    /// To the right.
    pub dx: f32,
    /// Downwards.
    pub dy: f32,
    /// How many points could be followed.
    pub points: usize,
}

/// What happened from one frame to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transition {
    /// Mean absolute difference of the grey pictures where the face is, 0 to 255.
    pub change: f32,
    /// Share of the background that has changed its brightness, except by an adapting exposure of
    /// the camera: 1 minus the intersection of the two grey histograms, outside of both faces and
    /// the areas below them. `None` when there is too little background.
    pub background_change: Option<f32>,
    /// Optical flow inside the face box; `None` also where the verdict does not need it.
    pub face: Option<Flow>,
    /// Optical flow outside, above the shoulders; `None` also where the verdict does not need it.
    pub background: Option<Flow>,
}

/// A frame that looks like one that was not its neighbour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recurrence {
    /// The later frame.
    pub frame: usize,
    /// The earlier one it resembles most, at least two before it.
    pub earlier: usize,
    /// Mean absolute difference of the grey pictures where the face is, 0 to 255.
    pub difference: f32,
}

/// How much of the matcher the person of a capture is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The first stage alone, which has looked at every frame.
    First,
    /// The whole matcher, in the frames that [`super::identity::wanted`] asks for.
    Whole,
}

/// Everything measured on a capture.
#[derive(Debug, Clone)]
pub struct Observation {
    /// Who judges identity.
    pub stage: Stage,
    /// Every frame, in order.
    pub frames: Vec<FrameObservation>,
    /// From each frame to the next: one fewer than frames.
    pub transitions: Vec<Transition>,
    /// For each frame from the third on, the earlier frame it resembles most.
    pub recurrences: Vec<Recurrence>,
}
