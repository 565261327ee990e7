//! The thresholds of a deployment, each bound to the data that it was measured on.

use std::borrow::Cow;
use std::ops::Range;

use crate::embedding::{Embedding, ModelId, Score};
use crate::failures::FailurePolicy;
use crate::liveness::policy::LivenessPolicy;
use crate::quality::QualityPolicies;

/// The comparison threshold of one model at one false match rate.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchPolicy {
    /// The model the threshold was measured with. No other is compared.
    pub model: ModelId,
    /// Least comparison score that matches, -1 to 1.
    pub threshold: f32,
    /// The false match rate the threshold stands for, for example `1e-4`.
    pub fmr: f64,
    /// Which of several joined models may accept alone.
    pub cascade: Option<Cascade>,
}

impl MatchPolicy {
    /// The comparison score of a probe with a template of [`Self::model`]. The probe is of that
    /// model too, or of the first stage of its cascade alone. `None` when they cannot be compared.
    #[must_use]
    pub fn score(&self, probe: &Embedding, template: &Embedding) -> Option<Score> {
        if template.model() != &self.model {
            return None;
        }
        let whole = probe.compare(template).ok();
        let Some(cascade) = &self.cascade else { return whole };
        let first = self
            .first_stage(probe)
            .zip(self.first_stage(template))
            .and_then(|(probe, template)| probe.compare(&template).ok());
        cascade.join(whole, first)
    }

    /// The first stage's part of an embedding of [`Self::model`], or that part itself. `None`
    /// without a cascade, and of other models.
    #[must_use]
    pub fn first_stage<'a>(&self, embedding: &'a Embedding) -> Option<Cow<'a, Embedding>> {
        let cascade = self.cascade.as_ref()?;
        if embedding.model() == &cascade.model {
            return Some(Cow::Borrowed(embedding));
        }
        let part = (embedding.model() == &self.model).then(|| cascade.part.clone())?;
        embedding.part(cascade.model.clone(), part).map(Cow::Owned)
    }
}

/// A matcher of several models. One of them, the first stage, may accept alone, so that the others
/// need not run for most people (a cascade: Viola and Jones, 2001).
///
/// The comparison score is the higher of two: that of the whole embedding, and that of the first
/// stage's part less a margin. When the first stage accepts, the whole matcher would accept too,
/// because its score can only raise the maximum. So leaving the rest out changes no decision. The
/// threshold is measured on this score, so its false match rate covers both ways to be accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Cascade {
    /// Names the first stage: the model of an embedding that is its part alone.
    pub model: ModelId,
    /// Where its values lie in the whole embedding.
    pub part: Range<usize>,
    /// The margin that is subtracted from its cosine. When the margin grows, fewer strangers pass
    /// the first stage, and more people need the other models.
    pub margin: f32,
}

impl Cascade {
    /// The comparison score of the two cosines: of the whole embeddings, and of the first stage's
    /// parts.
    #[must_use]
    pub fn join(&self, whole: Option<Score>, first: Option<Score>) -> Option<Score> {
        let first = first.map(|first| self.counted(first));
        match (whole, first) {
            (Some(whole), Some(first)) if first > whole => Some(first),
            (whole, first) => whole.or(first),
        }
    }

    /// The score of the first stage alone.
    #[must_use]
    pub fn counted(&self, first: Score) -> Score {
        Score::new(first.value() - self.margin)
    }
}

/// What a passive PAD score may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PadMode {
    /// Write the outcome into the attempt and refuse nobody. For development, where portraits and
    /// test photos sign in.
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
/// A person without a template of the current model is compared with the templates of the previous
/// one. A strong match of a person who was found live writes a new template.
#[derive(Debug, Clone, PartialEq)]
pub struct PreviousModel {
    /// How its templates are compared.
    pub matching: MatchPolicy,
    /// Minimum comparison score at which a template of the current model is written: that of a
    /// false match rate of [`STRONG_MATCH_FMR`].
    pub strong: f32,
}

/// The false match rate of a match that writes a new template: a tenth of the rate that signs in,
/// because a template is kept.
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
    pub quality: QualityPolicies,
    /// Liveness captures.
    pub liveness: LivenessPolicy,
    /// Failed sign-ins.
    pub failures: FailurePolicy,
    /// Whether a single image, which proves no liveness, is refused altogether.
    pub require_liveness: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn embedding(model: &str, values: &[f32]) -> Embedding {
        Embedding::normalised(ModelId::new(model), values.to_vec()).unwrap()
    }

    /// Two models of two values each; the second is the first stage.
    fn policy(margin: f32) -> MatchPolicy {
        let cascade = Cascade { model: ModelId::new("second"), part: 2..4, margin };
        MatchPolicy {
            model: ModelId::new("both"),
            threshold: 0.4,
            fmr: 1e-4,
            cascade: Some(cascade),
        }
    }

    #[test]
    fn the_higher_of_both_stages_counts() {
        let policy = policy(0.1);
        let score = |probe: &Embedding, template: &Embedding| {
            policy.score(probe, template).map(|score| (score.value() * 1e4).round() / 1e4)
        };
        let template = embedding("both", &[1.0, 0.0, 1.0, 0.0]);
        // The first model sees somebody else, the second one the same person: half of 0 and 1, or
        // 1 less the margin.
        let probe = embedding("both", &[0.0, 1.0, 1.0, 0.0]);
        assert_eq!(score(&probe, &template), Some(0.9));
        // The other way round the whole counts.
        assert_eq!(score(&embedding("both", &[1.0, 0.0, 0.0, 1.0]), &template), Some(0.5));
        // The part alone.
        assert_eq!(score(&embedding("second", &[1.0, 0.0]), &template), Some(0.9));
        // Nothing else compares, whatever its length.
        for stranger in [embedding("other", &[1.0, 0.0, 1.0, 0.0]), embedding("other", &[1.0, 0.0])]
        {
            assert_eq!(score(&stranger, &template), None);
            assert_eq!(score(&template, &stranger), None);
        }
        assert_eq!(
            score(&embedding("second", &[1.0, 0.0]), &embedding("second", &[1.0, 0.0])),
            None
        );
    }

    proptest! {
        #[test]
        fn the_rest_never_takes_back_what_the_first_stage_gave(
            a in prop::collection::vec(-1.0f32..1.0, 4),
            b in prop::collection::vec(-1.0f32..1.0, 4),
            margin in 0.0f32..0.5,
        ) {
            let norm = |v: &[f32]| v.iter().map(|x| x * x).sum::<f32>();
            prop_assume!([&a[..2], &a[2..], &b[..2], &b[2..]].into_iter().all(|v| norm(v) > 1e-3));
            let policy = policy(margin);
            let template = embedding("both", &b);
            let first = policy.score(&embedding("second", &a[2..]), &template).unwrap();
            let whole = policy.score(&embedding("both", &a), &template).unwrap();
            prop_assert!(whole.value() >= first.value() - 1e-6);
        }
    }
}
