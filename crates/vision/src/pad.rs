//! Passive presentation attack detection on a single frame.
//!
//! Weak evidence by itself: it sees prints and screens like those it was trained on,
//! and nothing that bypasses the camera.

use faceauth_domain::analyzer::PadScore;
use faceauth_domain::face::BoundingBox;
use ndarray::Array4;

use crate::crop;
use crate::error::VisionError;
use crate::frame::Frame;
use crate::manifest::{Activation, Pad, PadModel};
use crate::session::{Graph, Runtime};
use crate::tensor;

/// Probabilities are kept this far from 0 and 1, so that one model's certainty (a logit
/// of 9.2) cannot drown the others.
const PROBABILITY_MARGIN: f32 = 1e-4;

/// One model with its session and input buffer.
struct Member {
    graph: Graph,
    spec: PadModel,
    size: (usize, usize),
    tensor: Array4<f32>,
}

/// All PAD models of the manifest, joined.
pub struct PadDetector {
    members: Vec<Member>,
    bias: f32,
}

impl PadDetector {
    /// Builds a session for each model; `bytes` in manifest order.
    ///
    /// # Errors
    /// [`VisionError`] when a graph is not what the manifest says.
    pub fn new(
        runtime: &Runtime,
        spec: &Pad,
        bytes: &[Vec<u8>],
        threads: usize,
    ) -> Result<Self, VisionError> {
        let members = spec
            .models
            .iter()
            .zip(bytes)
            .map(|(model, bytes)| Member::new(runtime, model, bytes, threads))
            .collect::<Result<_, _>>()?;
        Ok(Self { members, bias: spec.bias })
    }

    /// The joint bona fide probability of the face in `face`.
    ///
    /// # Errors
    /// [`VisionError`] when native code fails.
    pub fn score(&mut self, frame: &Frame, face: &BoundingBox) -> Result<PadScore, VisionError> {
        let mut sum = self.bias;
        for member in &mut self.members {
            sum += member.spec.weight * logit(member.bona_fide(frame, face)?);
        }
        Ok(PadScore::new(1.0 / (1.0 + (-sum).exp())))
    }

    /// The bona fide probability of each model by itself, in manifest order.
    ///
    /// # Errors
    /// [`VisionError`] when native code fails.
    pub fn opinions(&mut self, frame: &Frame, face: &BoundingBox) -> Result<Vec<f32>, VisionError> {
        self.members.iter_mut().map(|member| member.bona_fide(frame, face)).collect()
    }
}

impl Member {
    fn new(
        runtime: &Runtime,
        spec: &PadModel,
        bytes: &[u8],
        threads: usize,
    ) -> Result<Self, VisionError> {
        let graph = Graph::new(runtime, &spec.weights, bytes, threads)?;
        let size = spec.weights.input.size().ok_or_else(|| VisionError::WrongShape {
            model: graph.id().to_owned(),
            reason: "a PAD input has a fixed size".to_owned(),
        })?;
        Ok(Self { graph, tensor: tensor::zeros(&spec.weights.input), size, spec: spec.clone() })
    }

    fn bona_fide(&mut self, frame: &Frame, face: &BoundingBox) -> Result<f32, VisionError> {
        let region = crop::region(face, self.spec.crop, frame.size());
        let pixels = crop::cut(&frame.mat()?, region, self.size, self.spec.crop.filter)?;
        tensor::fill(&mut self.tensor, &pixels, &self.spec.weights.input)?;
        let activation = self.spec.activation;
        let probability = self.graph.run(&self.tensor, |outputs| {
            let values: Vec<f32> = outputs[0].iter().copied().collect();
            activate(&values, activation)
        })?;
        if probability.is_finite() {
            Ok(probability)
        } else {
            Err(VisionError::UnusableOutput { model: self.graph.id().to_owned() })
        }
    }
}

fn activate(values: &[f32], activation: Activation) -> f32 {
    match activation {
        Activation::Softmax { bona_fide_index } => {
            let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let sum: f32 = values.iter().map(|v| (v - most).exp()).sum();
            values.get(bona_fide_index).map_or(0.0, |v| (v - most).exp() / sum)
        }
        Activation::AttackProbability => 1.0 - values.first().copied().unwrap_or(1.0),
    }
}

fn logit(probability: f32) -> f32 {
    let p = probability.clamp(PROBABILITY_MARGIN, 1.0 - PROBABILITY_MARGIN);
    (p / (1.0 - p)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn activations() {
        let softmax = Activation::Softmax { bona_fide_index: 1 };
        assert!((activate(&[0.0, 0.0], softmax) - 0.5).abs() < 1e-6);
        assert!(activate(&[-1000.0, 1000.0], softmax) > 0.999);
        assert_eq!(activate(&[0.25], Activation::AttackProbability), 0.75);
        assert!(activate(&[f32::NAN, 1.0], softmax).is_nan());
    }

    #[test]
    fn certainty_is_bounded() {
        assert!((logit(0.5)).abs() < 1e-6);
        assert_eq!(logit(1.0), logit(2.0));
        assert!(logit(1.0) < 9.3 && logit(0.0) > -9.3);
    }
}
