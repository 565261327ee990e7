//! An aligned crop to a unit vector.

use faceauth_domain::embedding::{Embedding, ModelId};
use faceauth_domain::face::Point;
use ndarray::Array4;
use opencv::core::Mat;

use crate::error::VisionError;
use crate::manifest::{EmbeddingModel, Input};
use crate::session::{Graph, Runtime};
use crate::tensor;

/// The matcher with its session and input buffer.
pub struct Embedder {
    graph: Graph,
    input: Input,
    tensor: Array4<f32>,
    model: ModelId,
    template: [Point; 5],
    side: usize,
}

impl Embedder {
    /// Builds the session from the weight file's bytes.
    ///
    /// # Errors
    /// [`VisionError`] when the graph is not what the manifest says.
    pub fn new(
        runtime: &Runtime,
        spec: &EmbeddingModel,
        bytes: &[u8],
        threads: usize,
    ) -> Result<Self, VisionError> {
        let graph = Graph::new(runtime, &spec.weights, bytes, threads)?;
        let input = spec.weights.input.clone();
        let side = match input.size() {
            Some((width, height)) if width == height => width,
            _ => {
                return Err(VisionError::WrongShape {
                    model: graph.id().to_owned(),
                    reason: "the matcher's input is square and of fixed size".to_owned(),
                });
            }
        };
        Ok(Self {
            graph,
            tensor: tensor::zeros(&input),
            input,
            model: ModelId::new(&spec.weights.id),
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

    /// The embedding of an aligned crop (8-bit RGB, [`Self::side`] square).
    ///
    /// # Errors
    /// [`VisionError`] when native code fails or the output has no direction.
    pub fn embed(&mut self, aligned: &Mat) -> Result<Embedding, VisionError> {
        tensor::fill(&mut self.tensor, aligned, &self.input)?;
        let values: Vec<f32> =
            self.graph.run(&self.tensor, |outputs| outputs[0].iter().copied().collect())?;
        Embedding::normalised(self.model.clone(), values)
            .map_err(|_| VisionError::UnusableOutput { model: self.graph.id().to_owned() })
    }
}
