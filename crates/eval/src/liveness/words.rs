//! What figures and reasons are called, and what to try.

use faceauth_domain::liveness::explain::{Limit, Rule};
use faceauth_domain::liveness::reason::LivenessReason;
use faceauth_domain::quality::QualityReason;
use faceauth_domain::subject::SubjectError;

/// The word for a rule in JSON.
pub(super) fn key(rule: Rule) -> &'static str {
    match rule {
        Rule::MissedFrames => "missed_frames",
        Rule::StartYaw => "start_yaw",
        Rule::StartPitch => "start_pitch",
        Rule::FrontalFrames => "frontal_frames",
        Rule::SamePersonFrontal => "same_person_frontal",
        Rule::SamePersonTurned => "same_person_turned",
        Rule::Pad => "pad_mean",
        Rule::Frozen => "frozen_transitions",
        Rule::Recurring => "recurring_frames",
        Rule::BackgroundChange => "background_change",
        Rule::JointMotion => "joint_transitions",
        Rule::Depth => "depth_share",
    }
}

/// What a rule measures, with its unit.
pub(super) fn label(rule: Rule) -> &'static str {
    match rule {
        Rule::MissedFrames => "share of frames without a usable face",
        Rule::StartYaw => "head turned at the start, degrees",
        Rule::StartPitch => "head raised or lowered at the start, degrees",
        Rule::FrontalFrames => "frontal frames without a fault",
        Rule::SamePersonFrontal => "one person: least score of two frontal frames",
        Rule::SamePersonTurned => "one person: least score of a turned frame",
        Rule::Pad => "mean PAD score, 0 to 1",
        Rule::Frozen => "times that the picture stood still",
        Rule::Recurring => "frames that show an earlier one again",
        Rule::BackgroundChange => "most change of the background, 0 to 1",
        Rule::JointMotion => "times that face and background moved as one",
        Rule::Depth => "depth as a share of the turn",
    }
}

/// A limit, such as `at most 0.15`.
pub(super) fn limit(limit: Limit) -> String {
    match limit {
        Limit::AtLeast(value) => format!("at least {}", figure(value)),
        Limit::AtMost(value) => format!("at most {}", figure(value)),
    }
}

/// A figure with three digits after the point at the most.
pub(super) fn figure(value: f32) -> String {
    let text = format!("{value:.3}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

/// The same, or a dash.
pub(super) fn figure_or_dash(value: Option<f32>) -> String {
    value.map_or("-".to_owned(), figure)
}

/// Why a capture is refused, and what to try. One sentence each.
pub(super) fn advice(reason: LivenessReason) -> &'static str {
    match reason {
        LivenessReason::Subject(SubjectError::NoFace) => {
            "No face was found in too many frames. Hold the face in the middle, in the light, and \
             take away what covers it."
        }
        LivenessReason::Subject(SubjectError::MultipleFaces) => {
            "Somebody else is as large in the picture. Let only one person stand before the camera, \
             and take posters and screens with faces away."
        }
        LivenessReason::Quality(reason) => picture(reason),
        LivenessReason::NoFrontalFrame => {
            "No frame shows the face from the front, sharp, with open eyes. Look straight into the \
             camera first, and hold still for a moment."
        }
        LivenessReason::NotStraightAtStart => {
            "The head was not straight at the start. Put the camera at the height of the eyes, and \
             look into it before the first step."
        }
        LivenessReason::StepNotMet
        | LivenessReason::StepsOutOfOrder
        | LivenessReason::StepTooLate
        | LivenessReason::UnexpectedMotion => {
            "The steps were not those that were asked for. Do the steps that are shown, in order."
        }
        LivenessReason::FlatMotion => {
            "What was turned has no depth, as a photo has none. Turn the head, and not the phone; turn \
             it further."
        }
        LivenessReason::MovesWithBackground => {
            "The background moves as the face does. Put the phone down or lean it on something, and \
             move the head alone."
        }
        LivenessReason::FrozenFrames => {
            "The picture stood still. The camera or the app sends one picture several times: close \
             other programs that use the camera, and record anew."
        }
        LivenessReason::LoopedFrames => {
            "Pictures return that were there before. Record anew; a virtual camera may play a loop."
        }
        LivenessReason::ReplayedFrames => "Frames were sent before. Record anew for each attempt.",
        LivenessReason::RecordedBeforeSession => {
            "The capture is older than the session. Record it after the steps were shown."
        }
        LivenessReason::IdentityChanged => {
            "The frames do not show one person for certain. Let one person stay before the camera from \
             first to last; with one person, mend light and sharpness."
        }
        LivenessReason::SceneCut => {
            "The background became another one at once. Record without a pause, and switch virtual \
             backgrounds off."
        }
        LivenessReason::PresentationAttack => {
            "The face looks like a print or a screen. Use even light from the front, clean the lens, \
             switch filters off, and come a little closer."
        }
    }
}

fn picture(reason: QualityReason) -> &'static str {
    match reason {
        QualityReason::NotUpright => "The face is not upright. Hold the camera upright.",
        QualityReason::NotNatural => {
            "The picture does not look like a photo of a face. Switch filters and effects off."
        }
        QualityReason::Occluded => {
            "Something covers the face. Take off masks and dark glasses, and take hair and hands away."
        }
        QualityReason::FaceCutOff => "The face is cut off. Move it into the middle, or step back.",
        QualityReason::FaceTooSmall => "The face is too small. Come closer to the camera.",
        QualityReason::TooDark => {
            "It is too dark. Turn to a window or a lamp, and have no bright light behind you."
        }
        QualityReason::TooBright => "It is too bright. Turn away from the sun or the lamp.",
        QualityReason::PoseOutOfRange => "The head is turned too far. Look into the camera.",
        QualityReason::Blurred => {
            "The picture is blurred. Hold still, clean the lens, and use more light."
        }
        QualityReason::EyesClosed => "The eyes are shut. Open them.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short() {
        let shown = [0.0, -0.0001, 0.15, 1.0, 18.0, 0.338_4, -12.5].map(figure);
        assert_eq!(shown, ["0", "0", "0.15", "1", "18", "0.338", "-12.5"]);
    }

    #[test]
    fn every_reason_says_what_to_try() {
        for reason in LivenessReason::all() {
            let said = advice(reason);
            assert!(said.contains(". ") && said.ends_with('.'), "{reason:?}: {said}");
        }
    }
}
