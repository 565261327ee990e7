//! The thresholds a deployment decides by, each bound to what it was measured on.

use crate::embedding::ModelId;
use crate::failures::FailurePolicy;
use crate::liveness::policy::LivenessPolicy;
use crate::quality::QualityPolicy;

/// The comparison threshold of one model at one false match rate.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchPolicy {
    /// The model the threshold was measured with. No other is compared.
    pub model: ModelId,
    /// Least comparison score that matches, -1 to 1.
    pub threshold: f32,
    /// The false match rate the threshold stands for, for example `1e-4`.
    pub fmr: f64,
}

/// What a passive PAD score may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PadMode {
    /// Write the outcome into the attempt, refuse nobody. For development, where
    /// portraits and test photos sign in.
    Record,
    /// Refuse what scores below the threshold.
    Enforce,
}

/// Passive presentation attack detection on single images.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PadPolicy {
    /// Whether a failing score refuses.
    pub mode: PadMode,
    /// Least score that counts as bona fide, 0 to 1.
    pub threshold: f32,
}

/// The model that people move away from, without enrolling again.
///
/// Whoever has no template of the current model is compared with those of the previous one. A
/// match that is strong, of a person who was found live, is worth a new template.
#[derive(Debug, Clone, PartialEq)]
pub struct PreviousModel {
    /// How its templates are compared.
    pub matching: MatchPolicy,
    /// Least comparison score that is worth a template of the current model: that of a false
    /// match rate of [`STRONG_MATCH_FMR`].
    pub strong: f32,
}

/// The false match rate of a match that is worth a new template: a tenth of what signs in, for
/// what is written stays.
pub const STRONG_MATCH_FMR: f64 = 1e-5;

/// Everything a verification or an enrolment is decided by.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Comparison.
    pub matching: MatchPolicy,
    /// The model that people move away from.
    pub previous: Option<PreviousModel>,
    /// Presentation attacks.
    pub pad: PadPolicy,
    /// Usable pictures.
    pub quality: QualityPolicy,
    /// Liveness captures.
    pub liveness: LivenessPolicy,
    /// Failed sign-ins.
    pub failures: FailurePolicy,
    /// Whether a single image, which proves no liveness, is refused altogether.
    pub require_liveness: bool,
}
