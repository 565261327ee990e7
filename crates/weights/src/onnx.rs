//! The part of the ONNX file format that the prepared graphs use.
//!
//! Field numbers and types are those of `onnx.proto` (proto2: a set field is written
//! even when it holds its default, and repeated integers are packed only where the
//! format says so). Everything else the format knows (nested graphs, functions, sparse
//! or external tensors) is left out on purpose: [`decode`] refuses a file that uses it.

use anyhow::{Context, Result, bail};
use prost::Message;

/// `TensorProto.DataType` values.
pub mod data_type {
    /// 32-bit floating point.
    pub const FLOAT: i32 = 1;
    /// Unsigned byte.
    pub const UINT8: i32 = 2;
    /// Signed byte.
    pub const INT8: i32 = 3;
    /// Unsigned, two to a byte, the first in the low half.
    pub const UINT4: i32 = 21;
    /// Signed, two to a byte, the first in the low half.
    pub const INT4: i32 = 22;
}

/// `AttributeProto.AttributeType` of an integer.
const INT: i32 = 2;

/// `AttributeProto.AttributeType` of a list of integers.
const INTS: i32 = 7;

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

/// One operation.
#[derive(Clone, PartialEq, Message)]
pub struct NodeProto {
    /// Names of its inputs; an empty one stands for an optional input left out.
    #[prost(string, repeated, tag = "1")]
    pub input: Vec<String>,
    /// Names of its outputs.
    #[prost(string, repeated, tag = "2")]
    pub output: Vec<String>,
    /// The node's own name.
    #[prost(string, optional, tag = "3")]
    pub name: Option<String>,
    /// The operator.
    #[prost(string, optional, tag = "4")]
    pub op_type: Option<String>,
    /// Its settings.
    #[prost(message, repeated, tag = "5")]
    pub attribute: Vec<AttributeProto>,
    /// Free text.
    #[prost(string, optional, tag = "6")]
    pub doc_string: Option<String>,
    /// The operator set; empty or absent for ONNX's own.
    #[prost(string, optional, tag = "7")]
    pub domain: Option<String>,
}

impl NodeProto {
    /// A node of ONNX's own operator set, named after its output.
    pub fn new(op_type: &str, input: &[&str], output: &str) -> NodeProto {
        NodeProto {
            input: input.iter().map(ToString::to_string).collect(),
            output: vec![output.to_owned()],
            name: Some(output.to_owned()),
            op_type: Some(op_type.to_owned()),
            ..NodeProto::default()
        }
    }

    /// The same node with one more attribute.
    pub fn with(mut self, attribute: AttributeProto) -> NodeProto {
        self.attribute.push(attribute);
        self
    }

    /// The same node of another operator set.
    pub fn of(mut self, domain: &str) -> NodeProto {
        self.domain = Some(domain.to_owned());
        self
    }

    /// The list of integers `name`, empty when it is not set.
    pub fn list(&self, name: &str) -> &[i64] {
        let attribute = self.attribute.iter().find(|a| a.name.as_deref() == Some(name));
        attribute.map_or(&[], |attribute| &attribute.ints)
    }

    /// The number `name`, when it is set.
    pub fn float(&self, name: &str) -> Option<f32> {
        self.attribute.iter().find(|a| a.name.as_deref() == Some(name))?.f
    }

    /// The integer attribute `name`, when it is set.
    pub fn int(&self, name: &str) -> Option<i64> {
        self.attribute.iter().find(|a| a.name.as_deref() == Some(name))?.i
    }
}

/// A setting of an operation: one of the value fields is set, `type` says which.
#[derive(Clone, PartialEq, Message)]
pub struct AttributeProto {
    /// Its name.
    #[prost(string, optional, tag = "1")]
    pub name: Option<String>,
    /// A number.
    #[prost(float, optional, tag = "2")]
    pub f: Option<f32>,
    /// An integer.
    #[prost(int64, optional, tag = "3")]
    pub i: Option<i64>,
    /// Text.
    #[prost(bytes = "vec", optional, tag = "4")]
    pub s: Option<Vec<u8>>,
    /// A tensor.
    #[prost(message, optional, tag = "5")]
    pub t: Option<TensorProto>,
    /// Numbers.
    #[prost(float, repeated, packed = "false", tag = "7")]
    pub floats: Vec<f32>,
    /// Integers.
    #[prost(int64, repeated, packed = "false", tag = "8")]
    pub ints: Vec<i64>,
    /// Texts.
    #[prost(bytes = "vec", repeated, tag = "9")]
    pub strings: Vec<Vec<u8>>,
    /// Free text.
    #[prost(string, optional, tag = "13")]
    pub doc_string: Option<String>,
    /// Which field is set.
    #[prost(int32, optional, tag = "20")]
    pub r#type: Option<i32>,
}

impl AttributeProto {
    /// An integer.
    pub fn int(name: &str, value: i64) -> AttributeProto {
        AttributeProto {
            name: Some(name.to_owned()),
            i: Some(value),
            r#type: Some(INT),
            ..AttributeProto::default()
        }
    }

    /// A list of integers.
    pub fn ints(name: &str, values: &[i64]) -> AttributeProto {
        AttributeProto {
            name: Some(name.to_owned()),
            ints: values.to_vec(),
            r#type: Some(INTS),
            ..AttributeProto::default()
        }
    }
}

/// A constant; its values are in one of the data fields.
#[derive(Clone, PartialEq, Message)]
pub struct TensorProto {
    /// Its shape; empty for a scalar.
    #[prost(int64, repeated, packed = "false", tag = "1")]
    pub dims: Vec<i64>,
    /// See [`data_type`].
    #[prost(int32, optional, tag = "2")]
    pub data_type: Option<i32>,
    /// Values of 32-bit floats.
    #[prost(float, repeated, tag = "4")]
    pub float_data: Vec<f32>,
    /// Values of integers up to 32 bits.
    #[prost(int32, repeated, tag = "5")]
    pub int32_data: Vec<i32>,
    /// Values of 64-bit integers.
    #[prost(int64, repeated, tag = "7")]
    pub int64_data: Vec<i64>,
    /// The name nodes call it by.
    #[prost(string, optional, tag = "8")]
    pub name: Option<String>,
    /// Values of any type, little-endian, row-major.
    #[prost(bytes = "vec", optional, tag = "9")]
    pub raw_data: Option<Vec<u8>>,
    /// Free text.
    #[prost(string, optional, tag = "12")]
    pub doc_string: Option<String>,
}

impl TensorProto {
    /// A constant of unsigned bytes.
    pub fn bytes(name: &str, dims: &[i64], values: &[u8]) -> TensorProto {
        TensorProto {
            dims: dims.to_vec(),
            data_type: Some(data_type::UINT8),
            name: Some(name.to_owned()),
            raw_data: Some(values.to_vec()),
            ..TensorProto::default()
        }
    }

    /// A constant of signed bytes.
    pub fn signed_bytes(name: &str, dims: &[i64], values: &[i8]) -> TensorProto {
        let values: Vec<u8> = values.iter().map(|value| value.cast_unsigned()).collect();
        let data_type = Some(data_type::INT8);
        TensorProto { data_type, ..TensorProto::bytes(name, dims, &values) }
    }

    /// A float32 constant.
    pub fn floats(name: &str, dims: &[i64], values: &[f32]) -> TensorProto {
        TensorProto {
            dims: dims.to_vec(),
            data_type: Some(data_type::FLOAT),
            name: Some(name.to_owned()),
            raw_data: Some(values.iter().flat_map(|value| value.to_le_bytes()).collect()),
            ..TensorProto::default()
        }
    }
}

/// The name and type of an input or output.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct ValueInfoProto {
    /// Its name.
    #[prost(string, optional, tag = "1")]
    pub name: Option<String>,
    /// Its type.
    #[prost(message, optional, tag = "2")]
    pub r#type: Option<TypeProto>,
    /// Free text.
    #[prost(string, optional, tag = "3")]
    pub doc_string: Option<String>,
}

impl ValueInfoProto {
    /// A float32 tensor of a fixed shape.
    pub fn floats(name: &str, dims: &[i64]) -> ValueInfoProto {
        let dim = dims
            .iter()
            .map(|&value| Dimension { dim_value: Some(value), ..Dimension::default() })
            .collect();
        let tensor =
            TensorType { elem_type: Some(data_type::FLOAT), shape: Some(TensorShapeProto { dim }) };
        ValueInfoProto {
            name: Some(name.to_owned()),
            r#type: Some(TypeProto { tensor_type: Some(tensor) }),
            doc_string: None,
        }
    }

    /// The dimensions, when this is a tensor whose rank is stated.
    pub fn dims_mut(&mut self) -> Option<&mut Vec<Dimension>> {
        let tensor = self.r#type.as_mut()?.tensor_type.as_mut()?;
        Some(&mut tensor.shape.as_mut()?.dim)
    }
}

/// The type of a value; of the kinds there are, only tensors are read.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct TypeProto {
    /// A tensor's type.
    #[prost(message, optional, tag = "1")]
    pub tensor_type: Option<TensorType>,
}

/// The type of a tensor.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct TensorType {
    /// See [`data_type`].
    #[prost(int32, optional, tag = "1")]
    pub elem_type: Option<i32>,
    /// Its shape.
    #[prost(message, optional, tag = "2")]
    pub shape: Option<TensorShapeProto>,
}

/// The shape of a tensor.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct TensorShapeProto {
    /// One entry per dimension.
    #[prost(message, repeated, tag = "1")]
    pub dim: Vec<Dimension>,
}

/// A dimension: fixed, named and free, or unknown.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Dimension {
    /// Its fixed size.
    #[prost(int64, optional, tag = "1")]
    pub dim_value: Option<i64>,
    /// The name of a size that is known only when the graph runs.
    #[prost(string, optional, tag = "2")]
    pub dim_param: Option<String>,
}

impl Dimension {
    /// A size known only when the graph runs.
    pub fn free(name: String) -> Dimension {
        Dimension { dim_value: None, dim_param: Some(name) }
    }
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
