//! Names, types and shapes of inputs and outputs.

use prost::Message;

use super::tensor::data_type;

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
