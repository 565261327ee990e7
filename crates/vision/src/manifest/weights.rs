//! A weight file: its hash, and the tensors of its graph.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::error::VisionError;

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

impl Weights {
    pub(super) fn check(&self) -> Result<(), String> {
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
