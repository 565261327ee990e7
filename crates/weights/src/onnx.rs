//! The part of the ONNX file format that the prepared graphs use.
//!
//! Field numbers and types are those of `onnx.proto` (proto2: a set field is written
//! even when it holds its default, and repeated integers are packed only where the
//! format says so). Everything else the format knows (nested graphs, functions, sparse
//! or external tensors) is left out on purpose: [`decode`] refuses a file that uses it.

mod node;
mod shape;
mod tensor;

use anyhow::{Context, Result, bail};
use prost::Message;

pub use node::{AttributeProto, NodeProto};
pub use shape::{Dimension, ValueInfoProto};
pub use tensor::{TensorProto, data_type};

/// A file: a graph and the operator versions it is written in.
#[derive(Clone, PartialEq, Message)]
pub struct ModelProto {
    /// Version of the file format.
    #[prost(int64, optional, tag = "1")]
    pub ir_version: Option<i64>,
    /// The program that wrote the file.
    #[prost(string, optional, tag = "2")]
    pub producer_name: Option<String>,
    /// Its version.
    #[prost(string, optional, tag = "3")]
    pub producer_version: Option<String>,
    /// A name space for the model.
    #[prost(string, optional, tag = "4")]
    pub domain: Option<String>,
    /// Version of the model.
    #[prost(int64, optional, tag = "5")]
    pub model_version: Option<i64>,
    /// Free text.
    #[prost(string, optional, tag = "6")]
    pub doc_string: Option<String>,
    /// What is computed.
    #[prost(message, optional, tag = "7")]
    pub graph: Option<GraphProto>,
    /// The operator sets the graph uses.
    #[prost(message, repeated, tag = "8")]
    pub opset_import: Vec<OperatorSetIdProto>,
}

/// An operator set and its version.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct OperatorSetIdProto {
    /// Empty or absent for ONNX's own.
    #[prost(string, optional, tag = "1")]
    pub domain: Option<String>,
    /// Its version.
    #[prost(int64, optional, tag = "2")]
    pub version: Option<i64>,
}

/// Nodes in the order they run, constants, inputs and outputs.
#[derive(Clone, PartialEq, Message)]
pub struct GraphProto {
    /// The operations, each after those it depends on.
    #[prost(message, repeated, tag = "1")]
    pub node: Vec<NodeProto>,
    /// The graph's name.
    #[prost(string, optional, tag = "2")]
    pub name: Option<String>,
    /// Constants, by name.
    #[prost(message, repeated, tag = "5")]
    pub initializer: Vec<TensorProto>,
    /// Free text.
    #[prost(string, optional, tag = "10")]
    pub doc_string: Option<String>,
    /// What the caller passes.
    #[prost(message, repeated, tag = "11")]
    pub input: Vec<ValueInfoProto>,
    /// What the caller gets.
    #[prost(message, repeated, tag = "12")]
    pub output: Vec<ValueInfoProto>,
    /// Shapes of values in between; a hint, not needed to run.
    #[prost(message, repeated, tag = "13")]
    pub value_info: Vec<ValueInfoProto>,
}

/// Reads a file.
///
/// # Errors
/// When it is not an ONNX file, or uses a part of the format that these structures do
/// not hold and that would therefore be lost.
pub fn decode(bytes: &[u8]) -> Result<ModelProto> {
    let model = ModelProto::decode(bytes).context("this is not an ONNX file")?;
    // Unknown fields are skipped in decoding; what was skipped is missing in the length.
    if model.encoded_len() != bytes.len() {
        bail!("the graph uses parts of the ONNX format that preparation does not know");
    }
    Ok(model)
}

/// Writes a file; the same model always gives the same bytes.
pub fn encode(model: &ModelProto) -> Vec<u8> {
    model.encode_to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> ModelProto {
        let graph = GraphProto {
            node: vec![
                NodeProto::new("Conv", &["x", "w", ""], "y")
                    .with(AttributeProto::ints("pads", &[0, 0, 1, 1]))
                    .with(AttributeProto { i: Some(0), ..AttributeProto::default() }),
            ],
            initializer: vec![TensorProto::floats("w", &[1, 2], &[0.5, -3.0])],
            input: vec![ValueInfoProto::floats("x", &[1, 0])],
            ..GraphProto::default()
        };
        ModelProto { ir_version: Some(8), graph: Some(graph), ..ModelProto::default() }
    }

    #[test]
    fn nothing_is_lost_between_writing_and_reading() {
        let bytes = encode(&model());
        let read = decode(&bytes).unwrap();
        assert_eq!(read, model());
        assert_eq!(encode(&read), bytes);
    }

    #[test]
    fn a_field_nobody_knows_is_refused() {
        let mut bytes = encode(&model());
        // Field 25 of a model, `functions`, with an empty message.
        bytes.extend([0xca, 0x01, 0x00]);
        let error = decode(&bytes).unwrap_err();
        assert!(error.to_string().contains("parts of the ONNX format"), "{error}");
    }
}
