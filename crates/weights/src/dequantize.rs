//! Turns weights stored as small integers back into float32.
//!
//! Such files are made for a small download. ONNX Runtime does not take those that scale
//! a whole tensor as a single block, and old ones demand their own constants as inputs.
//! After [`fold`], the graph is an ordinary float32 one, in which the runtime can also
//! merge batch normalisation into convolutions.

mod spread;
mod stored;

use std::collections::HashMap;

use anyhow::{Context, Result, bail};

use crate::onnx::{ModelProto, NodeProto, TensorProto, data_type};
use crate::rewrite::floats;
use crate::unused::drop_unused;
use spread::Spread;
use stored::{integers, sizes};

/// The operator that is folded.
const DEQUANTIZE: &str = "DequantizeLinear";

/// Replaces every `DequantizeLinear` of constants by its float32 result.
///
/// Unused constants and inputs are dropped. Constants are no longer offered as inputs: old files do
/// that, and the runtime then does not treat them as constant. Shape hints are dropped, because
/// they may name dropped values.
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
#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::{AttributeProto, GraphProto, ValueInfoProto};

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
}
