//! Operations and their settings.

use anyhow::{Context, Result};
use prost::Message;

use super::tensor::TensorProto;

/// `AttributeProto.AttributeType` of an integer.
const INT: i32 = 2;

/// `AttributeProto.AttributeType` of a list of integers.
const INTS: i32 = 7;

/// One operation.
#[derive(Clone, PartialEq, Message)]
pub struct NodeProto {
    /// Names of its inputs; an empty one means that an optional input is left out.
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

    /// Whether it is this operation.
    pub fn is(&self, op_type: &str) -> bool {
        self.op_type.as_deref() == Some(op_type)
    }

    /// The name of its first output.
    ///
    /// # Errors
    /// When it has none.
    pub fn result(&self) -> Result<&str> {
        self.output.first().map(String::as_str).context("a node without an output")
    }

    /// The name of an input that must be there.
    ///
    /// # Errors
    /// When it is not.
    pub fn operand(&self, index: usize) -> Result<&str> {
        let name = self.input.get(index).map(String::as_str).filter(|name| !name.is_empty());
        name.with_context(|| format!("{:?} has no input {index}", self.output))
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
