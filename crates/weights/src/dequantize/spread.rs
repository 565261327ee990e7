//! Which scale belongs to which stored value.

use anyhow::{Context, Result, bail};

use crate::onnx::NodeProto;

/// The axis `DequantizeLinear` scales along when it names none.
const DEFAULT_AXIS: i64 = 1;

/// Which scale belongs to which stored value.
pub enum Spread {
    /// One scale for the whole tensor.
    Tensor,
    /// Each place along an axis has a scale, for the whole of the other axes.
    Axis {
        /// The size of the axis.
        length: usize,
        /// How many values lie between neighbours along it.
        stride: usize,
    },
    /// A run of values along an axis shares a scale; the other axes share none.
    Blocks {
        /// As in `Axis`.
        length: usize,
        /// As in `Axis`.
        stride: usize,
        /// How many neighbours make a run; the last one may be shorter.
        block: usize,
    },
}

impl Spread {
    /// As `node` says, for stored values of `dims` and scales of `scale_dims`.
    ///
    /// # Errors
    /// When the scales are not of the shape that this asks for.
    pub fn of(node: &NodeProto, dims: &[usize], scale_dims: &[usize]) -> Result<Spread> {
        let block = usize::try_from(node.int("block_size").unwrap_or(0))?;
        if block == 0 && scale_dims.iter().all(|&size| size == 1) {
            return Ok(Spread::Tensor);
        }
        let axis = node.int("axis").unwrap_or(DEFAULT_AXIS);
        let from_the_end = if axis < 0 { i64::try_from(dims.len())? } else { 0 };
        let axis = usize::try_from(axis + from_the_end)?;
        let length = *dims.get(axis).with_context(|| format!("no axis {axis} in {dims:?}"))?;
        let stride = dims[axis + 1..].iter().product();

        let (spread, expected) = if block == 0 {
            (Spread::Axis { length, stride }, vec![length])
        } else {
            let mut expected = dims.to_vec();
            expected[axis] = length.div_ceil(block);
            (Spread::Blocks { length, stride, block }, expected)
        };
        if scale_dims != expected {
            bail!("a scale of {scale_dims:?} where {expected:?} is due");
        }
        Ok(spread)
    }

    /// The position of the scale for the value at `index`, both row-major.
    pub fn scale_index(&self, index: usize) -> usize {
        match *self {
            Spread::Tensor => 0,
            Spread::Axis { length, stride } => index / stride % length,
            Spread::Blocks { length, stride, block } => {
                let before = index / (stride * length);
                let place = index / stride % length / block;
                (before * length.div_ceil(block) + place) * stride + index % stride
            }
        }
    }
}
