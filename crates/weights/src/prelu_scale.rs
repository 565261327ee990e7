//! `PRelu` whose scale the next convolution carries.
//!
//! With slopes `a` and `d = 1 - a`, `PRelu(x) = d (relu(x) + (a / d) x)`. A convolution behind it
//! multiplies its weights by `d`, input channel by input channel, and what stays is a `Relu` and one
//! depthwise convolution of 1 x 1 where [`crate::prelu`] needs two.

use anyhow::Result;

use crate::onnx::{ModelProto, NodeProto, TensorProto};
use crate::prelu::multiplied;
use crate::rewrite::{Constant, Constants, graph, readers};
use crate::unused::drop_unused;

/// Least `|1 - a|`: nearer to 1, `a / d` would lose digits of float32.
const LEAST_SCALE: f32 = 0.05;

/// Replaces every `PRelu` that only convolutions with weights of their own read; others stay.
///
/// # Errors
/// When slopes or weights are no constants.
pub fn scale(model: &mut ModelProto) -> Result<()> {
    let graph = graph(model)?;
    let readers = readers(graph);
    let mut nodes = Vec::new();
    let mut tensors = Vec::new();
    let constants = Constants::of(graph);
    for node in &graph.node {
        if !node.is("PRelu") {
            nodes.push(node.clone());
            continue;
        }
        let (input, result) = (node.operand(0)?, node.result()?);
        let slopes = constants.list(node.operand(1)?)?;
        let scales: Vec<f32> = slopes.iter().map(|a| 1.0 - a).collect();
        let behind = || graph.node.iter().filter(|next| next.input.iter().any(|i| i == result));
        let mut carried = Vec::new();
        for next in behind().filter(|next| next.is("Conv") && next.input[0] == result) {
            let weights = next.operand(1)?;
            if readers.get(weights) == Some(&1) {
                carried.extend(carry(weights, &constants.get(weights)?, next, &scales)?);
            }
        }
        let all = readers.get(result) == Some(&carried.len()) && behind().count() == carried.len();
        if !all || scales.iter().any(|scale| scale.abs() < LEAST_SCALE) {
            nodes.push(node.clone());
            continue;
        }
        tensors.extend(carried);
        let (scaled, rectified) = (format!("{result}_scaled"), format!("{result}_rectified"));
        let factors: Vec<f32> = slopes.iter().zip(&scales).map(|(a, d)| a / d).collect();
        let (factors, product) = multiplied(input, &scaled, &factors);
        tensors.push(factors);
        nodes.push(NodeProto::new("Relu", &[input], &rectified));
        nodes.push(product);
        nodes.push(NodeProto::new("Add", &[&scaled, &rectified], result));
    }
    graph.node = nodes;
    for tensor in tensors {
        graph.initializer.retain(|other| other.name != tensor.name);
        graph.initializer.push(tensor);
    }
    drop_unused(graph);
    Ok(())
}

/// The weights of a convolution (outputs x inputs of a group x height x width) that carry the scales
/// of its input channels; `None` when there is not one scale for each channel.
fn carry(
    name: &str,
    weights: &Constant,
    convolution: &NodeProto,
    scales: &[f32],
) -> Result<Option<TensorProto>> {
    let groups = usize::try_from(convolution.int("group").unwrap_or(1))?;
    let [outputs, inputs, height, width] = weights.dims.as_slice() else { return Ok(None) };
    let (outputs, inputs) = (usize::try_from(*outputs)?, usize::try_from(*inputs)?);
    let each = usize::try_from(height * width)?;
    if groups == 0 || outputs % groups != 0 || groups * inputs != scales.len() || each == 0 {
        return Ok(None);
    }
    let mut values = weights.values.clone();
    for (at, kernel) in values.chunks_mut(each).enumerate() {
        let group = at / inputs / (outputs / groups);
        let scale = scales[group * inputs + at % inputs];
        kernel.iter_mut().for_each(|weight| *weight *= scale);
    }
    Ok(Some(TensorProto::floats(name, &weights.dims, &values)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::{AttributeProto, GraphProto, ValueInfoProto};
    use crate::rewrite::floats;

    /// `PRelu` of three channels, read by `next` with weights `w` of `dims`.
    fn behind(next: &str, dims: &[i64], group: i64, slopes: &[f32]) -> GraphProto {
        let count: i64 = dims.iter().product();
        let weights: Vec<f32> = (1..=count).map(|n| n as f32).collect();
        let graph = GraphProto {
            node: vec![
                NodeProto::new("PRelu", &["x", "a"], "y"),
                NodeProto::new(next, &["y", "w"], "z").with(AttributeProto::int("group", group)),
            ],
            initializer: vec![
                TensorProto::floats("a", &[slopes.len() as i64, 1, 1], slopes),
                TensorProto::floats("w", dims, &weights),
            ],
            input: vec![ValueInfoProto::floats("x", &[1, 3, 1, 1])],
            output: vec![ValueInfoProto::floats("z", &[1, dims[0], 1, 1])],
            ..GraphProto::default()
        };
        let mut model = ModelProto { graph: Some(graph), ..ModelProto::default() };
        scale(&mut model).unwrap();
        model.graph.unwrap()
    }

    fn values(graph: &GraphProto, name: &str) -> Vec<f32> {
        floats(graph.initializer.iter().find(|t| t.name.as_deref() == Some(name)).unwrap()).unwrap()
    }

    #[test]
    fn relu_and_one_factor_give_what_prelu_gives_times_its_scale() {
        let slopes = [0.25, -0.5, 1.5];
        let scales = [0.75, 1.5, -0.5];
        let graph = behind("Conv", &[2, 3, 1, 1], 1, &slopes);
        let kinds: Vec<_> = graph.node.iter().map(|n| n.op_type.clone().unwrap()).collect();
        assert_eq!(kinds, ["Relu", "Conv", "Add", "Conv"]);
        let factors = values(&graph, "y_scaled_factor");
        for x in [-2.0f32, 0.0, 3.0] {
            for (channel, slope) in slopes.iter().enumerate() {
                let prelu = if x < 0.0 { slope * x } else { x };
                let carried = scales[channel] * (x.max(0.0) + factors[channel] * x);
                assert!((carried - prelu).abs() < 1e-6, "{x} {slope}");
            }
        }
        let expected = [0.75, 3.0, -1.5, 3.0, 7.5, -3.0];
        assert_eq!(values(&graph, "w"), expected);
    }

    #[test]
    fn depthwise_weights_take_the_scale_of_their_channel() {
        let graph = behind("Conv", &[3, 1, 1, 2], 3, &[0.5, 0.0, -1.0]);
        assert_eq!(values(&graph, "w"), [0.5, 1.0, 3.0, 4.0, 10.0, 12.0]);
    }

    #[test]
    fn what_nobody_can_carry_stays() {
        for graph in [
            behind("Mul", &[3, 1, 1, 1], 1, &[0.25; 3]),
            // Too near to the identity.
            behind("Conv", &[2, 3, 1, 1], 1, &[0.25, 0.99, 0.25]),
            // One slope for every channel.
            behind("Conv", &[2, 3, 1, 1], 1, &[0.25]),
        ] {
            assert!(graph.node[0].is("PRelu"));
            assert_eq!(values(&graph, "w")[0], 1.0);
        }
    }
}
