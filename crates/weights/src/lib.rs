//! From graphs as published to graphs as the service loads them.
//!
//! The service runs ONNX files only and does as little as possible at start, so
//! set-up rewrites what is published in another form. Every preparation is
//! deterministic: the manifest pins the hash of its result.

mod antispoof;
mod batch_norm;
mod chain;
mod denormals;
mod dequantize;
mod input_size;
mod iris;
mod onnx;
mod pad_channels;
mod prelu;
mod prelu_scale;
mod quantise;
mod rewrite;
mod tfjs;
mod unused;

use anyhow::{Context, Result};
use serde::Deserialize;

/// What is done to a graph before the service loads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prepare {
    /// Nothing: the published file is used byte for byte.
    None,
    /// These steps, one after the other.
    Rewrite(Vec<Step>),
    /// A TensorFlow.js graph and its float16 tensors become ONNX, see [`antispoof`].
    TfjsAntispoof,
    /// A TensorFlow.js graph of the points about an eye becomes ONNX, see [`iris`].
    TfjsIris,
}

/// A step that changes a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Stored integers become plain float32 weights, see [`dequantize`].
    FoldDequantize,
    /// The graph accepts any image size, not only the one it was exported with.
    FreeInputSize,
    /// Weights that only make denormals become zero, see [`denormals`].
    FlushDenormals,
    /// Batch normalisation becomes part of convolutions, see [`batch_norm`].
    FoldBatchNorm,
    /// Channels come in whole blocks, see [`pad_channels`].
    PadChannels,
    /// `PRelu` becomes less where the next layer can carry its scale, see [`prelu_scale`].
    ScalePrelu,
    /// `PRelu` becomes what the runtime computes in its fast layout, see [`prelu`].
    SplitPrelu,
    /// Large matrices become integers, see [`quantise`].
    Quantise,
}

/// Prepares a published `graph`; `data` holds its tensors when they are published in a
/// file of their own.
///
/// # Errors
/// When the graph is not of the form the preparation is for, or `data` is missing.
pub fn prepare(kind: &Prepare, graph: &[u8], data: Option<&[u8]>) -> Result<Vec<u8>> {
    match kind {
        Prepare::None => Ok(graph.to_vec()),
        Prepare::Rewrite(steps) => {
            let mut model = onnx::decode(graph)?;
            for step in steps {
                match step {
                    Step::FoldDequantize => dequantize::fold(&mut model),
                    Step::FreeInputSize => input_size::free(&mut model),
                    Step::FlushDenormals => denormals::flush(&mut model),
                    Step::FoldBatchNorm => batch_norm::fold(&mut model),
                    Step::PadChannels => pad_channels::pad(&mut model),
                    Step::ScalePrelu => prelu_scale::scale(&mut model),
                    Step::SplitPrelu => prelu::split(&mut model),
                    Step::Quantise => quantise::quantise(&mut model),
                }
                .with_context(|| format!("{step:?}"))?;
            }
            Ok(onnx::encode(&model))
        }
        Prepare::TfjsAntispoof => Ok(onnx::encode(&antispoof::convert(graph, tensors(data)?)?)),
        Prepare::TfjsIris => Ok(onnx::encode(&iris::convert(graph, tensors(data)?)?)),
    }
}

fn tensors(data: Option<&[u8]>) -> Result<&[u8]> {
    data.context("a TensorFlow.js graph needs its file of tensors")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_byte_for_byte() {
        let graph = b"whatever is published";
        assert_eq!(prepare(&Prepare::None, graph, None).unwrap(), graph);
    }

    #[test]
    fn bytes_that_are_no_graph_are_refused() {
        let noise = b"\xff\xff\xff\xff no graph";
        let fold = Prepare::Rewrite(vec![Step::FoldDequantize, Step::FreeInputSize]);
        assert!(prepare(&fold, noise, None).is_err());
        assert!(prepare(&Prepare::TfjsAntispoof, noise, Some(b"")).is_err());
        assert!(prepare(&Prepare::TfjsIris, noise, Some(b"")).is_err());
    }

    #[test]
    fn tensors_in_a_file_of_their_own_must_be_given() {
        let error = prepare(&Prepare::TfjsAntispoof, b"{}", None).unwrap_err();
        assert!(error.to_string().contains("file of tensors"), "{error}");
    }
}
