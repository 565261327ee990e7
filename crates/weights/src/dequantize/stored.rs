//! Stored integers, of four or eight bits.

use anyhow::{Context, Result, bail};

use crate::onnx::{TensorProto, data_type};

/// The dimensions of a tensor.
///
/// # Errors
/// When one is negative.
pub fn sizes(tensor: &TensorProto) -> Result<Vec<usize>> {
    let sizes = tensor.dims.iter().map(|&size| usize::try_from(size));
    sizes.collect::<Result<_, _>>().context("a negative size")
}

/// How many values a tensor of these dimensions holds.
fn count(tensor: &TensorProto) -> Result<usize> {
    let multiply = |count: usize, size| count.checked_mul(size).context("a size beyond memory");
    sizes(tensor)?.into_iter().try_fold(1, multiply)
}

/// The values of an integer constant of four or eight bits.
///
/// # Errors
/// When it is of another type, or holds more or fewer bytes than its shape asks for.
pub fn integers(tensor: &TensorProto) -> Result<Vec<i32>> {
    let raw = tensor.raw_data.as_deref().context("integers that are not stored as raw bytes")?;
    let count = count(tensor)?;
    let signed = |byte: u8| i32::from(byte.cast_signed());
    // Shifted back down, a half at the top of a signed byte repeats its sign bit.
    let halves = raw.iter().flat_map(|&byte| [byte << 4, byte & 0xf0]);
    let (values, per_byte): (Vec<i32>, usize) = match tensor.data_type {
        Some(data_type::INT8) => (raw.iter().map(|&byte| signed(byte)).collect(), 1),
        Some(data_type::UINT8) => (raw.iter().map(|&byte| i32::from(byte)).collect(), 1),
        // An odd number of halves leaves the last one of the last byte unused.
        Some(data_type::INT4) => (halves.take(count).map(|half| signed(half) >> 4).collect(), 2),
        Some(data_type::UINT4) => {
            (halves.take(count).map(|half| i32::from(half >> 4)).collect(), 2)
        }
        other => bail!("stored values of type {other:?}"),
    };
    if raw.len() != count.div_ceil(per_byte) {
        bail!("{} bytes for {count} values", raw.len());
    }
    Ok(values)
}
