//! `models/manifest.toml`: which weights, how to feed them, what they are worth.
//!
//! The shipped manifest and one that a deployment writes for its own weights go the
//! same way: parsed, checked for contradictions, every file hashed.

use std::ops::Range;
use std::path::{Path, PathBuf};

use faceauth_domain::embedding::ModelId;
use faceauth_domain::policy::{Cascade, MatchPolicy};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::error::VisionError;

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
    /// Turns an aligned face into a vector.
    pub embedding: EmbeddingModel,
    /// The matcher before it, while people move from one to the other.
    pub previous_embedding: Option<EmbeddingModel>,
    /// Tells bona fide presentations from attacks.
    pub pad: Pad,
}

/// What every model has.
#[derive(Debug, Clone, Deserialize)]
pub struct Weights {
    /// Name of the weights; part of logs, never of a decision.
    pub id: String,
    /// File below the weights folder.
    pub file: PathBuf,
    /// SHA-256 of the file, lower-case hexadecimal.
    pub sha256: String,
    /// The graph's one input.
    pub input: Input,
    /// The outputs that are read.
    pub outputs: Vec<Output>,
}

/// How the input tensor is made.
#[derive(Debug, Clone, Deserialize)]
pub struct Input {
    /// Name in the graph.
    pub name: String,
    /// Dimensions; -1 is free.
    pub shape: Vec<i64>,
    /// Order of the dimensions.
    pub layout: Layout,
    /// Order of the colour channels.
    pub channels: Channels,
    /// Subtracted from each channel (0 to 255) first, in `channels` order.
    pub mean: Vec<f32>,
    /// Multiplied with the difference.
    pub scale: f32,
}

/// One output.
#[derive(Debug, Clone, Deserialize)]
pub struct Output {
    /// Name in the graph.
    pub name: String,
    /// Dimensions; -1 is free.
    pub shape: Vec<i64>,
    /// What it says, for people.
    pub meaning: String,
}

/// Order of a tensor's dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Batch, channel, row, column.
    Nchw,
    /// Batch, row, column, channel.
    Nhwc,
}

/// Order of colour channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channels {
    /// Red first.
    Rgb,
    /// Blue first.
    Bgr,
    /// One channel, ITU-R BT.601 luma.
    Grey,
}

impl Channels {
    /// How many there are.
    #[must_use]
    pub fn count(self) -> usize {
        match self {
            Self::Rgb | Self::Bgr => 3,
            Self::Grey => 1,
        }
    }
}

/// The face detector: outputs as YuNet has them.
#[derive(Debug, Clone, Deserialize)]
pub struct Detection {
    /// File, hash and tensors.
    #[serde(flatten)]
    pub weights: Weights,
    /// The long side of the first, quick look, which suffices for who is large.
    pub quick_long_side: u32,
    /// The long side is shrunk to this many pixels, never enlarged.
    pub long_side: u32,
    /// The long side of the second look when the first found nothing.
    pub retry_long_side: u32,
    /// Least detection score, 0 to 1.
    pub min_score: f32,
    /// Least detection score of the second look, which sees more of what is no face.
    pub retry_min_score: f32,
    /// Of two boxes with a higher intersection over union, the weaker one goes.
    pub nms_iou: f32,
}

/// The 68-point landmark model.
#[derive(Debug, Clone, Deserialize)]
pub struct Landmarks {
    /// File, hash and tensors.
    #[serde(flatten)]
    pub weights: Weights,
    /// What part of the picture it sees.
    pub crop: Crop,
}

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
    /// The model that may accept by itself.
    pub first_stage: Option<FirstStage>,
    /// Decision thresholds by the false match rate they stand for.
    pub thresholds: Vec<Threshold>,
}

/// The model that may accept by itself, before the others run.
#[derive(Debug, Clone, Deserialize)]
pub struct FirstStage {
    /// Id of one of the models.
    pub model: String,
    /// How much less its cosine counts than that of the whole embedding.
    pub margin: f32,
    /// It accepts nobody of whom it makes a shorter vector, before it is normalised: the other
    /// models are asked whether that is a face they know.
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
    /// Least length of its output before it is normalised. Of what is no upright natural face a
    /// matcher makes a short vector, and much the same one of everybody. 0: not measured.
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
    /// Its probability is kept this far from 0 and 1, so that its certainty cannot drown the
    /// others; with little to say at most, it need not be asked when another is sure.
    #[serde(default = "probability_margin")]
    pub margin: f32,
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

/// A square or box cut around a face and stretched to the input size.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Crop {
    /// The rule.
    pub kind: CropKind,
    /// Factor on the side(s) of the face box.
    pub scale: f32,
    /// How pixels are resampled.
    pub filter: Filter,
}

/// How a cut-out is resampled to the input size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filter {
    /// Bilinear, whatever the scale.
    Linear,
    /// Averages when shrinking, bilinear when enlarging.
    Area,
}

/// Rules to cut around a face box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CropKind {
    /// Square of the box height about the box centre; black outside the picture.
    SquareOnHeight,
    /// Square of the longer box side about the box centre; black outside.
    SquareOnLongest,
    /// The box squared on its height and clipped to the picture, scaled as far as the
    /// picture allows, then shifted to lie inside.
    ShiftedSquareOnHeight,
    /// The raw box scaled as far as the picture allows, then shifted to lie inside.
    ShiftedBox,
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
        let detection = &self.detection;
        let probability = |value: f32| (0.0..=1.0).contains(&value);
        let shares = [detection.min_score, detection.retry_min_score, detection.nms_iou];
        if !shares.into_iter().all(probability) {
            return Err(
                "detection: min_score, retry_min_score and nms_iou lie between 0 and 1".to_owned()
            );
        }
        let sides = [detection.quick_long_side, detection.long_side, detection.retry_long_side];
        if sides[0] < 32 || !sides.is_sorted() {
            return Err(
                "detection: 32 <= quick_long_side <= long_side <= retry_long_side".to_owned()
            );
        }
        for embedding in std::iter::once(&self.embedding).chain(&self.previous_embedding) {
            embedding.check()?;
        }
        if let Some(previous) = &self.previous_embedding
            && previous.id == self.embedding.id
        {
            return Err("previous_embedding: its id is that of embedding".to_owned());
        }
        if self.pad.models.is_empty() {
            return Err("pad: at least one model".to_owned());
        }
        if !probability(self.pad.threshold) || !self.pad.bias.is_finite() {
            return Err("pad: threshold lies between 0 and 1, bias is finite".to_owned());
        }
        for model in &self.pad.models {
            let outputs = model.weights.outputs[0].shape.last().copied().unwrap_or(0);
            let fits = match model.activation {
                Activation::Softmax { bona_fide_index } => (bona_fide_index as i64) < outputs,
                Activation::AttackProbability => outputs == 1,
            };
            if !(1e-6..0.5).contains(&model.margin) {
                return Err(format!("{}: margin lies between 1e-6 and 0.5", model.weights.id));
            }
            if !fits {
                return Err(format!("{}: activation does not fit the output", model.weights.id));
            }
        }
        Ok(())
    }

    /// The weights of every role.
    pub fn all_weights(&self) -> impl Iterator<Item = &Weights> {
        [&self.detection.weights, &self.landmarks.weights]
            .into_iter()
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

impl EmbeddingModel {
    fn check(&self) -> Result<(), String> {
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

    /// Which model may accept by itself, if one may.
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

impl Weights {
    fn check(&self) -> Result<(), String> {
        let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        if self.sha256.len() != 64 || !self.sha256.chars().all(hex) {
            return Err("sha256 has 64 lower-case hexadecimal digits".to_owned());
        }
        if self.file.components().count() != 1 {
            return Err("file is a plain name below the weights folder".to_owned());
        }
        if self.outputs.is_empty() {
            return Err("at least one output".to_owned());
        }
        let channels = self.input.channels.count();
        if self.input.mean.len() != channels {
            return Err(format!("mean has {channels} values"));
        }
        let channel_axis = match self.input.layout {
            Layout::Nchw => 1,
            Layout::Nhwc => 3,
        };
        if self.input.shape.len() != 4 || self.input.shape[channel_axis] != channels as i64 {
            return Err("shape has four dimensions that fit layout and channels".to_owned());
        }
        Ok(())
    }

    /// Reads the file below `folder` and compares its hash. The bytes that were hashed
    /// are the bytes that run: nothing is read twice.
    ///
    /// # Errors
    /// [`VisionError::Io`] or [`VisionError::WrongHash`].
    pub fn read(&self, folder: &Path) -> Result<Vec<u8>, VisionError> {
        let path = folder.join(&self.file);
        let bytes = std::fs::read(&path)
            .map_err(|source| VisionError::Io { path: path.clone(), source })?;
        let found = hex(&Sha256::digest(&bytes));
        if found == self.sha256 {
            Ok(bytes)
        } else {
            Err(VisionError::WrongHash { path, expected: self.sha256.clone(), found })
        }
    }
}

impl Input {
    /// Columns and rows of a fixed-size input; `None` when they are free.
    #[must_use]
    pub fn size(&self) -> Option<(usize, usize)> {
        let (rows, columns) = match self.layout {
            Layout::Nchw => (self.shape[2], self.shape[3]),
            Layout::Nhwc => (self.shape[1], self.shape[2]),
        };
        Some((usize::try_from(columns).ok()?, usize::try_from(rows).ok()?))
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
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
        assert_eq!(manifest.all_weights().count(), 6);
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
