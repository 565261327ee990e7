//! The matcher: its models, its first stage and its thresholds.

use std::ops::Range;

use faceauth_domain::embedding::ModelId;
use faceauth_domain::policy::{Cascade, MatchPolicy};
use serde::Deserialize;

use super::weights::Weights;

/// The matcher: one model or several, whose unit vectors are joined to one.
#[derive(Debug, Clone, Deserialize)]
pub struct EmbeddingModel {
    /// Names all its weights and the pre-processing; the [`ModelId`] of every template.
    pub id: String,
    /// The models, at least one, in the order of their parts of the vector.
    pub models: Vec<EmbeddingMember>,
    /// Length of the vector: the outputs of the models one after the other.
    pub dimension: usize,
    /// Where the five landmarks go in the aligned crop, in pixels.
    pub template: [[f32; 2]; 5],
    /// The model that may accept alone.
    pub first_stage: Option<FirstStage>,
    /// Decision thresholds by the false match rate they stand for.
    pub thresholds: Vec<Threshold>,
}

/// The model that may accept alone, before the others run.
#[derive(Debug, Clone, Deserialize)]
pub struct FirstStage {
    /// Id of one of the models.
    pub model: String,
    /// How much less its cosine counts than that of the whole embedding.
    pub margin: f32,
    /// It accepts nobody when its vector is shorter than this before normalisation. Then the other
    /// models run as well, and show whether they know such a face.
    #[serde(default)]
    pub min_length: f32,
}

/// One model of the matcher.
#[derive(Debug, Clone, Deserialize)]
pub struct EmbeddingMember {
    /// File, hash and tensors.
    #[serde(flatten)]
    pub weights: Weights,
    /// Length of its part of the vector before the whole is normalised: cosines are averaged
    /// with the squares of these as weights.
    #[serde(default = "one")]
    pub weight: f32,
    /// Minimum length of its output before it is normalised. A picture that is not an upright
    /// natural face gives a short vector, which is much the same for all people. 0: not measured.
    #[serde(default)]
    pub min_length: f32,
    /// Whether the mirrored crop is embedded too and the mean of both taken: steadier, for twice
    /// the time.
    #[serde(default)]
    pub mirrored: bool,
}

fn one() -> f32 {
    1.0
}

/// One measured operating point.
#[derive(Debug, Clone, Deserialize)]
pub struct Threshold {
    /// False match rate, for example `1e-4`.
    pub fmr: f64,
    /// Least cosine that matches.
    pub cosine: f32,
    /// The data it was measured on.
    pub data: String,
}

impl EmbeddingModel {
    pub(super) fn check(&self) -> Result<(), String> {
        let Some(first) = self.models.first() else {
            return Err("embedding: at least one model".to_owned());
        };
        let parts = self.weights().map(|weights| weights.outputs[0].shape.last().copied());
        if parts.sum::<Option<i64>>() != Some(self.dimension as i64) {
            return Err("embedding: dimension is not that of the outputs".to_owned());
        }
        if self.weights().any(|weights| weights.input.size() != first.weights.input.size()) {
            return Err("embedding: all models see crops of one size".to_owned());
        }
        if !self.models.iter().all(|model| model.weight.is_finite() && model.weight > 0.0) {
            return Err("embedding: each weight is above 0".to_owned());
        }
        let first = self.first_stage.iter().map(|first| first.min_length);
        let mut lengths = self.models.iter().map(|model| model.min_length).chain(first);
        if !lengths.all(|length| length.is_finite() && length >= 0.0) {
            return Err("embedding: min_length is 0 or above".to_owned());
        }
        if let Some(first) = &self.first_stage {
            if self.models.len() < 2 || self.first_part().is_none() || first.model == self.id {
                return Err("embedding: first_stage is one of several models".to_owned());
            }
            if !(0.0..=1.0).contains(&first.margin) {
                return Err("embedding: margin lies between 0 and 1".to_owned());
            }
        }
        if self.thresholds.is_empty() {
            return Err("embedding: at least one threshold".to_owned());
        }
        for t in &self.thresholds {
            if !(t.fmr > 0.0 && t.fmr < 1.0 && (-1.0..=1.0).contains(&t.cosine)) {
                return Err("embedding: 0 < fmr < 1 and -1 <= cosine <= 1".to_owned());
            }
        }
        Ok(())
    }

    /// The model whose embeddings these weights make.
    #[must_use]
    pub fn id(&self) -> ModelId {
        ModelId::new(&self.id)
    }

    /// The weights of its models.
    pub fn weights(&self) -> impl Iterator<Item = &Weights> {
        self.models.iter().map(|model| &model.weights)
    }

    /// Where the first stage's values lie in the whole vector.
    fn first_part(&self) -> Option<Range<usize>> {
        let first = self.first_stage.as_ref()?;
        let length = |weights: &Weights| {
            weights.outputs[0].shape.last().and_then(|length| usize::try_from(*length).ok())
        };
        let mut start = 0;
        for weights in self.weights() {
            let end = start + length(weights)?;
            if weights.id == first.model {
                return Some(start..end);
            }
            start = end;
        }
        None
    }

    /// The model that may accept alone, if any.
    #[must_use]
    pub fn cascade(&self) -> Option<Cascade> {
        let first = self.first_stage.as_ref()?;
        let part = self.first_part()?;
        Some(Cascade { model: ModelId::new(&first.model), part, margin: first.margin })
    }

    /// The threshold measured for `fmr`, if there is one.
    #[must_use]
    pub fn match_policy(&self, fmr: f64) -> Option<MatchPolicy> {
        // Both sides were parsed from decimal text; a relative tolerance absorbs the last bit.
        let same = |other: f64| (other - fmr).abs() <= fmr * 1e-9;
        let threshold = self.thresholds.iter().find(|t| same(t.fmr))?;
        Some(MatchPolicy {
            model: self.id(),
            threshold: threshold.cosine,
            fmr: threshold.fmr,
            cascade: self.cascade(),
        })
    }
}
