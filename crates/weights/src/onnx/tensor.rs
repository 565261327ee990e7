//! Constants.

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
