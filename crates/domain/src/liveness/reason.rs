//! Why a capture does not count as a living person who does the steps.

use crate::quality::QualityReason;
use crate::subject::SubjectError;

/// Writes the enum, its words and its list from one table.
macro_rules! reasons {
    ($($(#[doc = $doc:literal])* $variant:ident $word:literal;)*) => {
        /// A refusal a person can act on. The list is closed; the words are permanent.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum LivenessReason {
            $($(#[doc = $doc])* $variant,)*
        }

        impl LivenessReason {
            /// Every reason, in the order they are reported.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word that stands for it in JSON and in the audit trail.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

reasons! {
    /// A frame shows no face: stay in the picture.
    NoFace "no_face";
    /// A frame shows more than one person who could be the subject: be alone.
    MultipleFaces "multiple_faces";
    /// The face stands upside down or lies on its side.
    NotUpright "not_upright";
    /// No natural picture of a face: a negative, an effect, a drawing.
    NotNatural "not_natural";
    /// Something covers mouth and nose, or the eyes.
    Occluded "occluded";
    /// The face reaches past the picture.
    FaceCutOff "face_cut_off";
    /// The face has too few pixels: come closer.
    FaceTooSmall "face_too_small";
    /// Too little light.
    TooDark "too_dark";
    /// Too much light.
    TooBright "too_bright";
    /// No frame looks straight into the camera and is sharp enough to recognise the person.
    NoFrontalFrame "no_frontal_frame";
    /// The capture does not begin with the head straight: look into the camera first.
    NotStraightAtStart "not_straight_at_start";
    /// A step was not seen.
    StepNotMet "step_not_met";
    /// The steps were seen in another order.
    StepsOutOfOrder "steps_out_of_order";
    /// A step came after its time.
    StepTooLate "step_too_late";
    /// A motion was seen that was not asked for.
    UnexpectedMotion "unexpected_motion";
    /// The face moves like something flat: turn the head and not the camera or a picture.
    FlatMotion "flat_motion";
    /// What is behind the face moves as the face does.
    MovesWithBackground "moves_with_background";
    /// The same picture again and again.
    FrozenFrames "frozen_frames";
    /// Pictures return that were there before.
    LoopedFrames "looped_frames";
    /// Frames that were sent before, in this session or another.
    ReplayedFrames "replayed_frames";
    /// The capture is longer than the session is old.
    RecordedBeforeSession "recorded_before_session";
    /// Not the same person in all frames.
    IdentityChanged "identity_changed";
    /// The picture changes at once, as if cut.
    SceneCut "scene_cut";
    /// The face looks like a print, a screen or a mask.
    PresentationAttack "presentation_attack";
}

impl From<SubjectError> for LivenessReason {
    fn from(problem: SubjectError) -> Self {
        match problem {
            SubjectError::NoFace => Self::NoFace,
            SubjectError::MultipleFaces => Self::MultipleFaces,
        }
    }
}

impl From<QualityReason> for LivenessReason {
    fn from(reason: QualityReason) -> Self {
        match reason {
            QualityReason::NotUpright => Self::NotUpright,
            QualityReason::NotNatural => Self::NotNatural,
            QualityReason::Occluded => Self::Occluded,
            QualityReason::FaceCutOff => Self::FaceCutOff,
            QualityReason::FaceTooSmall => Self::FaceTooSmall,
            QualityReason::TooDark => Self::TooDark,
            QualityReason::TooBright => Self::TooBright,
            // Tolerated in motion; what must be straight and sharp is a frontal frame.
            QualityReason::PoseOutOfRange | QualityReason::Blurred | QualityReason::EyesClosed => {
                Self::NoFrontalFrame
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_differ() {
        let mut words: Vec<&str> = LivenessReason::ALL.iter().map(|r| r.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), LivenessReason::ALL.len());
    }
}
