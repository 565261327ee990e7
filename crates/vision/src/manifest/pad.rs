//! Passive presentation attack detection: its models and its threshold.

use serde::Deserialize;

use super::crop::Crop;
use super::weights::Weights;

/// Passive presentation attack detection, one model or several joined.
#[derive(Debug, Clone, Deserialize)]
pub struct Pad {
    /// Name of the combination.
    pub id: String,
    /// Added to the weighted logits.
    pub bias: f32,
    /// Least joint probability that counts as bona fide.
    pub threshold: f32,
    /// The data the threshold was measured on.
    pub data: String,
    /// The models, at least one.
    pub models: Vec<PadModel>,
}

impl Pad {
    /// Finds contradictions that a type cannot.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.models.is_empty() {
            return Err("pad: at least one model".to_owned());
        }
        if !(0.0..=1.0).contains(&self.threshold) || !self.bias.is_finite() {
            return Err("pad: threshold lies between 0 and 1, bias is finite".to_owned());
        }
        self.models.iter().try_for_each(PadModel::check)
    }
}

/// One PAD model.
#[derive(Debug, Clone, Deserialize)]
pub struct PadModel {
    /// File, hash and tensors.
    #[serde(flatten)]
    pub weights: Weights,
    /// What part of the picture it sees.
    pub crop: Crop,
    /// How its output becomes a bona fide probability.
    pub activation: Activation,
    /// Weight of its logit in the joint score.
    pub weight: f32,
    /// Its probability is kept this far from 0 and 1, so that it cannot outweigh the others. A
    /// model of small influence need not run when another one is sure.
    #[serde(default = "probability_margin")]
    pub margin: f32,
}

impl PadModel {
    fn check(&self) -> Result<(), String> {
        let outputs = self.weights.outputs[0].shape.last().copied().unwrap_or(0);
        let fits = match self.activation {
            Activation::Softmax { bona_fide_index } => (bona_fide_index as i64) < outputs,
            Activation::AttackProbability => outputs == 1,
        };
        if !(1e-6..0.5).contains(&self.margin) {
            return Err(format!("{}: margin lies between 1e-6 and 0.5", self.weights.id));
        }
        if !fits {
            return Err(format!("{}: activation does not fit the output", self.weights.id));
        }
        Ok(())
    }
}

/// A logit of 9.2.
fn probability_margin() -> f32 {
    1e-4
}

/// How an output becomes a bona fide probability.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Activation {
    /// Softmax over the outputs; one index is bona fide.
    Softmax {
        /// That index.
        bona_fide_index: usize,
    },
    /// The single output is already the probability of an attack.
    AttackProbability,
}
