//! Why a capture does not count as a living person who does the steps.
//!
//! What is wrong with a picture has its words in [`QualityReason`] and [`SubjectError`]; the other
//! words stand here.

use crate::quality::QualityReason;
use crate::subject::SubjectError;

/// Writes the enum, its words, what each is about, and its list from one table.
macro_rules! reasons {
    ($($(#[doc = $doc:literal])* $variant:ident $word:literal $concern:ident;)*) => {
        /// A refusal a person can act on. The list is closed; the words are permanent. A lower
        /// reason is reported first.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum LivenessReason {
            /// A frame shows nobody, or more than one person who could be the subject.
            Subject(SubjectError),
            /// A frame cannot be used. Never a reason that is tolerated in motion: use
            /// [`LivenessReason::from`].
            Quality(QualityReason),
            $($(#[doc = $doc])* $variant,)*
        }

        impl LivenessReason {
            /// The reasons of a capture, after those of a picture.
            const OF_A_CAPTURE: &[Self] = &[$(Self::$variant,)*];

            /// The word that stands for it in JSON and in the audit trail.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    Self::Subject(problem) => problem.as_str(),
                    Self::Quality(reason) => reason.as_str(),
                    $(Self::$variant => $word,)*
                }
            }

            /// What it is about.
            #[must_use]
            pub const fn concern(self) -> Concern {
                match self {
                    Self::Subject(problem) => Concern::Subject(problem),
                    Self::Quality(reason) => Concern::Quality(reason),
                    $(Self::$variant => Concern::$concern,)*
                }
            }
        }
    };
}

reasons! {
    /// No frame looks straight into the camera and is sharp enough to recognise the person.
    NoFrontalFrame "no_frontal_frame" Steps;
    /// The capture does not begin with the head straight: look into the camera first.
    NotStraightAtStart "not_straight_at_start" Steps;
    /// A step was not seen.
    StepNotMet "step_not_met" Steps;
    /// The steps were seen in another order.
    StepsOutOfOrder "steps_out_of_order" Steps;
    /// A step came after its time.
    StepTooLate "step_too_late" Steps;
    /// A motion was seen that was not asked for.
    UnexpectedMotion "unexpected_motion" Steps;
    /// The face moves like something flat: turn the head and not the camera or a picture.
    FlatMotion "flat_motion" Attack;
    /// What is behind the face moves as the face does.
    MovesWithBackground "moves_with_background" Attack;
    /// The same picture again and again.
    FrozenFrames "frozen_frames" Attack;
    /// Pictures return that were there before.
    LoopedFrames "looped_frames" Attack;
    /// Frames that were sent before, in this session or another.
    ReplayedFrames "replayed_frames" Attack;
    /// The capture is longer than the session is old.
    RecordedBeforeSession "recorded_before_session" Attack;
    /// Not the same person in all frames.
    IdentityChanged "identity_changed" Person;
    /// The picture changes at once, as if cut.
    SceneCut "scene_cut" Attack;
    /// The face looks like a print, a screen or a mask.
    PresentationAttack "presentation_attack" Attack;
}

impl LivenessReason {
    /// Every reason, in the order they are reported.
    pub fn all() -> impl Iterator<Item = Self> {
        let refused = |reason: &QualityReason| !reason.tolerated_in_motion();
        SubjectError::ALL
            .into_iter()
            .map(Self::Subject)
            .chain(QualityReason::ALL.into_iter().filter(refused).map(Self::Quality))
            .chain(Self::OF_A_CAPTURE.iter().copied())
    }
}

impl From<SubjectError> for LivenessReason {
    fn from(problem: SubjectError) -> Self {
        Self::Subject(problem)
    }
}

impl From<QualityReason> for LivenessReason {
    fn from(reason: QualityReason) -> Self {
        if reason.tolerated_in_motion() { Self::NoFrontalFrame } else { Self::Quality(reason) }
    }
}

/// What a reason is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concern {
    /// Who is in the pictures.
    Subject(SubjectError),
    /// How the pictures were taken.
    Quality(QualityReason),
    /// Whether a living person is at the camera.
    Attack,
    /// Whether it is one person all the time.
    Person,
    /// Whether the steps were performed.
    Steps,
}

impl Concern {
    /// What to fix first; among equals, what was reported first. `None` without reasons.
    #[must_use]
    pub fn first(reasons: &[LivenessReason]) -> Option<Self> {
        reasons.iter().map(|reason| reason.concern()).min_by_key(|concern| concern.rank())
    }

    /// Pictures come first, because nothing else can be judged before. Then attacks, so that nobody
    /// with a photo in the hand is advised to move better.
    fn rank(self) -> u8 {
        match self {
            Self::Subject(_) | Self::Quality(_) => 0,
            Self::Attack => 1,
            Self::Person => 2,
            Self::Steps => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_differ_and_are_reported_in_order() {
        let all: Vec<LivenessReason> = LivenessReason::all().collect();
        assert!(all.is_sorted());
        let mut words: Vec<&str> = all.iter().map(|reason| reason.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), all.len());
    }

    /// The guide for clients.
    const GUIDE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/api.md"));

    #[test]
    fn the_guide_lists_every_reason() {
        let (_, table) = GUIDE.split_once("| reason | what the person").expect("the table");
        let rows = table.lines().skip(2).take_while(|row| row.starts_with('|'));
        let words = rows.filter_map(|row| row.split('|').nth(1));
        let mut listed: Vec<&str> =
            words.flat_map(|words| words.split('`').skip(1).step_by(2)).collect();
        let mut known: Vec<&str> = LivenessReason::all()
            .filter(|reason| !matches!(reason, LivenessReason::Quality(_)))
            .map(LivenessReason::as_str)
            .collect();
        listed.sort_unstable();
        known.sort_unstable();
        assert_eq!(listed, known, "docs/api.md");
    }

    #[test]
    fn what_is_tolerated_in_motion_is_asked_of_the_frontal_frame() {
        for reason in QualityReason::ALL {
            let told = LivenessReason::from(reason);
            assert!(LivenessReason::all().any(|known| known == told), "{reason:?}");
            let frontal = told == LivenessReason::NoFrontalFrame;
            assert_eq!(frontal, reason.tolerated_in_motion(), "{reason:?}");
        }
    }

    #[test]
    fn pictures_are_mended_before_attacks_and_attacks_before_steps() {
        let flat = LivenessReason::FlatMotion;
        let (other, step) = (LivenessReason::IdentityChanged, LivenessReason::StepNotMet);
        assert_eq!(Concern::first(&[]), None);
        assert_eq!(Concern::first(&[step]), Some(Concern::Steps));
        assert_eq!(Concern::first(&[step, other]), Some(Concern::Person));
        assert_eq!(Concern::first(&[step, other, flat]), Some(Concern::Attack));
        let (dark, no_face) = (QualityReason::TooDark, SubjectError::NoFace);
        let about_dark = Some(Concern::Quality(dark));
        assert_eq!(Concern::first(&[step, flat, dark.into()]), about_dark);
        // Of equals, what was reported first.
        let about_nobody = Some(Concern::Subject(no_face));
        assert_eq!(Concern::first(&[no_face.into(), dark.into()]), about_nobody);
    }
}
