//! `models/manifest.toml`: which weights, how to feed them, what they are worth.
//!
//! The shipped manifest and one that a deployment writes for its own weights go the
//! same way: parsed, checked for contradictions, every file hashed.

mod crop;
mod detection;
mod embedding;
mod pad;
mod weights;

use std::path::Path;

use faceauth_domain::embedding::ModelId;
use faceauth_domain::policy::MatchPolicy;
use serde::Deserialize;

use crate::error::VisionError;

pub use crop::{Crop, CropKind, Filter};
pub use detection::{Detection, Eyes, Landmarks};
pub use embedding::{EmbeddingMember, EmbeddingModel, FirstStage, Threshold};
pub use pad::{Activation, Pad, PadModel};
pub use weights::{Channels, Input, Layout, Output, Weights};

/// The only layout of manifest this build reads.
pub const SCHEMA: u32 = 1;

/// A parsed manifest.
#[derive(Debug, Clone, Deserialize)]
pub struct Manifest {
    /// Layout version, [`SCHEMA`].
    pub schema: u32,
    /// Finds faces.
    pub detection: Detection,
    /// Places 68 points on a face.
    pub landmarks: Landmarks,
    /// Says how far the lids are open. Without it, no session can ask a person to close the eyes.
    pub eyes: Option<Eyes>,
    /// Turns an aligned face into a vector.
    pub embedding: EmbeddingModel,
    /// The matcher before it, while people move from one to the other.
    pub previous_embedding: Option<EmbeddingModel>,
    /// Tells bona fide presentations from attacks.
    pub pad: Pad,
}

impl Manifest {
    /// Reads and checks the manifest at `path`. Hashes are checked by [`Weights::read`].
    ///
    /// # Errors
    /// [`VisionError::Io`] or [`VisionError::Manifest`].
    pub fn load(path: &Path) -> Result<Self, VisionError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| VisionError::Io { path: path.to_owned(), source })?;
        Self::parse(&text).map_err(|reason| VisionError::Manifest { path: path.to_owned(), reason })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let manifest: Self = toml::from_str(text).map_err(|e| e.to_string())?;
        manifest.check()?;
        Ok(manifest)
    }

    /// Finds contradictions that a type cannot.
    fn check(&self) -> Result<(), String> {
        if self.schema != SCHEMA {
            return Err(format!("schema {} is not {SCHEMA}", self.schema));
        }
        for weights in self.all_weights() {
            weights.check().map_err(|reason| format!("{}: {reason}", weights.id))?;
        }
        self.detection.check()?;
        for embedding in std::iter::once(&self.embedding).chain(&self.previous_embedding) {
            embedding.check()?;
        }
        if let Some(previous) = &self.previous_embedding
            && previous.id == self.embedding.id
        {
            return Err("previous_embedding: its id is that of embedding".to_owned());
        }
        self.pad.check()
    }

    /// The weights of every role.
    pub fn all_weights(&self) -> impl Iterator<Item = &Weights> {
        [&self.detection.weights, &self.landmarks.weights]
            .into_iter()
            .chain(self.eyes.iter().map(|eyes| &eyes.weights))
            .chain(self.embedding.weights())
            .chain(self.previous_embedding.iter().flat_map(EmbeddingModel::weights))
            .chain(self.pad.models.iter().map(|model| &model.weights))
    }

    /// The model whose embeddings this manifest makes.
    #[must_use]
    pub fn model_id(&self) -> ModelId {
        self.embedding.id()
    }

    /// The threshold measured for `fmr`, if the manifest has one.
    #[must_use]
    pub fn match_policy(&self, fmr: f64) -> Option<MatchPolicy> {
        self.embedding.match_policy(fmr)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use faceauth_test_support::paths;

    fn shipped() -> String {
        std::fs::read_to_string(paths::manifest()).unwrap()
    }

    #[test]
    fn the_shipped_manifest_parses() {
        let manifest = Manifest::parse(&shipped()).unwrap();
        assert_eq!(manifest.all_weights().count(), 7);
        assert_eq!(manifest.match_policy(1e-4).unwrap().threshold, 0.3971);
        assert_eq!(manifest.match_policy(1e-7), None);
        let cascade = manifest.embedding.cascade().unwrap();
        assert_eq!((cascade.model.as_str(), cascade.part), ("fr-feature", 128..640));
    }

    #[test]
    fn each_contradiction_is_named() {
        let cases = [
            ("schema = 1", "schema = 2", "schema 2 is not 1"),
            ("dimension = 640", "dimension = 512", "dimension is not that of the outputs"),
            ("weight = 0.7", "weight = 0.0", "each weight is above 0"),
            ("min_score = 0.7", "min_score = 7.0", "min_score"),
            ("bona_fide_index = 0", "bona_fide_index = 3", "activation does not fit"),
            ("file = \"sface-2021dec-int8.onnx\"", "file = \"../sface.onnx\"", "plain name"),
            ("mean = [0.0], scale", "mean = [], scale", "mean has 1 values"),
            ("shape = [1, 1, 64, 64]", "shape = [1, 64, 64]", "four dimensions"),
            ("fmr = 1e-3", "fmr = 1.5", "0 < fmr < 1"),
            ("model = \"fr-feature\"", "model = \"nobody\"", "first_stage is one of several"),
            ("margin = 0.1\n", "margin = -0.1\n", "margin lies between 0 and 1"),
            ("margin = 0.05\n", "margin = 0.5\n", "margin lies between 1e-6 and 0.5"),
        ];
        for (from, to, reason) in cases {
            assert!(shipped().contains(from), "{from}");
            let error = Manifest::parse(&shipped().replace(from, to)).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
    }

    #[test]
    fn a_wrong_hash_is_refused_with_both_hashes() {
        let folder = std::env::temp_dir().join(format!("faceauth-hash-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let weights = Manifest::parse(&shipped()).unwrap().detection.weights;
        std::fs::write(folder.join(&weights.file), b"other weights").unwrap();
        let error = weights.read(&folder).unwrap_err().to_string();
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(error.contains(&weights.sha256) && error.contains("fetch the weights again"));
    }
}
