//! Passive presentation attack detection on a single frame.
//!
//! It is weak evidence: it sees prints and screens like those that it was trained on, and nothing
//! that bypasses the camera.

use std::borrow::Cow;
use std::collections::VecDeque;

use faceauth_domain::evidence::PadScore;
use faceauth_domain::geometry::BoundingBox;
use faceauth_domain::liveness::pad::PadRange;
use ndarray::Array4;
use opencv::core::{Mat, Size};
use opencv::prelude::*;

use crate::crop;
use crate::error::VisionError;
use crate::frame::Frame;
use crate::manifest::{Activation, Pad, PadModel};
use crate::session::{Graph, Runtime};
use crate::tensor;
use crate::wiped::Wiped;

/// Most pixels of a face that are kept as they are: a face that fills half of the height of what a
/// camera sends. They take 190 KB.
const MOST_HELD: i64 = 256 * 256;

/// One model with its session and input buffer.
struct Member {
    graph: Graph,
    spec: PadModel,
    size: (usize, usize),
    tensor: Array4<f32>,
}

/// A face that some of the models have judged, with its crops for the others.
pub(crate) struct PadInHand {
    /// The joint log odds so far.
    sum: f32,
    /// For the models that have not looked, in manifest order: their crops, or what these are shrunk
    /// from.
    crops: VecDeque<Wiped>,
}

/// All PAD models of the manifest, joined.
pub struct PadDetector {
    members: Vec<Member>,
    bias: f32,
    /// The joint log odds from which on a face counts as bona fide.
    cut: f32,
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
        let cut = (spec.threshold / (1.0 - spec.threshold)).ln();
        Ok(Self { members, bias: spec.bias, cut })
    }

    /// The joint bona fide probability of the face in `face`.
    ///
    /// # Errors
    /// [`VisionError`] when native code fails.
    pub fn score(&mut self, frame: &Frame, face: &BoundingBox) -> Result<PadScore, VisionError> {
        let mut sum = self.bias;
        for member in &mut self.members {
            sum += member.logit(frame, face)?;
        }
        Ok(probability(sum))
    }

    /// A probability on the same side of the manifest's threshold as [`Self::score`], and at most
    /// as far from it. Models run in manifest order until the remaining ones could no longer change
    /// the side.
    ///
    /// # Errors
    /// [`VisionError`] when native code fails.
    pub fn side(&mut self, frame: &Frame, face: &BoundingBox) -> Result<PadScore, VisionError> {
        let mut sum = self.bias;
        let mut rest: f32 = self.members.iter().map(Member::most).sum();
        for member in &mut self.members {
            sum += member.logit(frame, face)?;
            rest -= member.most();
            if let Some(settled) = settled(sum, rest, self.cut) {
                return Ok(probability(settled));
            }
        }
        Ok(probability(sum))
    }

    /// Keeps what the models need of the face in `face`. None has looked yet.
    ///
    /// # Errors
    /// [`VisionError`] when native code fails.
    pub(crate) fn hold(&self, frame: &Frame, face: &BoundingBox) -> Result<PadInHand, VisionError> {
        let crops = self.members.iter().enumerate().map(|(index, member)| {
            // The first one looks at most faces, and the others at few.
            let crop = if index == 0 { member.crop(frame, face) } else { member.held(frame, face) };
            crop.map(Wiped::from)
        });
        Ok(PadInHand { sum: self.bias, crops: crops.collect::<Result<_, VisionError>>()? })
    }

    /// Lets the next model look, if there is one left.
    ///
    /// # Errors
    /// [`VisionError`] when native code fails.
    pub(crate) fn go_on(&mut self, in_hand: &mut PadInHand) -> Result<(), VisionError> {
        let next = self.members.len() - in_hand.crops.len();
        let (Some(crop), Some(member)) = (in_hand.crops.pop_front(), self.members.get_mut(next))
        else {
            return Ok(());
        };
        let judged = member.judge(&*member.fitted(&crop)?)?;
        in_hand.sum += member.counted(judged);
        Ok(())
    }

    /// What the models that have not looked leave possible.
    pub(crate) fn range(&self, in_hand: &PadInHand) -> PadRange {
        let looked = self.members.len() - in_hand.crops.len();
        let rest: f32 = self.members[looked..].iter().map(Member::most).sum();
        PadRange::between(probability(in_hand.sum - rest), probability(in_hand.sum + rest))
    }

    /// The bona fide probability of each model alone, in manifest order.
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

    /// What it adds to the joint log odds.
    fn logit(&mut self, frame: &Frame, face: &BoundingBox) -> Result<f32, VisionError> {
        let probability = self.bona_fide(frame, face)?;
        Ok(self.counted(probability))
    }

    /// What a probability of it adds to the joint log odds.
    fn counted(&self, probability: f32) -> f32 {
        self.spec.weight * logit(probability, self.spec.margin)
    }

    /// The most it can add or take.
    fn most(&self) -> f32 {
        self.spec.weight.abs() * logit(1.0, self.spec.margin)
    }

    fn bona_fide(&mut self, frame: &Frame, face: &BoundingBox) -> Result<f32, VisionError> {
        let crop = self.crop(frame, face)?;
        self.judge(&crop)
    }

    /// What it looks at.
    fn crop(&self, frame: &Frame, face: &BoundingBox) -> Result<Mat, VisionError> {
        let region = crop::region(face, self.spec.crop, frame.size());
        Ok(crop::cut(&frame.mat()?, region, self.size, self.spec.crop.filter)?)
    }

    /// What its crop can still be made of: the pixels as they are, where these are few, and else the
    /// crop. To copy pixels takes a tenth of the time of shrinking them.
    fn held(&self, frame: &Frame, face: &BoundingBox) -> Result<Mat, VisionError> {
        let region = crop::region(face, self.spec.crop, frame.size());
        let few = i64::from(region.width) * i64::from(region.height) <= MOST_HELD;
        let held = if few { crop::copy(&frame.mat()?, region)? } else { None };
        held.map_or_else(|| self.crop(frame, face), Ok)
    }

    /// The crop that `held` is, or that is made of it.
    fn fitted<'a>(&self, held: &'a Mat) -> Result<Cow<'a, Mat>, VisionError> {
        let (width, height) = self.size;
        let size = Size::new(width as i32, height as i32);
        if held.size()? == size {
            return Ok(Cow::Borrowed(held));
        }
        Ok(Cow::Owned(crop::resize(held, size, self.spec.crop.filter)?))
    }

    /// The bona fide probability of what is in `crop`.
    fn judge(&mut self, crop: &Mat) -> Result<f32, VisionError> {
        tensor::fill(&mut self.tensor, crop, &self.spec.weights.input)?;
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

/// Log odds of a probability that is kept `margin` away from 0 and 1.
fn logit(probability: f32, margin: f32) -> f32 {
    let p = probability.clamp(margin, 1.0 - margin);
    (p / (1.0 - p)).ln()
}

fn probability(logit: f32) -> PadScore {
    PadScore::new(1.0 / (1.0 + (-logit).exp()))
}

/// The log odds nearest to `cut` that `sum` can reach when at most `rest` is added or subtracted;
/// `None` when they could cross `cut`.
fn settled(sum: f32, rest: f32, cut: f32) -> Option<f32> {
    if sum - rest >= cut {
        Some(sum - rest)
    } else if sum + rest < cut {
        Some(sum + rest)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
        assert!((logit(0.5, 1e-4)).abs() < 1e-6);
        assert_eq!(logit(1.0, 1e-4), logit(2.0, 1e-4));
        assert!(logit(1.0, 1e-4) < 9.3 && logit(0.0, 1e-4) > -9.3);
        assert!(logit(1.0, 0.05) < 2.95 && logit(0.0, 0.05) > -2.95);
    }

    proptest! {
        #[test]
        fn what_is_settled_stays_whatever_the_rest_says(
            sum in -20.0f32..20.0, rest in 0.0f32..10.0, share in -1.0f32..1.0, cut in -3.0f32..3.0,
        ) {
            let whole = sum + share * rest;
            match settled(sum, rest, cut) {
                Some(worst) => {
                    prop_assert_eq!(worst >= cut, whole >= cut);
                    prop_assert!((worst - cut).abs() <= (whole - cut).abs() + 1e-4);
                }
                None => prop_assert!(sum - rest < cut && sum + rest >= cut),
            }
        }
    }
}
