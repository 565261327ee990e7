//! An aligned crop to a unit vector.

use faceauth_domain::embedding::{Embedding, ModelId};
use faceauth_domain::geometry::Point;
use ndarray::Array4;
use opencv::core::{self, Mat};
use zeroize::Zeroizing;

use crate::error::VisionError;
use crate::manifest::{EmbeddingMember, EmbeddingModel};
use crate::session::{Graph, Runtime};
use crate::tensor;

/// [`core::flip`]: left and right change places.
const LEFT_RIGHT: i32 = 1;

/// One model of the matcher with its session and input buffer.
struct Member {
    graph: Graph,
    spec: EmbeddingMember,
    tensor: Array4<f32>,
}

/// An embedding, and how much of a face the matcher saw.
#[derive(Debug, Clone)]
pub struct Embedded {
    /// The embedding.
    pub embedding: Embedding,
    /// Length of the output before it was normalised, over the least of the manifest; the least
    /// of the models that ran.
    pub likeness: f32,
}

/// What the first stage makes of a crop.
pub struct FirstPart {
    /// As an embedding of its own model.
    pub embedded: Embedded,
    /// Whether it saw enough of a face to accept the person alone.
    pub sure: bool,
    part: Part,
    index: usize,
}

/// What one model makes of a crop.
struct Part {
    unit: Zeroizing<Vec<f32>>,
    /// Length before it was normalised.
    length: f32,
}

/// The model that may accept alone.
#[derive(Clone)]
struct First {
    index: usize,
    /// The model of what it makes.
    model: ModelId,
    /// It accepts no shorter vector.
    min_length: f32,
}

/// The matcher: the models of the manifest, joined.
pub struct Embedder {
    members: Vec<Member>,
    first: Option<First>,
    model: ModelId,
    template: [Point; 5],
    side: usize,
}

impl Embedder {
    /// Builds a session for each model; `bytes` in manifest order.
    ///
    /// # Errors
    /// [`VisionError`] when a graph is not what the manifest says.
    pub fn new(
        runtime: &Runtime,
        spec: &EmbeddingModel,
        bytes: &[Vec<u8>],
        threads: usize,
    ) -> Result<Self, VisionError> {
        let member = |(spec, bytes): (&EmbeddingMember, &Vec<u8>)| {
            let graph = Graph::new(runtime, &spec.weights, bytes, threads)?;
            let tensor = tensor::zeros(&spec.weights.input);
            Ok::<_, VisionError>(Member { graph, spec: spec.clone(), tensor })
        };
        let members = spec.models.iter().zip(bytes).map(member).collect::<Result<Vec<_>, _>>()?;
        let size = spec.weights().next().and_then(|weights| weights.input.size());
        let Some(side) = size.filter(|(width, height)| width == height).map(|(side, _)| side)
        else {
            return Err(VisionError::WrongShape {
                model: spec.id.clone(),
                reason: "the matcher's input is square and of fixed size".to_owned(),
            });
        };
        let first = spec.cascade().and_then(|cascade| {
            let is_first = |member: &EmbeddingMember| member.weights.id == cascade.model.as_str();
            let index = spec.models.iter().position(is_first)?;
            let min_length = spec.first_stage.as_ref()?.min_length;
            Some(First { index, model: cascade.model, min_length })
        });
        Ok(Self {
            members,
            first,
            model: spec.id(),
            template: spec.template.map(|[x, y]| Point { x, y }),
            side,
        })
    }

    /// Side of the aligned crop in pixels.
    #[must_use]
    pub fn side(&self) -> usize {
        self.side
    }

    /// Where the five landmarks lie in the aligned crop.
    #[must_use]
    pub fn template(&self) -> &[Point; 5] {
        &self.template
    }

    /// Whether one of its models may accept alone.
    #[must_use]
    pub fn cascades(&self) -> bool {
        self.first.is_some()
    }

    /// The embedding of an aligned crop (8-bit RGB, [`Self::side`] square).
    ///
    /// # Errors
    /// [`VisionError`] when native code fails or an output has no direction.
    pub fn embed(&mut self, aligned: &Mat) -> Result<Embedded, VisionError> {
        self.join(aligned, None)
    }

    /// The first stage's part alone, as an embedding of its own model; `None` without a cascade.
    ///
    /// # Errors
    /// As [`Self::embed`].
    pub fn first_stage(&mut self, aligned: &Mat) -> Result<Option<FirstPart>, VisionError> {
        let Some(First { index, model, min_length }) = self.first.clone() else { return Ok(None) };
        let member = &mut self.members[index];
        let part = member.part(aligned)?;
        let embedding = Embedding::normalised(model, part.unit.to_vec())
            .map_err(|_| VisionError::UnusableOutput { model: member.id() })?;
        let likeness = member.likeness(&part);
        let sure = part.length >= min_length && likeness >= 1.0;
        Ok(Some(FirstPart { embedded: Embedded { embedding, likeness }, sure, part, index }))
    }

    /// [`Self::embed`] of a crop of which the first stage's part is known.
    ///
    /// # Errors
    /// As [`Self::embed`].
    pub fn embed_rest(&mut self, aligned: &Mat, first: FirstPart) -> Result<Embedded, VisionError> {
        self.join(aligned, Some((first.index, first.part)))
    }

    /// Runs every model but the one whose part is known already.
    fn join(
        &mut self,
        aligned: &Mat,
        mut known: Option<(usize, Part)>,
    ) -> Result<Embedded, VisionError> {
        let mut joined = Zeroizing::new(Vec::new());
        let mut likeness = f32::INFINITY;
        for (index, member) in self.members.iter_mut().enumerate() {
            let part = match known.take_if(|(known, _)| *known == index) {
                Some((_, part)) => part,
                None => member.part(aligned)?,
            };
            likeness = likeness.min(member.likeness(&part));
            joined.extend(part.unit.iter().map(|value| value * member.spec.weight));
        }
        let values = std::mem::take(&mut *joined);
        let embedding = Embedding::normalised(self.model.clone(), values)
            .map_err(|_| VisionError::UnusableOutput { model: self.model.as_str().to_owned() })?;
        Ok(Embedded { embedding, likeness })
    }
}

impl Member {
    fn id(&self) -> String {
        self.graph.id().to_owned()
    }

    /// What this model makes of a crop; of the crop and its mirror image, where the manifest says
    /// so. The length is that of the crop itself.
    fn part(&mut self, crop: &Mat) -> Result<Part, VisionError> {
        let Part { mut unit, length } = self.run(crop)?;
        if self.spec.mirrored {
            let mut mirror = Mat::default();
            core::flip(crop, &mut mirror, LEFT_RIGHT)?;
            for (value, other) in unit.iter_mut().zip(self.run(&mirror)?.unit.iter()) {
                *value += other;
            }
            normalise(&mut unit).ok_or_else(|| VisionError::UnusableOutput { model: self.id() })?;
        }
        Ok(Part { unit, length })
    }

    /// How much of a face `part` shows, where the manifest says what is little.
    fn likeness(&self, part: &Part) -> f32 {
        let least = self.spec.min_length;
        if least > 0.0 { part.length / least } else { f32::INFINITY }
    }

    fn run(&mut self, crop: &Mat) -> Result<Part, VisionError> {
        tensor::fill(&mut self.tensor, crop, &self.spec.weights.input)?;
        let mut values = self.graph.run(&self.tensor, |outputs| {
            Zeroizing::new(outputs[0].iter().copied().collect::<Vec<f32>>())
        })?;
        let length = normalise(&mut values)
            .ok_or_else(|| VisionError::UnusableOutput { model: self.id() })?;
        Ok(Part { unit: values, length })
    }
}

/// Scales a vector to length 1 and returns the length that it had; `None` when it has no direction.
fn normalise(values: &mut [f32]) -> Option<f32> {
    let length = values.iter().map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>().sqrt();
    if !length.is_finite() || length < f64::from(f32::EPSILON) {
        return None;
    }
    for value in values {
        // Narrowing is meant: embeddings are single precision.
        *value = (f64::from(*value) / length) as f32;
    }
    Some(length as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_vectors_with_a_direction_are_normalised() {
        let mut values = [3.0, -4.0];
        assert_eq!(normalise(&mut values), Some(5.0));
        assert_eq!(values, [0.6, -0.8]);
        for mut none in [[0.0, 0.0], [f32::NAN, 1.0], [f32::INFINITY, 1.0]] {
            assert_eq!(normalise(&mut none), None);
        }
    }
}
