//! The audit record of one enrolment or sign-in. Never holds biometrics or scores.

use chrono::{DateTime, Utc};

use crate::attestation::AttestationFinding;
use crate::authentication::Authentication;
use crate::embedding::ModelId;
use crate::liveness::reason::LivenessReason;
use crate::user::UserId;

/// What the person wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptKind {
    /// A new account.
    Register,
    /// A sign-in.
    Verify,
    /// Another face for an account.
    AddFace,
    /// A liveness capture that was judged separately, before it is used for one of the others.
    Liveness,
    /// A sign-in by a passkey or a recovery code, after a face or alone.
    Passkey,
}

impl AttemptKind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Register, Self::Verify, Self::AddFace, Self::Liveness, Self::Passkey];

    /// The stored word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Verify => "verify",
            Self::AddFace => "add_face",
            Self::Liveness => "liveness",
            Self::Passkey => "passkey",
        }
    }
}

/// How it ended, for operators and for the person's own history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// Enrolled or signed in.
    Accepted,
    /// The claimed name has no account, or the account no template of this model.
    NoTemplate,
    /// The face is not the account holder's.
    NonMatch,
    /// The PAD score was below the threshold.
    PresentationAttack,
    /// The deployment asks for a liveness capture.
    LivenessRequired,
    /// The liveness capture does not show a living person who does the steps.
    LivenessFailed,
    /// Too many failures in a row: refused without regard to the face.
    Locked,
    /// The face was recognised, and a second factor is asked for. Nobody is signed in yet.
    SecondFactorAsked,
    /// The face was recognised, a second factor is wanted, and the account has none.
    SecondFactorMissing,
    /// The passkey or the recovery code proved nothing.
    SecondFactorRefused,
}

impl AttemptOutcome {
    /// Every outcome.
    pub const ALL: [Self; 10] = [
        Self::Accepted,
        Self::NoTemplate,
        Self::NonMatch,
        Self::PresentationAttack,
        Self::LivenessRequired,
        Self::LivenessFailed,
        Self::Locked,
        Self::SecondFactorAsked,
        Self::SecondFactorMissing,
        Self::SecondFactorRefused,
    ];

    /// The stored word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::NoTemplate => "no_template",
            Self::NonMatch => "non_match",
            Self::PresentationAttack => "presentation_attack",
            Self::LivenessRequired => "liveness_required",
            Self::LivenessFailed => "liveness_failed",
            Self::Locked => "locked",
            Self::SecondFactorAsked => "second_factor_asked",
            Self::SecondFactorMissing => "second_factor_missing",
            Self::SecondFactorRefused => "second_factor_refused",
        }
    }
}

impl From<crate::decision::Refusal> for AttemptOutcome {
    fn from(refusal: crate::decision::Refusal) -> Self {
        use crate::decision::Refusal;
        match refusal {
            Refusal::LivenessRequired => Self::LivenessRequired,
            Refusal::LivenessFailed => Self::LivenessFailed,
            Refusal::PresentationAttack => Self::PresentationAttack,
            Refusal::NoTemplate => Self::NoTemplate,
            Refusal::NonMatch => Self::NonMatch,
            Refusal::Locked => Self::Locked,
        }
    }
}

/// One line of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The account, when the claimed name has one.
    pub user: Option<UserId>,
    /// What was wanted.
    pub kind: AttemptKind,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// What was shown, when it was accepted.
    pub assurance: Option<Authentication>,
    /// Why a liveness capture was refused; else empty.
    pub reasons: Vec<LivenessReason>,
    /// Whether the passive PAD score counted as bona fide.
    pub pad_bona_fide: bool,
    /// What was found of the attestation of a capture; `None` when nobody asked.
    pub attestation: Option<AttestationFinding>,
    /// The embedding model in use.
    pub model: ModelId,
    /// Keyed hash of the client address. It shows repeats without storing addresses.
    pub client_hash: Vec<u8>,
    /// When it happened.
    pub at: DateTime<Utc>,
}
