//! The weights of a manifest, read and checked.

use std::path::Path;

use crate::error::VisionError;
use crate::manifest::{EmbeddingModel, Manifest};

/// A manifest together with the verified bytes of its weights, from which any number of
/// pipelines is built.
pub struct ModelSet {
    /// The manifest.
    pub manifest: Manifest,
    pub(super) detection: Vec<u8>,
    pub(super) landmarks: Vec<u8>,
    pub(super) eyes: Option<Vec<u8>>,
    pub(super) embedding: Vec<Vec<u8>>,
    pub(super) previous: Option<Vec<Vec<u8>>>,
    pub(super) pad: Vec<Vec<u8>>,
}

impl ModelSet {
    /// Reads the manifest and every weight file below `weights`, and checks their hashes.
    ///
    /// # Errors
    /// [`VisionError::Io`], [`VisionError::Manifest`] or [`VisionError::WrongHash`].
    pub fn load(manifest: &Path, weights: &Path) -> Result<Self, VisionError> {
        let manifest = Manifest::load(manifest)?;
        let read = |model: &EmbeddingModel| -> Result<Vec<Vec<u8>>, VisionError> {
            model.weights().map(|part| part.read(weights)).collect()
        };
        Ok(Self {
            detection: manifest.detection.weights.read(weights)?,
            landmarks: manifest.landmarks.weights.read(weights)?,
            eyes: match &manifest.eyes {
                Some(eyes) => Some(eyes.weights.read(weights)?),
                None => None,
            },
            embedding: read(&manifest.embedding)?,
            previous: match &manifest.previous_embedding {
                Some(model) => Some(read(model)?),
                None => None,
            },
            pad: manifest
                .pad
                .models
                .iter()
                .map(|model| model.weights.read(weights))
                .collect::<Result<_, _>>()?,
            manifest,
        })
    }
}
