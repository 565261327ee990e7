//! The result of a liveness capture, and which of several reasons is answered first.

use std::fmt;

use chrono::{DateTime, Utc};
use faceauth_domain::challenge::{Binding, Challenge};
use faceauth_domain::liveness::judge::LivePerson;
use faceauth_domain::liveness::reason::LivenessReason;
use faceauth_domain::quality::QualityReason;
use faceauth_domain::subject::SubjectError;
use uuid::Uuid;

/// What the person is asked to do, and the nonce that answers it.
pub struct Prompt {
    /// Goes back with the capture.
    pub nonce: String,
    /// The steps.
    pub challenge: Challenge,
}

/// The result of a capture.
pub struct Judgement {
    /// The session it answers.
    pub session: Uuid,
    /// The steps that were asked for.
    pub challenge: Challenge,
    /// For each step whether it was met.
    pub met: Vec<bool>,
    /// The person, or why the capture was refused and, while attempts remain, what to do
    /// next.
    pub live: Result<LivePerson, Refused>,
    /// Whether the passive PAD score counted as bona fide.
    pub pad_bona_fide: bool,
    /// When the session ends.
    pub expires_at: DateTime<Utc>,
    /// Captures the session will still judge.
    pub attempts_left: u8,
    /// What and whom the session is for.
    pub binding: Binding,
}

/// A capture that was refused.
pub struct Refused {
    /// Why, at least one.
    pub reasons: Vec<LivenessReason>,
    /// The next attempt of the same session.
    pub next: Option<Prompt>,
}

impl fmt::Debug for Judgement {
    /// Neither faces nor nonces.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Judgement")
            .field("session", &self.session)
            .field("reasons", &self.reasons())
            .finish_non_exhaustive()
    }
}

impl Judgement {
    /// Why the capture was refused; empty when it was not.
    #[must_use]
    pub fn reasons(&self) -> Vec<LivenessReason> {
        self.live.as_ref().err().map(|refused| refused.reasons.clone()).unwrap_or_default()
    }

    /// The reason to fix first; among equals, the one that was reported first. `None` when the
    /// capture was not refused.
    #[must_use]
    pub fn first_concern(&self) -> Option<Concern> {
        first_concern(&self.live.as_ref().err()?.reasons)
    }
}

fn first_concern(reasons: &[LivenessReason]) -> Option<Concern> {
    reasons.iter().copied().map(Concern::of).min_by_key(|concern| concern.rank())
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
    /// What `reason` is about.
    #[must_use]
    pub fn of(reason: LivenessReason) -> Self {
        match reason {
            LivenessReason::NoFace => Self::Subject(SubjectError::NoFace),
            LivenessReason::MultipleFaces => Self::Subject(SubjectError::MultipleFaces),
            LivenessReason::NotUpright => Self::Quality(QualityReason::NotUpright),
            LivenessReason::NotNatural => Self::Quality(QualityReason::NotNatural),
            LivenessReason::Occluded => Self::Quality(QualityReason::Occluded),
            LivenessReason::FaceCutOff => Self::Quality(QualityReason::FaceCutOff),
            LivenessReason::FaceTooSmall => Self::Quality(QualityReason::FaceTooSmall),
            LivenessReason::TooDark => Self::Quality(QualityReason::TooDark),
            LivenessReason::TooBright => Self::Quality(QualityReason::TooBright),
            LivenessReason::NoFrontalFrame
            | LivenessReason::NotStraightAtStart
            | LivenessReason::StepNotMet
            | LivenessReason::StepsOutOfOrder
            | LivenessReason::StepTooLate
            | LivenessReason::UnexpectedMotion => Self::Steps,
            LivenessReason::FlatMotion
            | LivenessReason::MovesWithBackground
            | LivenessReason::FrozenFrames
            | LivenessReason::LoopedFrames
            | LivenessReason::ReplayedFrames
            | LivenessReason::RecordedBeforeSession
            | LivenessReason::SceneCut
            | LivenessReason::PresentationAttack => Self::Attack,
            LivenessReason::IdentityChanged => Self::Person,
        }
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
    fn pictures_are_mended_before_attacks_and_attacks_before_steps() {
        let flat = LivenessReason::FlatMotion;
        let (other, step) = (LivenessReason::IdentityChanged, LivenessReason::StepNotMet);
        assert_eq!(first_concern(&[]), None);
        assert_eq!(first_concern(&[step]), Some(Concern::Steps));
        assert_eq!(first_concern(&[step, other]), Some(Concern::Person));
        assert_eq!(first_concern(&[step, other, flat]), Some(Concern::Attack));
        let dark = Some(Concern::Quality(QualityReason::TooDark));
        assert_eq!(first_concern(&[step, flat, LivenessReason::TooDark]), dark);
        // Of equals, what was reported first.
        let no_face = Some(Concern::Subject(SubjectError::NoFace));
        assert_eq!(first_concern(&[LivenessReason::NoFace, LivenessReason::TooDark]), no_face);
    }
}
