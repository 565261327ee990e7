//! Feature vectors and their comparison.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use zeroize::Zeroizing;

/// Names the weights **and** the pre-processing that made an embedding, for example
/// `sface+fr-feature+lm68`. Two embeddings can be compared only when it is equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ModelId(Arc<str>);

impl ModelId {
    /// Wraps a name from a manifest or a row.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Two embeddings of different models, which must never be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("embeddings of {left} and {right} cannot be compared")]
pub struct ModelMismatch {
    /// Model of one side.
    pub left: ModelId,
    /// Model of the other.
    pub right: ModelId,
}

/// A vector that is no embedding: empty, of zero length or with values that are not finite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the vector has no direction")]
pub struct DegenerateVector;

/// Comparison score: the cosine of two embeddings, -1 to 1. Higher means more similar.
///
/// Never leaves the server: 50 to 192 returned scores suffice to recover a template.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Score(f32);

impl Score {
    /// Clamps `cosine` into -1 to 1; not-a-number becomes the lowest score.
    #[must_use]
    pub fn new(cosine: f32) -> Self {
        Self(if cosine.is_nan() { -1.0 } else { cosine.clamp(-1.0, 1.0) })
    }

    /// The number.
    #[must_use]
    pub fn value(self) -> f32 {
        self.0
    }
}

/// How far from 1 the length of a normalised vector may be. Rounding each value to single
/// precision moves it by half of this at most.
const UNIT_TOLERANCE: f64 = f32::EPSILON as f64;

/// A unit-length feature vector of one model. Overwritten on drop, never printed.
#[derive(Clone)]
pub struct Embedding {
    model: ModelId,
    values: Zeroizing<Vec<f32>>,
}

impl Embedding {
    /// L2-normalises `values`. What was normalised before is kept bit for bit, so that a
    /// stored vector has the digest it had.
    ///
    /// # Errors
    /// [`DegenerateVector`] when they have no direction.
    pub fn normalised(model: ModelId, values: Vec<f32>) -> Result<Self, DegenerateVector> {
        let mut values = Zeroizing::new(values);
        let norm = values.iter().map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>().sqrt();
        if !norm.is_finite() || norm < f64::from(f32::EPSILON) {
            return Err(DegenerateVector);
        }
        if (norm - 1.0).abs() > UNIT_TOLERANCE {
            for value in values.iter_mut() {
                // Narrowing is meant: embeddings are single precision.
                *value = (f64::from(*value) / norm) as f32;
            }
        }
        Ok(Self { model, values })
    }

    /// The model that made it.
    #[must_use]
    pub fn model(&self) -> &ModelId {
        &self.model
    }

    /// The unit vector. For the store's sealing and for comparison only.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// A part of the values, as an embedding of `model`. `None` when the part is empty or has no
    /// direction.
    #[must_use]
    pub fn part(&self, model: ModelId, part: Range<usize>) -> Option<Self> {
        Self::normalised(model, self.values.get(part)?.to_vec()).ok()
    }

    /// Cosine with `other`.
    ///
    /// # Errors
    /// [`ModelMismatch`] when the models or the dimensions differ.
    pub fn compare(&self, other: &Self) -> Result<Score, ModelMismatch> {
        if self.model != other.model || self.values.len() != other.values.len() {
            return Err(ModelMismatch { left: self.model.clone(), right: other.model.clone() });
        }
        let cosine = self.values.iter().zip(other.values.iter()).map(|(a, b)| a * b).sum();
        Ok(Score::new(cosine))
    }
}

impl fmt::Debug for Embedding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Embedding({}, {} values)", self.model, self.values.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn embedding(model: &str, values: Vec<f32>) -> Embedding {
        Embedding::normalised(ModelId::new(model), values).unwrap()
    }

    #[test]
    fn refuses_vectors_without_direction() {
        for values in [vec![], vec![0.0; 4], vec![f32::NAN, 1.0], vec![f32::INFINITY, 1.0]] {
            assert!(Embedding::normalised(ModelId::new("m"), values).is_err());
        }
    }

    #[test]
    fn never_compares_two_models_or_two_dimensions() {
        let a = embedding("a", vec![1.0, 0.0]);
        assert!(a.compare(&embedding("b", vec![1.0, 0.0])).is_err());
        assert!(a.compare(&embedding("a", vec![1.0, 0.0, 0.0])).is_err());
    }

    #[test]
    fn debug_hides_the_values() {
        let text = format!("{:?}", embedding("m", vec![0.25, 0.5]));
        assert_eq!(text, "Embedding(m, 2 values)");
    }

    proptest! {
        #[test]
        fn normalising_again_changes_nothing(
            values in prop::collection::vec(-100.0f32..100.0, 1..8),
        ) {
            let Ok(once) = Embedding::normalised(ModelId::new("m"), values) else {
                return Ok(());
            };
            let again = embedding("m", once.values().to_vec());
            prop_assert_eq!(once.values(), again.values());
        }

        #[test]
        fn score_is_symmetric_and_bounded(
            a in prop::collection::vec(-100.0f32..100.0, 8),
            b in prop::collection::vec(-100.0f32..100.0, 8),
        ) {
            let (Ok(a), Ok(b)) = (
                Embedding::normalised(ModelId::new("m"), a),
                Embedding::normalised(ModelId::new("m"), b),
            ) else { return Ok(()) };
            let score = a.compare(&b).unwrap();
            prop_assert_eq!(score, b.compare(&a).unwrap());
            prop_assert!((-1.0..=1.0).contains(&score.value()));
            prop_assert!(a.compare(&a).unwrap().value() > 0.9999);
        }
    }
}
