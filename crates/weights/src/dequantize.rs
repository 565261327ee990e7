//! Turns weights stored as small integers back into float32.
//!
//! Such files are made for a small download. ONNX Runtime does not take those that scale
//! a whole tensor as a single block, and old ones demand their own constants as inputs.
//! After [`fold`], the graph is an ordinary float32 one, in which the runtime can also
//! merge batch normalisation into convolutions.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result, bail};

use super::onnx::{Dimension, GraphProto, ModelProto, NodeProto, TensorProto, data_type};
use super::rewrite::floats;

/// The operator that is folded.
const DEQUANTIZE: &str = "DequantizeLinear";

/// The axis `DequantizeLinear` scales along when it names none.
const DEFAULT_AXIS: i64 = 1;

/// Replaces every `DequantizeLinear` of constants by its float32 result.
///
/// Constants and inputs nobody uses any more are dropped. Constants are no longer
/// offered as inputs either, which old files do and which keeps the runtime from
/// treating them as constant. Shape hints go, since they may speak of dropped values.
///
/// # Errors
/// When a constant is of an unexpected type, or its shape does not go with its scale.
pub fn fold(model: &mut ModelProto) -> Result<()> {
    let graph = model.graph.as_mut().context("the file holds no graph")?;
    let constants: HashMap<&str, &TensorProto> = graph
        .initializer
        .iter()
        .filter_map(|tensor| Some((tensor.name.as_deref()?, tensor)))
        .collect();

    let mut folded = Vec::new();
    let mut kept = Vec::new();
    for node in &graph.node {
        let is_constant = |name: &String| name.is_empty() || constants.contains_key(&name[..]);
        if node.op_type.as_deref() == Some(DEQUANTIZE) && node.input.iter().all(is_constant) {
            let name = node.output.first().map_or("", String::as_str);
            let value =
                evaluate(node, &constants).with_context(|| format!("cannot fold {name}"))?;
            folded.push(value);
        } else {
            kept.push(node.clone());
        }
    }
    graph.node = kept;
    graph.initializer.extend(folded);
    graph.value_info.clear();
    drop_unused(graph);
    Ok(())
}

/// Drops constants and inputs that no node reads, and nodes that only made them another shape.
pub fn drop_unused(graph: &mut GraphProto) {
    let read = super::rewrite::readers(graph);
    graph.node.retain(|node| {
        !node.is("Reshape") || node.output.iter().any(|name| read.contains_key(name))
    });
    let outputs = graph.output.iter().filter_map(|output| output.name.clone());
    let used: HashSet<String> =
        graph.node.iter().flat_map(|node| node.input.iter().cloned()).chain(outputs).collect();
    let is_used = |name: &Option<String>| name.as_ref().is_some_and(|name| used.contains(name));

    graph.initializer.retain(|tensor| is_used(&tensor.name));
    let constants: HashSet<&Option<String>> =
        graph.initializer.iter().map(|tensor| &tensor.name).collect();
    graph.input.retain(|input| is_used(&input.name) && !constants.contains(&input.name));
}

/// Frees the height and width of the one image input (`NCHW`), and with them the second
/// dimension of every output, which counts the cells the image is divided into.
///
/// # Errors
/// When the graph is not of that form.
pub fn free_input_size(model: &mut ModelProto) -> Result<()> {
    let graph = model.graph.as_mut().context("the file holds no graph")?;
    let [image] = &mut graph.input[..] else {
        bail!("expected one input, found {}", graph.input.len());
    };
    match image.dims_mut().map(Vec::as_mut_slice) {
        Some([_, _, height, width]) => {
            *height = Dimension::free("height".into());
            *width = Dimension::free("width".into());
        }
        _ => bail!("the input is not a batch of images"),
    }
    for output in &mut graph.output {
        let name = output.name.clone().unwrap_or_default();
        match output.dims_mut().map(Vec::as_mut_slice) {
            Some([_, cells, _]) => *cells = Dimension::free(format!("cells_{name}")),
            _ => bail!("output {name} is not a list of cells"),
        }
    }
    Ok(())
}

/// The value of a `DequantizeLinear` node: (stored - zero point) x scale.
fn evaluate(node: &NodeProto, constants: &HashMap<&str, &TensorProto>) -> Result<TensorProto> {
    let input =
        |index: usize| node.input.get(index).and_then(|name| constants.get(name.as_str())).copied();
    if node.int("output_dtype").is_some_and(|kind| kind != i64::from(data_type::FLOAT)) {
        bail!("the result is not float32");
    }
    let stored = input(0).context("no stored values")?;
    let scale = input(1).context("no scale")?;
    let dims = sizes(stored)?;
    let values = integers(stored)?;
    let scales = floats(scale)?;
    let zeros = match input(2) {
        Some(zero) if zero.dims != scale.dims => bail!("scale and zero point differ in shape"),
        Some(zero) => integers(zero)?,
        None => vec![0; scales.len()],
    };

    let spread = Spread::of(node, &dims, &sizes(scale)?)?;
    let result: Vec<f32> = values
        .iter()
        .enumerate()
        .map(|(index, value)| {
            let at = spread.scale_index(index);
            // At most 9 bits, so exact in a float.
            (value - zeros[at]) as f32 * scales[at]
        })
        .collect();
    let name = node.output.first().context("no output")?;
    Ok(TensorProto::floats(name, &stored.dims, &result))
}

/// Which scale belongs to which stored value.
enum Spread {
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
    fn of(node: &NodeProto, dims: &[usize], scale_dims: &[usize]) -> Result<Spread> {
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
    fn scale_index(&self, index: usize) -> usize {
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

fn sizes(tensor: &TensorProto) -> Result<Vec<usize>> {
    let sizes = tensor.dims.iter().map(|&size| usize::try_from(size));
    sizes.collect::<Result<_, _>>().context("a negative size")
}

/// How many values a tensor of these dimensions holds.
fn count(tensor: &TensorProto) -> Result<usize> {
    let multiply = |count: usize, size| count.checked_mul(size).context("a size beyond memory");
    sizes(tensor)?.into_iter().try_fold(1, multiply)
}

/// The values of an integer constant of four or eight bits.
fn integers(tensor: &TensorProto) -> Result<Vec<i32>> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::{AttributeProto, ValueInfoProto};

    fn stored(name: &str, kind: i32, dims: &[i64], raw: &[u8]) -> TensorProto {
        TensorProto {
            dims: dims.to_vec(),
            data_type: Some(kind),
            name: Some(name.into()),
            raw_data: Some(raw.to_vec()),
            ..TensorProto::default()
        }
    }

    fn int(name: &str, value: i64) -> AttributeProto {
        let name = Some(name.to_owned());
        AttributeProto { name, i: Some(value), ..AttributeProto::default() }
    }

    /// `y = image + dequantized`, in the manner of old files: constants are inputs too.
    fn model(node: NodeProto, constants: Vec<TensorProto>) -> ModelProto {
        let mut input = vec![ValueInfoProto::floats("image", &[1, 3, 8, 8])];
        for constant in &constants {
            input.push(ValueInfoProto { name: constant.name.clone(), ..Default::default() });
        }
        let graph = GraphProto {
            node: vec![node, NodeProto::new("Add", &["image", "weight"], "y")],
            initializer: constants,
            input,
            output: vec![ValueInfoProto::floats("y", &[1, 64, 2])],
            value_info: vec![ValueInfoProto::floats("weight", &[4])],
            ..GraphProto::default()
        };
        ModelProto { graph: Some(graph), ..ModelProto::default() }
    }

    fn dequantize() -> NodeProto {
        NodeProto::new(DEQUANTIZE, &["stored", "scale", "zero"], "weight")
    }

    /// Folds a graph that must end with `weight` as its one constant.
    fn folded(node: NodeProto, constants: Vec<TensorProto>) -> Result<Vec<f32>> {
        let mut model = model(node, constants);
        fold(&mut model)?;
        let graph = model.graph.unwrap();
        assert_eq!(graph.node, [NodeProto::new("Add", &["image", "weight"], "y")]);
        assert_eq!(graph.input, [ValueInfoProto::floats("image", &[1, 3, 8, 8])]);
        assert_eq!(graph.value_info, []);
        let [weight] = &graph.initializer[..] else { panic!("{:?}", graph.initializer) };
        assert_eq!(weight.name.as_deref(), Some("weight"));
        floats(weight)
    }

    #[test]
    fn one_scale_for_the_tensor() {
        let constants = vec![
            stored("stored", data_type::UINT8, &[2, 2], &[0, 128, 130, 255]),
            TensorProto::floats("scale", &[], &[0.5]),
            stored("zero", data_type::UINT8, &[], &[128]),
        ];
        assert_eq!(folded(dequantize(), constants).unwrap(), [-64.0, 0.0, 1.0, 63.5]);
    }

    #[test]
    fn no_zero_point_is_zero() {
        let constants = vec![
            stored("stored", data_type::INT8, &[2], &[0xff, 3]),
            TensorProto::floats("scale", &[1], &[2.0]),
        ];
        let node = NodeProto::new(DEQUANTIZE, &["stored", "scale"], "weight");
        assert_eq!(folded(node, constants).unwrap(), [-2.0, 6.0]);
    }

    #[test]
    fn a_scale_for_each_place_along_an_axis() {
        let constants = |dims: &[i64]| {
            vec![
                stored("stored", data_type::INT8, dims, &[1, 2, 3, 4, 5, 6]),
                TensorProto::floats("scale", &[3], &[1.0, 10.0, 100.0]),
                stored("zero", data_type::INT8, &[3], &[0, 1, 0]),
            ]
        };
        let columns = [1.0, 10.0, 300.0, 4.0, 40.0, 600.0];
        assert_eq!(folded(dequantize(), constants(&[2, 3])).unwrap(), columns);
        let rows = [1.0, 2.0, 20.0, 30.0, 500.0, 600.0];
        let node = dequantize().with(int("axis", -2));
        assert_eq!(folded(node, constants(&[3, 2])).unwrap(), rows);
    }

    #[test]
    fn a_scale_for_each_block_with_a_short_last_one() {
        let constants = vec![
            stored("stored", data_type::INT8, &[2, 3], &[1, 2, 3, 4, 5, 6]),
            TensorProto::floats("scale", &[2, 2], &[1.0, 10.0, 100.0, 1000.0]),
            stored("zero", data_type::INT8, &[2, 2], &[0, 0, 0, 1]),
        ];
        let node = dequantize().with(int("block_size", 2));
        assert_eq!(folded(node, constants).unwrap(), [1.0, 2.0, 30.0, 400.0, 500.0, 5000.0]);
    }

    #[test]
    fn blocks_along_the_first_axis() {
        let constants = vec![
            stored("stored", data_type::INT8, &[3, 2], &[1, 2, 3, 4, 5, 6]),
            TensorProto::floats("scale", &[2, 2], &[1.0, 10.0, 100.0, 1000.0]),
            stored("zero", data_type::INT8, &[2, 2], &[0; 4]),
        ];
        let node = dequantize().with(int("axis", 0)).with(int("block_size", 2));
        assert_eq!(folded(node, constants).unwrap(), [1.0, 20.0, 3.0, 40.0, 500.0, 6000.0]);
    }

    #[test]
    fn halves_of_bytes_start_with_the_low_one() {
        let scale = || TensorProto::floats("scale", &[], &[1.0]);
        let node = || NodeProto::new(DEQUANTIZE, &["stored", "scale"], "weight");
        let raw = [0xf1, 0x08];
        let signed = vec![stored("stored", data_type::INT4, &[3], &raw), scale()];
        assert_eq!(folded(node(), signed).unwrap(), [1.0, -1.0, -8.0]);
        let unsigned = vec![stored("stored", data_type::UINT4, &[3], &raw), scale()];
        assert_eq!(folded(node(), unsigned).unwrap(), [1.0, 15.0, 8.0]);
    }

    #[test]
    fn what_is_computed_from_an_input_stays() {
        let node = NodeProto::new(DEQUANTIZE, &["image", "scale"], "weight");
        let mut model = model(node, vec![TensorProto::floats("scale", &[], &[1.0])]);
        fold(&mut model).unwrap();
        let graph = model.graph.unwrap();
        assert_eq!(graph.node.len(), 2);
        assert_eq!(graph.initializer.len(), 1);
    }

    #[test]
    fn a_scale_of_another_shape_is_refused() {
        let constants = vec![
            stored("stored", data_type::INT8, &[2, 3], &[1, 2, 3, 4, 5, 6]),
            TensorProto::floats("scale", &[2], &[1.0, 2.0]),
            stored("zero", data_type::INT8, &[2], &[0, 0]),
        ];
        let error = format!("{:#}", folded(dequantize(), constants).unwrap_err());
        assert!(error.contains("a scale of [2] where [3] is due"), "{error}");
    }

    #[test]
    fn a_tensor_that_is_cut_short_is_refused() {
        let constants = vec![
            stored("stored", data_type::INT8, &[2, 3], &[1, 2, 3, 4, 5]),
            TensorProto::floats("scale", &[], &[1.0]),
            stored("zero", data_type::INT8, &[], &[0]),
        ];
        let error = format!("{:#}", folded(dequantize(), constants).unwrap_err());
        assert!(error.contains("5 bytes for 6 values"), "{error}");
    }

    #[test]
    fn the_size_of_the_image_is_freed() {
        let mut model = model(dequantize(), Vec::new());
        free_input_size(&mut model).unwrap();
        let graph = model.graph.as_mut().unwrap();
        let names = |value: &mut ValueInfoProto| -> Vec<Option<String>> {
            value.dims_mut().unwrap().iter().map(|dim| dim.dim_param.clone()).collect()
        };
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(names(&mut graph.input[0]), [None, None, some("height"), some("width")]);
        assert_eq!(names(&mut graph.output[0]), [None, some("cells_y"), None]);
    }

    #[test]
    fn a_graph_of_something_else_keeps_its_size() {
        let mut model = model(dequantize(), Vec::new());
        model.graph.as_mut().unwrap().input[0] = ValueInfoProto::floats("image", &[1, 3]);
        assert!(free_input_size(&mut model).is_err());
    }
}
